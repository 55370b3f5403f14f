import { parse } from 'yaml';
import type { TargetGroup } from '../ingest/scrape/scrape-job.ts';
import { readText } from './config-file.ts';
import { formatPath, schemaFaults } from './schema-faults.ts';
import { targetGroups } from './scrape-configs.ts';

/** A file of the wrong kind has a fault in every entry. */
const SHOWN_FAULTS = 3;

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
  const faults = schemaFaults(verdict.error, value).map(
    ({ path: place, got, want }) => `${formatPath(place) || 'the file'}: got ${got}; want ${want}`,
  );
  throw new Error(`${path}: ${faults.slice(0, SHOWN_FAULTS).join('; ')}`);
}
