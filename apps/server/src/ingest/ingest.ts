import type { SampleBatch } from '@hubpulse/model';
import type { Clock } from '../clock.ts';
import { type MetricStore, StoreError } from '../store/port.ts';
import { createGate, type Gate, type Lease } from './gate.ts';
import { IngestCounts, type IngestStats, type Wire } from './ingest-counts.ts';
import { countItems, decodeSampleList } from './json/sample-list.ts';
import type { IngestLimits } from './limits.ts';
import { MetricMetadata } from './metric-metadata.ts';
import { createLogReceiver } from './otlp/log-receiver.ts';
import { createMetricsReceiver, type MetricsReceiver } from './otlp/metrics/metrics-receiver.ts';
import { createOtlpIntake, type OtlpIntake } from './otlp/otlp-intake.ts';
import type { OtlpSignal } from './otlp/message-schema.ts';
import type { OtlpReceiver } from './otlp/receiver.ts';
import { createTraceReceiver } from './otlp/traces/trace-receiver.ts';
import { Refusal } from './refusal.ts';
import type { RefusedPart } from './refused-samples.ts';
import { noExtras, type RemoteWriteExtras } from './remote-write/extras.ts';
import type { RemoteWriteMessage } from './remote-write/media-type.ts';
import { countSamples } from './remote-write/sample-count.ts';
import { SymbolRequestDecoder } from './remote-write/symbol-request.ts';
import { WriteRequestDecoder } from './remote-write/write-request.ts';
import { RequestBatch } from './request-batch.ts';
import type { ScrapeSink } from './scrape-sink.ts';
import type { Sending } from './sending.ts';
import { SeriesCache } from './series-cache.ts';
import { SnappyDecoder } from './snappy.ts';
import { spanLimits } from './spans/point-table.ts';
import { createSpanMetrics, type SpanMetrics } from './spans/span-metrics.ts';

/** What became of a request: how much of it is durable now and what of it was refused, or why none of it was taken. */
export type IngestOutcome =
  | ({
      readonly samples: number;
      readonly refused: readonly RefusedPart[];
    } & Readonly<RemoteWriteExtras>)
  | { readonly refusal: Refusal };

/**
 * Takes in what senders send. A request is decoded and checked as a whole, then what is good of it is appended as one batch:
 * a series or a sample over a limit is refused alone, a request that cannot be read as a whole. The promises reject only
 * with what the store throws, and then nothing was stored.
 */
export interface Ingest {
  readonly limits: IngestLimits;
  /** What OpenTelemetry's exporters send. */
  readonly otlp: OtlpIntake;
  /** Type, help and unit of metrics, as their senders tell them. */
  readonly metadata: MetricMetadata;
  /** What spans become. */
  readonly spans: Pick<SpanMetrics, 'beat' | 'stats'>;
  /** Asks for room for a body of so many bytes, before it is read. The lease ends with the request. */
  admit(wire: Wire, bytes: number): Lease | { readonly refusal: Refusal };
  /** @param body A message compressed with Snappy. */
  remoteWrite(
    message: RemoteWriteMessage,
    body: Uint8Array,
    sending: Sending,
  ): Promise<IngestOutcome>;
  /** @param body The JSON list of `json/sample-list.ts`; all of it is stored, or nothing. */
  sampleList(body: Uint8Array, sending: Sending): Promise<IngestOutcome>;
  /** Where scraped samples go. */
  readonly scrapes: ScrapeSink;
  stats(): IngestStats;
}

/** What a request was decoded to. */
interface Decoded {
  readonly batch: SampleBatch;
  readonly refused: readonly RefusedPart[];
  readonly extras: RemoteWriteExtras;
}

/** What an append holds for each row: 20 bytes of columns, and the store's copy of them. */
const APPEND_BYTES_PER_SAMPLE = 40;

/** What ingest is made of. */
export interface IngestOptions {
  readonly store: MetricStore;
  readonly clock: Clock;
  readonly limits: IngestLimits;
  /** 32 random bits for the cache of series; see `SeriesCache`. */
  readonly seed: number;
  /** Label sets that the spans of one service may make before further ones are folded. */
  readonly maxSpanLabelSets?: number;
  /** Receivers in place of the usual ones, for tests of the transport. */
  readonly receivers?: Readonly<Partial<Record<OtlpSignal, OtlpReceiver>>>;
}

export function createIngest(options: IngestOptions): Ingest {
  return new SampleIngest(options);
}

class SampleIngest implements Ingest {
  readonly limits: IngestLimits;
  readonly scrapes: ScrapeSink;
  readonly otlp: OtlpIntake;
  readonly metadata: MetricMetadata = new MetricMetadata();
  readonly #metrics: MetricsReceiver;
  readonly spans: SpanMetrics;
  readonly #store: MetricStore;
  readonly #clock: Clock;
  readonly #gate: Gate;
  readonly #cache: SeriesCache;
  readonly #snappy = new SnappyDecoder();
  readonly #batch: RequestBatch;
  readonly #decoders: Readonly<
    Record<RemoteWriteMessage, { decode(bytes: Uint8Array): RemoteWriteExtras }>
  >;
  readonly #counts = new IngestCounts();

  constructor({ store, clock, limits, seed, maxSpanLabelSets, receivers }: IngestOptions) {
    this.limits = limits;
    this.#store = store;
    this.#clock = clock;
    this.#gate = createGate({ store, clock, limits });
    this.scrapes = this.#createScrapeSink();
    this.#cache = new SeriesCache({ seed });
    this.#batch = new RequestBatch({ gate: this.#gate, cache: this.#cache });
    this.#decoders = {
      'prometheus.WriteRequest': new WriteRequestDecoder(this.#batch, this.metadata),
      'io.prometheus.write.v2.Request': new SymbolRequestDecoder(this.#batch),
    };
    const counts = this.#counts;
    const parts = { store, clock, gate: this.#gate, counts };
    this.#metrics = createMetricsReceiver({ ...parts, metadata: this.metadata, seed });
    this.spans = createSpanMetrics({
      store,
      clock,
      intake: this.#gate,
      metadata: this.metadata,
      limits: { ...limits, ...spanLimits(maxSpanLabelSets) },
    });
    this.otlp = createOtlpIntake({
      limits,
      counts,
      receivers: {
        metrics: this.#metrics,
        logs: createLogReceiver(parts),
        traces: createTraceReceiver({ spans: this.spans, counts }),
        ...receivers,
      },
    });
  }

  admit(wire: Wire, bytes: number): Lease | { readonly refusal: Refusal } {
    try {
      return this.#gate.admit(bytes);
    } catch (error) {
      return this.#refuse(wire, error, () => 0);
    }
  }

  async remoteWrite(
    message: RemoteWriteMessage,
    body: Uint8Array,
    { sender, lease }: Sending,
  ): Promise<IngestOutcome> {
    const wire = WIRE_OF[message];
    let bytes: Uint8Array = new Uint8Array(0);
    let decoded: Decoded;
    try {
      bytes = this.#snappy.decode(body, this.limits.maxDecompressedBytes);
      this.#batch.begin();
      const extras = this.#decoders[message].decode(bytes);
      decoded = { ...this.#batch.finish(sender), extras };
    } catch (error) {
      return this.#refuse(wire, error, () => countSamples(bytes, message));
    }
    return this.#append(wire, decoded, lease);
  }

  async sampleList(body: Uint8Array, { sender, lease }: Sending): Promise<IngestOutcome> {
    let decoded: Decoded;
    try {
      const { series, tMs, values } = decodeSampleList(body, this.#gate, this.#clock.nowMs());
      const refs = this.#gate.intern(series, sender);
      decoded = { batch: { refs, tMs, values }, refused: [], extras: noExtras() };
    } catch (error) {
      return this.#refuse('json', error, () => countItems(body));
    }
    return this.#append('json', decoded, lease);
  }

  stats(): IngestStats {
    return this.#counts.stats({
      inFlightBytes: this.#gate.inFlightBytes(),
      cachedSeries: this.#cache.size + this.#metrics.cachedSeries(),
    });
  }

  #createScrapeSink(): ScrapeSink {
    const gate = this.#gate;
    return {
      limits: this.limits,
      metadata: this.metadata,
      timeBounds: () => gate.timeBounds(),
      internEach: (series, sender) => gate.internEach(series, sender),
      append: async (batch, exemplars) => {
        const extras = { histograms: 0, exemplars };
        const lease = this.admit('scrape', 0);
        if ('refusal' in lease) throw lease.refusal;
        try {
          await this.#append('scrape', { batch, refused: [], extras }, lease);
        } finally {
          lease.release();
        }
      },
      refuse: (refusal, samples) => this.#counts.addRefused('scrape', refusal, samples),
    };
  }

  async #append(
    wire: Wire,
    { batch, refused, extras }: Decoded,
    lease: Pick<Lease, 'resize'>,
  ): Promise<IngestOutcome> {
    const samples = batch.refs.length;
    lease.resize(samples * APPEND_BYTES_PER_SAMPLE);
    try {
      // An empty batch tells of no failure of the store.
      if (samples > 0) await this.#store.append(batch);
    } catch (error) {
      this.#counts.addRefused(wire, { reason: 'store' }, samples);
      throw explainStoreFailure(error);
    }
    this.#gate.settle(batch.refs);
    this.#counts.addStored(wire, samples);
    for (const part of refused) this.#counts.addRefused(wire, part.refusal, part.samples);
    this.#counts.addIgnored(extras);
    return { samples, refused, ...extras };
  }

  #refuse(wire: Wire, refusal: unknown, samples: () => number): { refusal: Refusal } {
    if (!(refusal instanceof Refusal)) throw explainStoreFailure(refusal);
    this.#counts.addRefused(wire, refusal, samples());
    return { refusal };
  }
}

/** The wire of each message. */
export const WIRE_OF: Readonly<Record<RemoteWriteMessage, Wire>> = {
  'prometheus.WriteRequest': 'remote_write_1',
  'io.prometheus.write.v2.Request': 'remote_write_2',
};

/** A batch that the store calls invalid is a defect of ours, and no reason for the sender to throw its data away. */
function explainStoreFailure(error: unknown): unknown {
  if (!(error instanceof StoreError) || error.code !== 'invalid') return error;
  return new Error(`BUG: the store refused a checked batch: ${error.message}`, { cause: error });
}
