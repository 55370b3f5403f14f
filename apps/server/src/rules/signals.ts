import {
  createLabels,
  labelValue,
  METRIC_NAME,
  type Matcher,
  type Sample,
  type SeriesColumns,
} from '@hubpulse/model';
import type { MetricStore } from '../store/port.ts';
import type { RecordedFigure } from './recorded-figure.ts';
import { serviceSignals } from './service-signals.ts';

/**
 * Records the five signals at `tMs`, as samples for the caller to write: `cpu_usage`, `memory_usage`, `disk_usage`
 * (percent, for each `host_name`), `api_response_time` (ms, p95 of the last minute, for each `job`) and `error_rate`
 * (percent of the last minute's requests, for each `job`), with the quantiles and request rates that the dashboard
 * draws beside them. A host or service without fresh samples gets none: a gap, never a zero.
 */
export type EvaluateSignals = (tMs: number) => Promise<Sample[]>;

/** @param intervalMs How often hosts are sampled: an older sample is no longer the present. */
export function createSignals({
  store,
  intervalMs,
}: {
  store: MetricStore;
  intervalMs: number;
}): EvaluateSignals {
  return async (tMs) => {
    const [hosts, services] = await Promise.all([
      hostSignals(store, { fromMs: tMs - intervalMs + 1, toMs: tMs }),
      serviceSignals(store, tMs),
    ]);
    return [...hosts, ...services].map(({ labels, value }) => ({
      labels: createLabels(labels),
      tMs,
      value,
    }));
  };
}

interface Interval {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Modes in which a CPU does nothing: waiting for a disk is idle time, as `top` counts it. */
const IDLE_MODES = 'idle|iowait';

const PERCENT = 100;

async function hostSignals(store: MetricStore, interval: Interval): Promise<RecordedFigure[]> {
  const [cpu, memory, disk] = await Promise.all([
    byHost(store, interval, [
      { name: METRIC_NAME, op: '=', value: 'system_cpu_utilization_ratio' },
      { name: 'cpu_mode', op: '!~', value: IDLE_MODES },
    ]),
    byHost(store, interval, [
      { name: METRIC_NAME, op: '=', value: 'system_memory_utilization_ratio' },
      { name: 'system_memory_state', op: '=', value: 'used' },
    ]),
    // A read-only mount, such as an image, is full by design and never fills up.
    byHost(store, interval, [
      { name: METRIC_NAME, op: '=', value: 'system_filesystem_utilization_ratio' },
      { name: 'system_filesystem_mode', op: '!=', value: 'ro' },
    ]),
  ]);
  return [
    ...figures('cpu_usage', cpu, (ratios) => ratios.reduce((sum, ratio) => sum + ratio, 0)),
    ...figures('memory_usage', memory, (ratios) => Math.max(...ratios)),
    ...figures('disk_usage', disk, (ratios) => Math.max(...ratios)),
  ];
}

async function byHost(
  store: MetricStore,
  interval: Interval,
  matchers: readonly Matcher[],
): Promise<Map<string, number[]>> {
  const series = await store.select({ matchers, ...interval });
  const grouped = Map.groupBy(series, ({ labels }) => labelValue(labels, 'host_name'));
  return new Map([...grouped].map(([host, members]) => [host, members.map(newestValue)]));
}

function newestValue({ values }: SeriesColumns): number {
  return values.at(-1) ?? Number.NaN;
}

function figures(
  metric: string,
  ratiosByHost: ReadonlyMap<string, number[]>,
  across: (ratios: readonly number[]) => number,
): RecordedFigure[] {
  return [...ratiosByHost].flatMap(([host, ratios]) => {
    const value = across(ratios.filter((ratio) => !Number.isNaN(ratio))) * PERCENT;
    return Number.isFinite(value)
      ? [{ labels: { [METRIC_NAME]: metric, host_name: host }, value }]
      : [];
  });
}
