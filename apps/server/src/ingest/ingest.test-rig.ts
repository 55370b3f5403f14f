import { formatLabels } from '@hubpulse/model';
import { createManualClock } from '../manual-clock.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import type { MetricStore } from '../store/port.ts';
import { createIngest, type Ingest, type IngestOutcome } from './ingest.ts';
import type { IngestLimits } from './limits.ts';
import {
  compress,
  symbolRequest,
  type TestSeries,
  text,
  writeRequest,
} from './message.test-encoder.ts';
import type { RemoteWriteMessage } from './remote-write/media-type.ts';

/** The time of the tests' clock. */
export const NOW_MS = 1_800_000_000_000;
export const HOUR_MS = 3_600_000;

/** What the tests allow unless they say otherwise: a day back, an hour ahead. */
const LIMITS: IngestLimits = {
  maxBodyBytes: 1_000_000,
  maxDecompressedBytes: 4_000_000,
  maxSeries: 1000,
  maxSeriesPerSender: 900,
  maxLabels: 8,
  maxLabelBytes: 100,
  maxAgeMs: 24 * HOUR_MS,
  maxFutureMs: HOUR_MS,
};

/** How each message is encoded. */
export const ENCODERS = {
  'prometheus.WriteRequest': writeRequest,
  'io.prometheus.write.v2.Request': symbolRequest,
} as const;

const sending = { sender: '10.0.0.1', lease: { resize: () => undefined } };

/** Ingest over a store, with shorter words for what tests do with it. */
export class IngestRig {
  readonly store: MetricStore;
  readonly ingest: Ingest;

  constructor({
    store = createMemoryStore(),
    limits = {},
    seed = 1,
  }: {
    store?: MetricStore;
    limits?: Partial<IngestLimits>;
    seed?: number;
  } = {}) {
    this.store = store;
    this.ingest = createIngest({
      store,
      clock: createManualClock(NOW_MS),
      limits: { ...LIMITS, ...limits },
      seed,
    });
  }

  sendCompressed(message: RemoteWriteMessage, body: Uint8Array): Promise<IngestOutcome> {
    return this.ingest.remoteWrite(message, body, sending);
  }

  sendBytes(message: RemoteWriteMessage, bytes: Uint8Array): Promise<IngestOutcome> {
    return this.sendCompressed(message, compress(bytes));
  }

  send(message: RemoteWriteMessage, series: readonly TestSeries[]): Promise<IngestOutcome> {
    return this.sendBytes(message, ENCODERS[message](series));
  }

  sendJson(body: unknown): Promise<IngestOutcome> {
    const json = typeof body === 'string' ? body : JSON.stringify(body);
    return this.ingest.sampleList(text(json), sending);
  }

  /** Everything in the store, values as their 64 bits in hexadecimal. */
  async stored(): Promise<Record<string, [number, string][]>> {
    const series = await this.store.select({
      matchers: [{ name: '__name__', op: '!=', value: '' }],
      fromMs: -8.64e15,
      toMs: 8.64e15,
    });
    return Object.fromEntries(
      series.map(({ labels, tMs, values }) => {
        const bits = new BigUint64Array(values.slice().buffer);
        return [formatLabels(labels), [...tMs].map((t, i) => [t, bits[i]?.toString(16) ?? ''])];
      }),
    );
  }
}

/** The 64 bits of a number, as `stored` gives them. */
export const bitsOf = (value: number): string =>
  (new BigUint64Array(Float64Array.of(value).buffer)[0] ?? 0n).toString(16);

/** Reason and message of the first refusal; `none` where all was taken. */
export const refusalOf = (outcome: IngestOutcome): string => {
  const refusal = 'refusal' in outcome ? outcome.refusal : outcome.refused[0]?.refusal;
  return refusal === undefined ? 'none' : `${refusal.reason}: ${refusal.message}`;
};

/** Labels of a metric. */
export const named = (name: string, ...others: [string, string][]): [string, string][] => [
  ['__name__', name],
  ...others,
];

/** A series with one sample. */
export const up = (value: number | bigint, tMs: number = NOW_MS): TestSeries => ({
  labels: named('up', ['job', 'api']),
  samples: [{ tMs, value }],
});
