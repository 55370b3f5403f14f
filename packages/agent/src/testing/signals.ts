import { labelValue, METRIC_NAME } from '@hubpulse/model';
import type { HostSnapshot } from '../collector.ts';
import type { HostSample } from '../source.ts';

/** The three host signals in percent, as the server derives them; `undefined` where nothing was measured. */
export interface Signals {
  readonly cpu: number | undefined;
  readonly memory: number | undefined;
  readonly disk: number | undefined;
}

/** Derives the signals: CPU that is neither idle nor waiting for a disk, memory used, the fullest file system. */
export function signalsOf(snapshot: HostSnapshot): Signals {
  const named = (metric: string): readonly HostSample[] =>
    snapshot.samples.filter(({ labels }) => labelValue(labels, METRIC_NAME) === metric);
  const busy = named('system_cpu_utilization_ratio').filter(
    ({ labels }) => !['idle', 'iowait'].includes(labelValue(labels, 'cpu_mode')),
  );
  const used = named('system_memory_utilization_ratio').filter(
    ({ labels }) => labelValue(labels, 'system_memory_state') === 'used',
  );
  const disks = named('system_filesystem_utilization_ratio');
  return {
    cpu: percent(busy, (values) => values.reduce((sum, value) => sum + value, 0)),
    memory: percent(used, ([value = Number.NaN]) => value),
    disk: percent(disks, (values) => Math.max(...values)),
  };
}

function percent(
  samples: readonly HostSample[],
  combine: (values: readonly number[]) => number,
): number | undefined {
  return samples.length === 0 ? undefined : 100 * combine(samples.map(({ value }) => value));
}
