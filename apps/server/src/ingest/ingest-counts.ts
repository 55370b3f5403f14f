import type { Refusal, RefusalReason } from './refusal.ts';

/** Ways into Hubpulse: the values of the label `wire`. */
export type Wire =
  | 'remote_write_1'
  | 'remote_write_2'
  | 'json'
  | 'scrape'
  | 'otlp_metrics'
  | 'otlp_traces'
  | 'otlp_logs';

/** Samples that were refused on one wire for one reason. */
export interface RefusedCount {
  readonly wire: Wire;
  readonly reason: RefusalReason;
  readonly requests: number;
  /** As many as could be told of what was refused; 0 where nothing could be read. */
  readonly samples: number;
}

/** Figures of ingest since the start. */
export interface IngestStats {
  /** Samples that are durable, by wire. */
  readonly samples: ReadonlyMap<Wire, number>;
  /** Requests that were taken, by wire. */
  readonly requests: ReadonlyMap<Wire, number>;
  readonly refused: readonly RefusedCount[];
  /** What came beside samples and is not stored. */
  readonly ignoredHistograms: number;
  readonly ignoredExemplars: number;
  /** Log records that came, by severity; they are not kept. */
  readonly logRecords: ReadonlyMap<string, number>;
  readonly inFlightBytes: number;
  readonly cachedSeries: number;
}

/** Counts what came in. */
export class IngestCounts {
  readonly #samples = new Map<Wire, number>(WIRES.map((wire) => [wire, 0]));
  readonly #requests = new Map<Wire, number>(WIRES.map((wire) => [wire, 0]));
  readonly #refused = new Map<
    string,
    { -readonly [Key in keyof RefusedCount]: RefusedCount[Key] }
  >();
  #histograms = 0;
  #exemplars = 0;
  readonly #logRecords = new Map<string, number>();

  addStored(wire: Wire, samples: number): void {
    this.#samples.set(wire, (this.#samples.get(wire) ?? 0) + samples);
    this.#requests.set(wire, (this.#requests.get(wire) ?? 0) + 1);
  }

  addIgnored({ histograms, exemplars }: { histograms: number; exemplars: number }): void {
    this.#histograms += histograms;
    this.#exemplars += exemplars;
  }

  /** @param records Their number by severity. */
  addLogRecords(records: ReadonlyMap<string, number>): void {
    for (const [severity, count] of records) {
      this.#logRecords.set(severity, (this.#logRecords.get(severity) ?? 0) + count);
    }
  }

  addRefused(wire: Wire, { reason }: Pick<Refusal, 'reason'>, samples: number): void {
    const key = `${wire} ${reason}`;
    const count = this.#refused.get(key) ?? { wire, reason, requests: 0, samples: 0 };
    count.requests++;
    count.samples += samples;
    this.#refused.set(key, count);
  }

  stats(present: Pick<IngestStats, 'inFlightBytes' | 'cachedSeries'>): IngestStats {
    return {
      samples: this.#samples,
      requests: this.#requests,
      refused: [...this.#refused.values()],
      ignoredHistograms: this.#histograms,
      ignoredExemplars: this.#exemplars,
      logRecords: this.#logRecords,
      ...present,
    };
  }
}

const WIRES: readonly Wire[] = [
  'remote_write_1',
  'remote_write_2',
  'json',
  'scrape',
  'otlp_metrics',
  'otlp_traces',
  'otlp_logs',
];
