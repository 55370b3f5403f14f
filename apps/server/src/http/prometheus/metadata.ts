import type { MetadataEntry, MetricMetadata } from '../../ingest/metric-metadata.ts';
import type { MetricSource } from '../../self/metric-family.ts';
import { limitOf } from './parameters.ts';

/** Where type, help and unit of metrics come from. */
export interface MetadataSources {
  /** Our own metrics. */
  readonly metrics: MetricSource;
  /** What senders say of theirs. */
  readonly metadata: Pick<MetricMetadata, 'entries'>;
}

/** The answer to `metadata`: a list for each metric. Ours stand first, and what we say of a metric counts. */
export function metadataOf(
  { metrics, metadata }: MetadataSources,
  parameters: URLSearchParams,
): Record<string, readonly MetadataEntry[]> {
  const metric = parameters.get('metric') ?? '';
  const limit = limitOf(parameters, 'limit');
  // Each metric has one entry, so that there is nothing to leave out of one.
  limitOf(parameters, 'limit_per_metric');
  const own = metrics()
    .filter(({ name }) => metric === '' || name === metric)
    .map(({ name, type, help }) => [name, { type, help, unit: '' }] as const);
  const sent = metadata.entries(metric === '' ? undefined : metric);
  const all = new Map<string, MetadataEntry>([...own, ...sent, ...own]);
  return Object.fromEntries([...all].slice(0, limit).map(([name, entry]) => [name, [entry]]));
}
