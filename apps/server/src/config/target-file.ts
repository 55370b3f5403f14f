import { parse } from 'yaml';
import type { TargetGroup } from '../ingest/scrape/scrape-job.ts';
import { readText } from './config-file.ts';
import { formatPath, schemaFaults } from './schema-faults.ts';
import { targetGroups } from './scrape-configs.ts';

/**
 * Reads a file of targets: `[{ "targets": ["host:port"], "labels": { … } }]`, in JSON or YAML by its ending.
 *
 * @throws Error whose message says what is wrong, and where
 */
export async function readTargetFile(path: string): Promise<readonly TargetGroup[]> {
  const text = await readText(path);
  // The parser for YAML would do, and take ten times as long.
  const value: unknown = /\.json$/i.test(path) ? JSON.parse(text) : parse(text);
  const verdict = targetGroups.safeParse(value ?? []);
  if (verdict.success) return verdict.data;
  const [fault] = schemaFaults(verdict.error, value);
  const { got, want } = fault ?? { got: 'a mistake', want: 'groups of targets' };
  throw new Error(`${path}: ${formatPath(fault?.path ?? [])}: got ${got}; want ${want}`);
}
