import type { Attributes } from '../otlp/attribute.ts';
import { FAMILIES, type Measurement, OTHER } from './family.ts';
import { textOf } from './label-value.ts';
import { type Span, SpanKind } from './span.ts';

/** Values of `db.system` that `db.system.name` writes otherwise. */
const SYSTEMS: ReadonlyMap<string, string> = new Map([
  ['adabas', 'softwareag.adabas'],
  ['cosmosdb', 'azure.cosmosdb'],
  ['db2', 'ibm.db2'],
  ['dynamodb', 'aws.dynamodb'],
  ['firebird', 'firebirdsql'],
  ['h2', 'h2database'],
  ['hanadb', 'sap.hana'],
  ['informix', 'ibm.informix'],
  ['ingres', 'actian.ingres'],
  ['intersystems_cache', 'intersystems.cache'],
  ['maxdb', 'sap.maxdb'],
  ['mssql', 'microsoft.sql_server'],
  ['netezza', 'ibm.netezza'],
  ['oracle', 'oracle.db'],
  ['redshift', 'aws.redshift'],
  ['spanner', 'gcp.spanner'],
]);

/** Where instrumentations of single databases put the collection before `db.collection.name` stood for all. */
const COLLECTION = [
  'db.collection.name',
  'db.sql.table',
  'db.mongodb.collection',
  'db.cassandra.table',
  'db.cosmosdb.container',
] as const;

/** The first word of a statement is an operation only when it is one of these: any other may be data. */
const VERBS: ReadonlySet<string> = new Set([
  ...['ALTER', 'ANALYZE', 'BEGIN', 'CALL', 'COMMIT', 'COPY', 'CREATE', 'DELETE', 'DROP'],
  ...['EXECUTE', 'EXPLAIN', 'GRANT', 'INSERT', 'LOCK', 'MERGE', 'REFRESH', 'REPLACE'],
  ...['REVOKE', 'ROLLBACK', 'SAVEPOINT', 'SELECT', 'SET', 'SHOW', 'START', 'TRUNCATE'],
  ...['UPDATE', 'UPSERT', 'VACUUM', 'VALUES', 'WITH'],
]);

/**
 * The duration of an operation of a database's client. Both generations of names are read: `db.system.name` and `db.system`,
 * and so on. A span that names no operation, collection or statement is a connection that was opened, and no operation.
 */
export function dbMeasurements({
  kind,
  attributes,
  durationSeconds,
  isError,
}: Span): Measurement[] {
  // A database inside of the process is INTERNAL.
  if (kind !== SpanKind.CLIENT && kind !== SpanKind.INTERNAL) return [];
  const system = textOf(attributes, 'db.system.name', 'db.system');
  if (system === '') return [];
  const operation = operationOf(attributes);
  const collection = textOf(attributes, ...COLLECTION);
  if (operation === '' && collection === '' && !hasStatement(attributes)) return [];
  const labels = [
    SYSTEMS.get(system) ?? system,
    textOf(attributes, 'db.namespace', 'db.name', 'db.redis.database_index'),
    operation,
    collection,
    textOf(attributes, 'error.type') || (isError ? failureOf(attributes) : ''),
  ];
  return [{ family: FAMILIES.dbClient, labels, values: [durationSeconds] }];
}

/** Databases give a code of their own with each failure, and some with each success. */
function failureOf(attributes: Attributes): string {
  return textOf(attributes, 'db.response.status_code') || OTHER;
}

function hasStatement(attributes: Attributes): boolean {
  return attributes.has('db.query.text') || attributes.has('db.statement');
}

/** The operation that the sender names, else the verb of the summary or of the statement. */
function operationOf(attributes: Attributes): string {
  const named = textOf(attributes, 'db.operation.name', 'db.operation');
  if (named !== '') return named;
  for (const name of ['db.query.summary', 'db.query.text', 'db.statement']) {
    const text = attributes.get(name);
    if (typeof text !== 'string') continue;
    const verb = /^[\s(]{0,100}([A-Za-z]{1,20})\b/.exec(text)?.[1]?.toUpperCase() ?? '';
    if (VERBS.has(verb)) return verb;
  }
  return '';
}
