import type { HostCollector } from '@hubpulse/agent';
import { createLabels, type Label, type Labels } from '@hubpulse/model';
import type { WriteSamples } from './sample-writer.ts';

/** The job under which a host's own metrics are stored. */
const HOST_JOB = 'host';

/**
 * Collects this host's metrics and writes them, with the labels that say whose they are: `job`, `instance` and
 * `host_name`. All of one collection carry the same time, `tMs`; series of the collection before that are not in it end.
 */
export function createOwnHostIngest({
  collector,
  hostName,
  write,
}: {
  collector: HostCollector;
  hostName: string;
  write: WriteSamples;
}): (tMs: number) => Promise<void> {
  const resource: readonly Label[] = [
    ['job', HOST_JOB],
    ['instance', hostName],
    ['host_name', hostName],
  ];
  const known = new WeakMap<Labels, Labels>();
  const withResource = (labels: Labels): Labels => {
    const made = known.get(labels) ?? createLabels([...labels, ...resource]);
    known.set(labels, made);
    return made;
  };
  let previous: ReadonlySet<Labels> = new Set();
  return async (tMs) => {
    const { samples } = await collector.collect();
    const own = samples.map(({ labels, value }) => ({ labels: withResource(labels), tMs, value }));
    const present = new Set(own.map(({ labels }) => labels));
    await write(own, { labels: [...previous].filter((labels) => !present.has(labels)), tMs });
    previous = present;
  };
}
