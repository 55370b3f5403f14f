import { type SampleBatch, STALE_BITS } from '@hubpulse/model';
import type { Point } from './point.ts';

/** Gathers rows for the store. */
export class SpanBatch {
  readonly #refs: number[] = [];
  readonly #tMs: number[] = [];
  readonly #values: number[] = [];
  /** Rows whose value is a stale marker: as a number its bits would be the engine's to change. */
  readonly #staleRows: number[] = [];

  get length(): number {
    return this.#refs.length;
  }

  /** The values of a point. */
  addValues(point: Point, tMs: number): void {
    for (const [series, ref] of point.refs.entries()) this.#push(ref, tMs, point.valueAt(series));
  }

  /** A zero for each series of a point. */
  addZeros(point: Point, tMs: number): void {
    for (const ref of point.refs) this.#push(ref, tMs, 0);
  }

  /** The end of each series of a point. */
  addEnds(point: Point, tMs: number): void {
    for (const ref of point.refs) {
      this.#staleRows.push(this.length);
      this.#push(ref, tMs, 0);
    }
  }

  finish(): SampleBatch {
    const values = Float64Array.from(this.#values);
    const bits = new BigUint64Array(values.buffer);
    for (const row of this.#staleRows) bits[row] = STALE_BITS;
    return { refs: Uint32Array.from(this.#refs), tMs: Float64Array.from(this.#tMs), values };
  }

  #push(ref: number, tMs: number, value: number): void {
    this.#refs.push(ref);
    this.#tMs.push(tMs);
    this.#values.push(value);
  }
}
