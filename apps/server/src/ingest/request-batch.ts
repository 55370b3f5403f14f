import type { Labels, SampleBatch, SeriesRef } from '@hubpulse/model';
import { type Gate, type TimeBounds, timeRefusal } from './gate.ts';
import { decodeLabels } from './label-bytes.ts';
import { LabelTexts } from './label-texts.ts';
import { ProtobufReader } from './protobuf.ts';
import { Refusal } from './refusal.ts';
import { type RefusedPart, RefusedSamples } from './refused-samples.ts';
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
 * request that turns out malformed half way leaves no trace. A series or a sample that is over a limit is left out, and
 * counted; the others stay.
 */
export class RequestBatch {
  readonly columns: SampleColumns = new SampleColumns();
  readonly #gate: Gate;
  readonly #cache: SeriesCache;
  readonly #labelReader = new ProtobufReader();
  readonly #texts = new LabelTexts();
  #bounds: TimeBounds = { fromMs: 0, toMs: 0 };
  #newSeries: NewSeries[] = [];
  #refused = new RefusedSamples();
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
    this.#refused = new RefusedSamples();
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
   * @throws Refusal `malformed`, `too_large`
   */
  endSeries(bytes: Uint8Array, start: number, end: number): void {
    if (!this.hasRows()) return;
    this.#addLabelBytes(end - start);
    const ref = this.#cache.find(bytes, start, end);
    const labels = ref === 0 ? this.#labelsIn(bytes, start, end) : undefined;
    const { minMs, maxMs } = this.columns;
    if (minMs < this.#bounds.fromMs || maxMs > this.#bounds.toMs) {
      this.#dropOutside(labels ?? this.#decode(bytes, start, end));
    }
    const firstRow = this.#firstRow;
    const endRow = this.columns.length;
    this.#firstRow = endRow;
    if (firstRow === endRow) return;
    if (labels === undefined) {
      this.columns.setRef(ref, firstRow, endRow);
    } else {
      this.#newSeries.push({ labels, key: bytes.slice(start, end), firstRow, endRow });
    }
  }

  /** Interns what is new. @param sender Who sends; see `Gate.internEach`. */
  finish(sender: string): FinishedBatch {
    const labels = this.#newSeries.map((series) => series.labels);
    const { refs, refusals } = this.#gate.internEach(labels, sender);
    for (const [i, { key, firstRow, endRow }] of this.#newSeries.entries()) {
      const ref = refs[i] as SeriesRef;
      this.columns.setRef(ref, firstRow, endRow);
      if (ref !== 0 && this.#cache.find(key, 0, key.length) === 0) this.#cache.learn(key, ref);
    }
    for (const [i, refusal] of refusals) {
      const { firstRow, endRow } = this.#newSeries[i] as NewSeries;
      this.#refused.add(refusal, endRow - firstRow);
    }
    if (refusals.size > 0) this.columns.dropUnnamed();
    this.#newSeries = [];
    return { batch: this.columns.toBatch(), refused: this.#refused.parts() };
  }

  /** The labels of a new series; without them, its rows are dropped. */
  #labelsIn(bytes: Uint8Array, start: number, end: number): Labels | undefined {
    try {
      return this.#decode(bytes, start, end);
    } catch (error) {
      if (!(error instanceof Refusal) || error.reason === 'malformed') throw error;
      this.#refused.add(error, this.columns.length - this.#firstRow);
      this.columns.truncate(this.#firstRow);
      return [];
    }
  }

  #dropOutside(labels: Labels): void {
    const rows = this.columns.length;
    const times = this.columns.dropOutside(this.#firstRow, this.#bounds);
    const dropped = rows - this.columns.length;
    if (dropped > 0) this.#refused.add(timeRefusal(times, labels, this.#bounds), dropped);
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
    return decodeLabels(this.#labelReader, this.#gate.limits, this.#texts);
  }
}

/** What a request comes to. */
export interface FinishedBatch {
  readonly batch: SampleBatch;
  readonly refused: readonly RefusedPart[];
}
