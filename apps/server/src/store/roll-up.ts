import { type RollupColumns, type SeriesColumns, STALE_BITS } from '@hubpulse/model';

/** The end of the bucket that holds a time: the first multiple of the width at or after it. */
export function bucketEnd(tMs: number, widthMs: number): number {
  return Math.ceil(tMs / widthMs) * widthMs;
}

/** Gathers samples in buckets; see `RollupColumns`. The samples of a bucket must all be there. */
export function rollUp({ labels, tMs, values }: SeriesColumns, widthMs: number): RollupColumns {
  const ends = bucketRows(tMs, widthMs);
  const columns = newColumns(ends.length);
  const bits = new BigUint64Array(values.buffer, values.byteOffset, values.length);
  let from = 0;
  for (const [bucket, to] of ends.entries()) {
    fill(columns, bucket, { values, bits, from, to });
    columns.tMs[bucket] = tMs[to - 1] as number;
    from = to;
  }
  return { labels, ...columns };
}

type Columns = Omit<RollupColumns, 'labels'>;

function newColumns(length: number): Columns {
  return {
    tMs: new Float64Array(length),
    last: new Float64Array(length),
    min: new Float64Array(length).fill(Number.NaN),
    max: new Float64Array(length).fill(Number.NaN),
    sum: new Float64Array(length),
    count: new Float64Array(length),
  };
}

/** The row after the last one of each bucket. */
function bucketRows(tMs: Float64Array, widthMs: number): number[] {
  const ends: number[] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < tMs.length; row++) {
    const time = tMs[row] as number;
    if (time <= end) continue;
    if (row > 0) ends.push(row);
    end = bucketEnd(time, widthMs);
  }
  if (tMs.length > 0) ends.push(tMs.length);
  return ends;
}

interface BucketRows {
  readonly values: Float64Array;
  readonly bits: BigUint64Array;
  readonly from: number;
  readonly to: number;
}

function fill(columns: Columns, bucket: number, { values, bits, from, to }: BucketRows): void {
  let min = Number.NaN;
  let max = Number.NaN;
  let sum = 0;
  let count = 0;
  for (let row = from; row < to; row++) {
    const value = values[row] as number;
    if (value !== value && bits[row] === STALE_BITS) continue;
    sum += value;
    count++;
    // Written so that the first number replaces the NaN, and a NaN replaces nothing.
    if (!(value >= min)) min = value === value ? value : min;
    if (!(value <= max)) max = value === value ? value : max;
  }
  columns.min[bucket] = min;
  columns.max[bucket] = max;
  columns.sum[bucket] = sum;
  columns.count[bucket] = count;
  // Through the bits: what a NaN carries must survive.
  new BigUint64Array(columns.last.buffer)[bucket] = bits[to - 1] as bigint;
}
