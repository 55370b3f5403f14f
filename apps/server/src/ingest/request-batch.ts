import type { Labels, SampleBatch, SeriesRef } from '@hubpulse/model';
import { type Gate, type TimeBounds, timeRefusal } from './gate.ts';
import { decodeLabels } from './label-bytes.ts';
import { ProtobufReader } from './protobuf.ts';
import { Refusal } from './refusal.ts';
import { SampleColumns } from './sample-columns.ts';
import type { SeriesCache } from './series-cache.ts';

/** A series of the request at hand that the cache does not know. */
interface NewSeries {
  readonly labels: Labels;
  /** Its label bytes, for the cache. */
  readonly key: Uint8Array;
  readonly firstRow: number;
  readonly endRow: number;
}

/**
 * Gathers one request: samples in columns, series by their label bytes. Nothing reaches the store before `finish`, so a
 * request that is refused half way leaves no trace.
 */
export class RequestBatch {
  readonly columns: SampleColumns = new SampleColumns();
  readonly #gate: Gate;
  readonly #cache: SeriesCache;
  readonly #labelReader = new ProtobufReader();
  #bounds: TimeBounds = { fromMs: 0, toMs: 0 };
  #newSeries: NewSeries[] = [];
  #firstRow = 0;
  #labelBytes = 0;

  constructor({ gate, cache }: { gate: Gate; cache: SeriesCache }) {
    this.#gate = gate;
    this.#cache = cache;
  }

  /** Begins a request. */
  begin(): void {
    this.columns.clear();
    this.#newSeries = [];
    this.#firstRow = 0;
    this.#labelBytes = 0;
    this.#bounds = this.#gate.timeBounds();
  }

  /** Whether the series at hand has rows, so that its labels matter. */
  hasRows(): boolean {
    return this.#firstRow < this.columns.length;
  }

  /**
   * Ends a series: the rows that were pushed since the one before are its own. One without rows is passed over.
   *
   * @param bytes Holds its label bytes from `start` to before `end`.
   * @throws Refusal `malformed`, `bad_labels`, `label_limit`, `too_old`, `too_new`, `too_large`
   */
  endSeries(bytes: Uint8Array, start: number, end: number): void {
    if (!this.hasRows()) return;
    const firstRow = this.#firstRow;
    const endRow = this.columns.length;
    this.#firstRow = endRow;
    this.#addLabelBytes(end - start);
    if (this.columns.minMs < this.#bounds.fromMs || this.columns.maxMs > this.#bounds.toMs) {
      throw timeRefusal(this.columns, this.#decode(bytes, start, end), this.#bounds);
    }
    const ref = this.#cache.find(bytes, start, end);
    if (ref === 0) {
      const labels = this.#decode(bytes, start, end);
      this.#newSeries.push({ labels, key: bytes.slice(start, end), firstRow, endRow });
    } else {
      this.columns.setRef(ref, firstRow, endRow);
    }
  }

  /**
   * Interns what is new and gives the batch.
   *
   * @throws Refusal `series_limit`
   */
  finish(): SampleBatch {
    const refs = this.#gate.intern(this.#newSeries.map(({ labels }) => labels));
    for (const [i, { key, firstRow, endRow }] of this.#newSeries.entries()) {
      const ref = refs[i] as SeriesRef;
      this.columns.setRef(ref, firstRow, endRow);
      if (this.#cache.find(key, 0, key.length) === 0) this.#cache.learn(key, ref);
    }
    this.#newSeries = [];
    return this.columns.toBatch();
  }

  /** Symbols can name the same long text in every series: what they come to is bounded like a body. */
  #addLabelBytes(bytes: number): void {
    this.#labelBytes += bytes;
    const { maxDecompressedBytes } = this.#gate.limits;
    if (this.#labelBytes <= maxDecompressedBytes) return;
    throw new Refusal(
      'too_large',
      `got more than ${maxDecompressedBytes} bytes of labels in one request; want at most as many; ` +
        'send several requests',
    );
  }

  #decode(bytes: Uint8Array, start: number, end: number): Labels {
    this.#labelReader.open(bytes, start, end);
    return decodeLabels(this.#labelReader, this.#gate.limits);
  }
}
