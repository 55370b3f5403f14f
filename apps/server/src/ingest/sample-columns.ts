import { endianness } from 'node:os';
import type { SampleBatch, SeriesRef } from '@hubpulse/model';
import { MAX_REQUEST_SAMPLES } from './limits.ts';
import { Refusal } from './refusal.ts';

/** Rows with which the columns begin: four requests of Prometheus. */
const FIRST_ROWS = 8192;

/** The 32-bit word of a double that holds its low half, as memory has it. */
const LOW_WORD = endianness() === 'LE' ? 0 : 1;
const HIGH_WORD = 1 - LOW_WORD;

/**
 * The samples of one request on their way into a batch. The memory serves one request after another.
 *
 * Values come as their 64 bits and are never a number on the way, so that a stale marker stays one.
 */
export class SampleColumns {
  #refs = new Uint32Array(FIRST_ROWS);
  #tMs = new Float64Array(FIRST_ROWS);
  #words = new Uint32Array(2 * FIRST_ROWS);
  /** The same memory as `#words`. */
  #values = new Float64Array(this.#words.buffer);
  #length = 0;
  readonly #maxRows: number;
  /** The oldest and the newest time of the rows, or beyond where rows were dropped; infinities where there is none. */
  minMs: number = Number.POSITIVE_INFINITY;
  maxMs: number = Number.NEGATIVE_INFINITY;

  /** @param maxRows The most samples of a request. */
  constructor(maxRows: number = MAX_REQUEST_SAMPLES) {
    this.#maxRows = maxRows;
  }

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = 0;
    this.minMs = Number.POSITIVE_INFINITY;
    this.maxMs = Number.NEGATIVE_INFINITY;
  }

  /**
   * Adds a row whose series is told later, by `setRef`.
   *
   * @param lowBits The low half of the value's 64 bits, `highBits` the other.
   * @throws Refusal `too_large` past the most samples of a request.
   */
  push(tMs: number, lowBits: number, highBits: number): void {
    const row = this.#length;
    if (row === this.#tMs.length) this.#grow();
    this.#tMs[row] = tMs;
    this.#words[2 * row + LOW_WORD] = lowBits;
    this.#words[2 * row + HIGH_WORD] = highBits;
    if (tMs < this.minMs) this.minMs = tMs;
    if (tMs > this.maxMs) this.maxMs = tMs;
    this.#length = row + 1;
  }

  /**
   * Adds a row of a series.
   *
   * @param value Never a stale marker: a NaN may come out as another one.
   * @throws Refusal `too_large` past the most samples of a request.
   */
  pushValue(ref: SeriesRef, tMs: number, value: number): void {
    const row = this.#length;
    this.push(tMs, 0, 0);
    this.#refs[row] = ref;
    this.#values[row] = value;
  }

  /** Says whose the rows from `from` to before `to` are. */
  setRef(ref: SeriesRef, from: number, to: number): void {
    for (let row = from; row < to; row++) this.#refs[row] = ref;
  }

  /** Puts the ref that the table has for a row's in its place; 0 names a row to drop. */
  mapRefs(table: Uint32Array): void {
    for (let row = 0; row < this.#length; row++) {
      this.#refs[row] = table[this.#refs[row] as number] as number;
    }
  }

  /** Drops the rows from `from` to the end. */
  truncate(from: number): void {
    this.#length = from;
  }

  /**
   * Drops the rows from `from` to the end that lie outside of the bounds. Those before `from` lie within.
   *
   * @returns The oldest and the newest time among the rows from `from`, before.
   */
  dropOutside(
    from: number,
    { fromMs, toMs }: { fromMs: number; toMs: number },
  ): { minMs: number; maxMs: number } {
    const times = this.#tMs.subarray(from, this.#length);
    const minMs = times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY);
    const maxMs = times.reduce((most, time) => Math.max(most, time), Number.NEGATIVE_INFINITY);
    this.#keepRows(from, (row) => {
      const time = this.#tMs[row] as number;
      return time >= fromMs && time <= toMs;
    });
    this.minMs = fromMs;
    this.maxMs = toMs;
    return { minMs, maxMs };
  }

  /** Drops the rows of the series 0, which none has. */
  dropUnnamed(): void {
    this.#keepRows(0, (row) => this.#refs[row] !== 0);
  }

  /** A copy that is the caller's. */
  toBatch(): SampleBatch {
    return {
      refs: this.#refs.slice(0, this.#length),
      tMs: this.#tMs.slice(0, this.#length),
      values: new Float64Array(this.#words.slice(0, 2 * this.#length).buffer),
    };
  }

  #keepRows(from: number, isKept: (row: number) => boolean): void {
    let to = from;
    for (let row = from; row < this.#length; row++) {
      if (!isKept(row)) continue;
      this.#refs[to] = this.#refs[row] as number;
      this.#tMs[to] = this.#tMs[row] as number;
      this.#words[2 * to] = this.#words[2 * row] as number;
      this.#words[2 * to + 1] = this.#words[2 * row + 1] as number;
      to++;
    }
    this.#length = to;
  }

  #grow(): void {
    if (this.#length >= this.#maxRows) throw tooManySamples(this.#maxRows);
    const rows = Math.min(2 * this.#length, this.#maxRows);
    const [refs, tMs, words] = [this.#refs, this.#tMs, this.#words];
    this.#refs = new Uint32Array(rows);
    this.#tMs = new Float64Array(rows);
    this.#words = new Uint32Array(2 * rows);
    this.#values = new Float64Array(this.#words.buffer);
    this.#refs.set(refs);
    this.#tMs.set(tMs);
    this.#words.set(words);
  }
}

/** The refusal of a request with more samples than one may have. */
export function tooManySamples(maxSamples: number = MAX_REQUEST_SAMPLES): Refusal {
  return new Refusal(
    'too_large',
    `got more than ${maxSamples} samples in one request; want at most as many; ` +
      'send them in several requests (Prometheus: queue_config.max_samples_per_send)',
  );
}
