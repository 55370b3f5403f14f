import { endianness } from 'node:os';
import { type SampleBatch, type SeriesRef, STALE_HIGH_BITS, STALE_LOW_BITS } from '@hubpulse/model';
import { DROPPED } from './series-table.ts';

const LOW_WORD = endianness() === 'LE' ? 0 : 1;

/** The samples of one scrape in columns. */
export class ScrapeRows {
  #refs: Uint32Array<ArrayBuffer>;
  #tMs: Float64Array<ArrayBuffer>;
  #values: Float64Array<ArrayBuffer>;
  #length = 0;

  /** @param rows How many are expected; more are taken as well. */
  constructor(rows: number) {
    this.#refs = new Uint32Array(rows);
    this.#tMs = new Float64Array(rows);
    this.#values = new Float64Array(rows);
  }

  get length(): number {
    return this.#length;
  }

  /** Adds a sample and gives its row. A ref of 0 may be set later. */
  push(ref: SeriesRef, tMs: number, value: number): number {
    const row = this.#length++;
    if (row === this.#refs.length) this.#grow();
    this.#refs[row] = ref;
    this.#tMs[row] = tMs;
    this.#values[row] = value;
    return row;
  }

  setRef(row: number, ref: SeriesRef): void {
    this.#refs[row] = ref;
  }

  /** The same memory seen as samples, followed by the end of `ended` at a time. Rows that have no ref are left out. */
  toBatch(ended: readonly SeriesRef[], endedMs: number): SampleBatch {
    for (const ref of ended) this.push(ref, endedMs, Number.NaN);
    const words = new Uint32Array(this.#values.buffer);
    for (let row = this.#length - ended.length; row < this.#length; row++) {
      words[2 * row + LOW_WORD] = STALE_LOW_BITS;
      words[2 * row + 1 - LOW_WORD] = STALE_HIGH_BITS;
    }
    this.#dropUnnamed();
    return {
      refs: this.#refs.subarray(0, this.#length),
      tMs: this.#tMs.subarray(0, this.#length),
      values: this.#values.subarray(0, this.#length),
    };
  }

  /** Moves what has a ref together. The values go as bytes, so that a stale marker stays one. */
  #dropUnnamed(): void {
    let first = 0;
    while (first < this.#length && this.#refs[first] !== DROPPED) first++;
    let to = first;
    for (let row = first; row < this.#length; row++) {
      if (this.#refs[row] === DROPPED) continue;
      this.#refs[to] = this.#refs[row] as number;
      this.#tMs[to] = this.#tMs[row] as number;
      this.#values.copyWithin(to, row, row + 1);
      to++;
    }
    this.#length = to;
  }

  #grow(): void {
    const rows = Math.max(16, 2 * this.#refs.length);
    const [refs, tMs, values] = [this.#refs, this.#tMs, this.#values];
    this.#refs = new Uint32Array(rows);
    this.#tMs = new Float64Array(rows);
    this.#values = new Float64Array(rows);
    this.#refs.set(refs);
    this.#tMs.set(tMs);
    this.#values.set(values);
  }
}
