import { createLabels, type Labels } from '@hubpulse/model';

/** The step of every workload: what Prometheus scrapes at by default in most set-ups. */
export const STEP_MS = 15_000;

export const HOUR_MS = 3_600_000;

/** Metrics of each host; a workload has as many hosts as it needs. */
const METRICS = [
  'http_requests_total',
  'network_receive_bytes_total',
  'llm_tokens_total',
  'queue_length',
  'connections',
  'cpu_usage_percent',
  'memory_usage_percent',
  'memory_used_bytes',
  'temperature_celsius',
  'load_average',
  'http_errors_total',
  'network_transmit_bytes_total',
  'llm_requests_total',
  'threads',
  'open_files',
  'disk_usage_percent',
  'cache_hit_percent',
  'heap_used_bytes',
  'latency_milliseconds',
  'drift_ratio',
] as const;

type Kind = 'counter' | 'count' | 'percent' | 'bytes' | 'thousandths' | 'full';

/** How a metric moves, by its place among the metrics. */
const KINDS: readonly Kind[] = [
  ...(['counter', 'counter', 'counter', 'count', 'count'] as const),
  ...(['percent', 'percent', 'bytes', 'thousandths', 'full'] as const),
];

/**
 * Series that look like those of real hosts: counters, gauges with 0 to 3 decimals, one series in ten of full precision; half
 * of them with exact time stamps, half a few milliseconds off. Seeded, so that every run has the same samples.
 *
 * Workload A is 2,000 series × 24 h, B is 20,000 series × 2 h, both with a sample each 15 s.
 */
export interface Workload {
  /** Ten labels each. */
  readonly labels: readonly Labels[];
  /** The time of a series' sample at a step, Unix milliseconds. */
  timeOf(series: number, step: number): number;
  /** The next value of a series: one call for each step, in order. */
  nextValue(series: number): number;
}

/**
 * @param startMs The time of step 0.
 * @param environment A label of all series; another one makes other series.
 */
export function createWorkload(
  count: number,
  startMs: number,
  environment = 'production',
): Workload {
  const labels = Array.from({ length: count }, (_, i) => labelsOf(i, environment));
  const last = new Float64Array(count).fill(50);
  const states = Int32Array.from({ length: count }, (_, i) => Math.imul(i + 1, 0x9e3779b1));
  return {
    labels,
    timeOf: (series, step) => startMs + step * STEP_MS + jitterMs(series, step),
    nextValue: (series) => {
      const value = valueAfter(series, last[series] ?? 0, random(states, series));
      last[series] = value;
      return value;
    },
  };
}

function labelsOf(index: number, environment: string): Labels {
  const host = Math.floor(index / METRICS.length);
  return createLabels({
    __name__: METRICS[index % METRICS.length] ?? '',
    cluster: `production-${host % 3}`,
    datacenter: 'eu-west-1',
    environment,
    host: `host-${host}`,
    instance: `10.${host >> 16}.${(host >> 8) % 256}.${host % 256}:9100`,
    job: 'node',
    rack: `rack-${Math.floor(host / 20)}`,
    service: `gateway-${host % 7}`,
    version: `2026.11.${host % 13}`,
  });
}

/** Up to 3 ms early or late, for every second host's series. */
function jitterMs(series: number, step: number): number {
  if (series % 2 === 0) return 0;
  return (Math.imul(series + 7, step + 11) >>> 3) % 7;
}

function valueAfter(series: number, last: number, chance: number): number {
  const wobble = chance - 0.5;
  switch (KINDS[series % KINDS.length] ?? 'full') {
    case 'counter':
      return last + Math.floor(chance * 1000);
    case 'count':
      return Math.round(50 + 40 * wobble);
    case 'percent':
      return Math.round(Math.min(100, Math.max(0, last + 4 * wobble)) * 100) / 100;
    case 'bytes':
      return Math.round((8e9 + 1e9 * wobble) / 4096) * 4096;
    case 'thousandths':
      return Math.round((10 + wobble) * 1000) / 1000;
    case 'full':
      return last + wobble;
  }
}

/** The next number from 0 to below 1 of the generator whose state is an entry of `states` (mulberry32). */
function random(states: Int32Array, index: number): number {
  const state = ((states[index] ?? 0) + 0x6d2b79f5) | 0;
  states[index] = state;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}
