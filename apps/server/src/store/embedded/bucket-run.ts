import { bucketEnd } from '../roll-up.ts';

/** Buckets in columns of one length, as `RollupColumns`. */
export interface Buckets {
  readonly tMs: Float64Array;
  readonly last: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly sum: Float64Array;
  readonly count: Float64Array;
}

/** The columns of buckets, in the order in which they are stored and sent. */
export const BUCKET_COLUMNS = ['tMs', 'last', 'min', 'max', 'sum', 'count'] as const;

type Column = (typeof BUCKET_COLUMNS)[number];

/** Room of a new run, in buckets: a day in minutes. */
const FIRST_CAPACITY = 1441;

/** Buckets of one series in growing columns, ascending by time. */
export class BucketRun implements Buckets {
  #columns: Record<Column, Float64Array> = columnsOf(FIRST_CAPACITY);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get tMs(): Float64Array {
    return this.#view('tMs');
  }

  get last(): Float64Array {
    return this.#view('last');
  }

  get min(): Float64Array {
    return this.#view('min');
  }

  get max(): Float64Array {
    return this.#view('max');
  }

  get sum(): Float64Array {
    return this.#view('sum');
  }

  get count(): Float64Array {
    return this.#view('count');
  }

  clear(): void {
    this.#length = 0;
  }

  /** Appends the rows from `start` to before `end` as they are. Their times come after those that are there. */
  append(source: Buckets, start = 0, end: number = source.tMs.length): void {
    const room = this.reserve(end - start);
    for (const name of BUCKET_COLUMNS) room[name].set(source[name].subarray(start, end));
    this.commit(end - start);
  }

  /** Room for so many buckets after the last, to be filled and then committed. */
  reserve(count: number): Record<Column, Float64Array> {
    const wanted = this.#length + count;
    if (wanted > this.#columns.tMs.length) this.#grow(wanted);
    const room = {} as Record<Column, Float64Array>;
    for (const name of BUCKET_COLUMNS) {
      room[name] = this.#columns[name].subarray(this.#length, wanted);
    }
    return room;
  }

  commit(count: number): void {
    this.#length += count;
  }

  /**
   * Appends rows; the first joins the last row that is there when both are parts of one bucket. A bucket that ends at
   * midnight has two parts: what came before, and what came at midnight itself.
   */
  join(source: Buckets, widthMs: number, { start = 0, end = source.tMs.length } = {}): void {
    let from = start;
    while (from < end && this.#tryMerge(source, from, widthMs)) from++;
    this.append(source, from, end);
  }

  /** Appends the rows of both, merged where they are parts of one bucket. Both ascend; `later` was written later. */
  merge(earlier: Buckets, later: Buckets, widthMs: number): void {
    let i = 0;
    for (let k = 0; k < later.tMs.length; k++) {
      const end = bucketEnd(later.tMs[k] as number, widthMs);
      const start = i;
      while (i < earlier.tMs.length && bucketEnd(earlier.tMs[i] as number, widthMs) <= end) i++;
      this.append(earlier, start, i);
      this.join(later, widthMs, { start: k, end: k + 1 });
    }
    this.append(earlier, i);
  }

  /** The rows from `start` to before `end`: views that the next change may leave behind. */
  slice(start: number, end: number): Buckets {
    const views = {} as Record<Column, Float64Array>;
    for (const name of BUCKET_COLUMNS) views[name] = this.#columns[name].subarray(start, end);
    return views;
  }

  /** Takes out, of the rows from `start` to before `end`, the buckets of which any moment lies in a closed range. */
  cut(
    widthMs: number,
    { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
    { start, end }: { readonly start: number; readonly end: number },
  ): void {
    const { tMs } = this;
    let from = start;
    while (from < end && bucketEnd(tMs[from] as number, widthMs) < fromMs) from++;
    let to = from;
    while (to < end && bucketEnd(tMs[to] as number, widthMs) - widthMs < toMs) to++;
    for (const name of BUCKET_COLUMNS) this.#columns[name].copyWithin(from, to, this.#length);
    this.#length -= to - from;
  }

  /** The first row whose time is at or after `fromMs`. */
  rowAt(fromMs: number): number {
    const tMs = this.#columns.tMs;
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((tMs[middle] as number) >= fromMs) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Merges a row into the last one when both are parts of one bucket; says whether they were. */
  #tryMerge(source: Buckets, row: number, widthMs: number): boolean {
    const at = this.#length - 1;
    if (at < 0) return false;
    const { tMs, last, min, max, sum, count } = this.#columns;
    const time = source.tMs[row] as number;
    if (bucketEnd(tMs[at] as number, widthMs) !== bucketEnd(time, widthMs)) return false;
    if (time >= (tMs[at] as number)) {
      tMs[at] = time;
      // Whole arrays keep what a NaN carries.
      last.set(source.last.subarray(row, row + 1), at);
    }
    min[at] = extreme(min[at] as number, source.min[row] as number, Math.min);
    max[at] = extreme(max[at] as number, source.max[row] as number, Math.max);
    sum[at] = (sum[at] as number) + (source.sum[row] as number);
    count[at] = (count[at] as number) + (source.count[row] as number);
    return true;
  }

  #view(name: Column): Float64Array {
    return this.#columns[name].subarray(0, this.#length);
  }

  #grow(wanted: number): void {
    const grown = columnsOf(Math.max(wanted, 2 * this.#columns.tMs.length));
    for (const name of BUCKET_COLUMNS) grown[name].set(this.#view(name));
    this.#columns = grown;
  }
}

/** NaN where neither part has a number. */
function extreme(a: number, b: number, choose: (a: number, b: number) => number): number {
  if (Number.isNaN(a)) return b;
  return Number.isNaN(b) ? a : choose(a, b);
}

function columnsOf(length: number): Record<Column, Float64Array> {
  return {
    tMs: new Float64Array(length),
    last: new Float64Array(length),
    min: new Float64Array(length),
    max: new Float64Array(length),
    sum: new Float64Array(length),
    count: new Float64Array(length),
  };
}
