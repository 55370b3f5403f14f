import { formatLabels } from '@hubpulse/model';
import { createManualClock } from '../../../manual-clock.ts';
import { createMemoryStore } from '../../../store/memory/memory-store.ts';
import type { MetricStore } from '../../../store/port.ts';
import { createIngest, type Ingest } from '../../ingest.ts';
import type { IngestLimits } from '../../limits.ts';
import type { OtlpOutcome } from '../otlp-intake.ts';

/** The time of the tests' clock. */
export const NOW_MS = 1_800_000_000_000;
export const MINUTE_MS = 60_000;

const LIMITS: IngestLimits = {
  maxBodyBytes: 1_000_000,
  maxDecompressedBytes: 4_000_000,
  maxSeries: 10_000,
  maxSeriesPerSender: 10_000,
  maxLabels: 20,
  maxLabelBytes: 100,
  maxAgeMs: 24 * 60 * MINUTE_MS,
  maxFutureMs: 10 * MINUTE_MS,
};

/** Samples by series: milliseconds after `NOW_MS`, and values. */
export type Rows = Record<string, [number, number][]>;

/** Ingest over a store, with shorter words for what tests do with it. */
export class MetricsRig {
  readonly store: MetricStore;
  readonly ingest: Ingest;

  constructor({
    store = createMemoryStore(),
    limits = {},
    nowMs = NOW_MS,
  }: { store?: MetricStore; limits?: Partial<IngestLimits>; nowMs?: number } = {}) {
    this.store = store;
    this.ingest = createIngest({
      store,
      clock: createManualClock(nowMs),
      limits: { ...LIMITS, ...limits },
      seed: 1,
    });
  }

  receive(body: Uint8Array, encoding: 'protobuf' | 'json'): Promise<OtlpOutcome> {
    return this.ingest.otlp.receive({
      signal: 'metrics',
      encoding,
      coding: 'identity',
      body,
      sender: '10.0.0.1',
      lease: { resize: () => undefined },
    });
  }

  /** Sends metrics of the service `api`, in the words of OTLP's JSON. */
  send(...metrics: readonly object[]): Promise<OtlpOutcome> {
    return this.sendFrom([attribute('service.name', 'api')], ...metrics);
  }

  sendFrom(resource: readonly object[], ...metrics: readonly object[]): Promise<OtlpOutcome> {
    const request = {
      resourceMetrics: [{ resource: { attributes: resource }, scopeMetrics: [{ metrics }] }],
    };
    return this.receive(new TextEncoder().encode(JSON.stringify(request)), 'json');
  }

  /** What is in the store, but for `target_info`. The label `job="api"` is left out of names. */
  async rows(): Promise<Rows> {
    const all = await this.allRows();
    const own = Object.entries(all).filter(([name]) => !name.startsWith('target_info'));
    return Object.fromEntries(own.map(([name, rows]) => [shortName(name), rows]));
  }

  async allRows(): Promise<Rows> {
    const series = await this.store.select({
      matchers: [{ name: '__name__', op: '!=', value: '' }],
      fromMs: -8.64e15,
      toMs: 8.64e15,
    });
    return Object.fromEntries(
      series.map(({ labels, tMs, values }) => [
        formatLabels(labels),
        [...tMs].map((t, i): [number, number] => [t - NOW_MS, values[i] as number]),
      ]),
    );
  }
}

const shortName = (name: string): string =>
  name.replace(/,job="api"|job="api",?/, '').replace('{}', '');

/** A KeyValue with a text. */
export const attribute = (key: string, stringValue: string): object => ({
  key,
  value: { stringValue },
});

/** A time as OTLP has it, from milliseconds after `NOW_MS`. */
export const nanos = (afterMs: number): string => `${NOW_MS + afterMs}000000`;

/** The fields of a point at some milliseconds after `NOW_MS`. */
export const at = (
  afterMs: number,
  fields: object,
  { startMs, ...attributes }: { startMs?: number } & Record<string, unknown> = {},
): object => ({
  timeUnixNano: nanos(afterMs),
  ...(startMs === undefined ? {} : { startTimeUnixNano: nanos(startMs) }),
  attributes: Object.entries(attributes).map(([key, value]) => attribute(key, String(value))),
  ...fields,
});

const DELTA = 1;
const CUMULATIVE = 2;

export const gauge = (name: string, ...dataPoints: readonly object[]): object => ({
  name,
  gauge: { dataPoints },
});

/** A sum that only grows. */
export const counter = (
  name: string,
  dataPoints: readonly object[],
  { isDelta = false, ...fields }: { isDelta?: boolean; unit?: string; description?: string } = {},
): object => ({
  name,
  ...fields,
  sum: { dataPoints, isMonotonic: true, aggregationTemporality: isDelta ? DELTA : CUMULATIVE },
});

export const upDown = (
  name: string,
  dataPoints: readonly object[],
  { isDelta = false }: { isDelta?: boolean } = {},
): object => ({
  name,
  sum: { dataPoints, aggregationTemporality: isDelta ? DELTA : CUMULATIVE },
});

export const histogram = (
  name: string,
  dataPoints: readonly object[],
  { isDelta = false }: { isDelta?: boolean } = {},
): object => ({
  name,
  unit: 's',
  histogram: { dataPoints, aggregationTemporality: isDelta ? DELTA : CUMULATIVE },
});

export const exponential = (
  name: string,
  dataPoints: readonly object[],
  { isDelta = false }: { isDelta?: boolean } = {},
): object => ({
  name,
  exponentialHistogram: { dataPoints, aggregationTemporality: isDelta ? DELTA : CUMULATIVE },
});

export const summary = (name: string, ...dataPoints: readonly object[]): object => ({
  name,
  summary: { dataPoints },
});
