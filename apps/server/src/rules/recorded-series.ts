import { type Labels, type SeriesColumns, type SeriesRef, STALE_BITS } from '@hubpulse/model';

/** A series and the value that an expression gave it. */
export interface Recorded {
  readonly labels: Labels;
  readonly value: number;
}

/** One series of a rule's result. */
export interface RecordedSeries {
  readonly labels: Labels;
  readonly ref: SeriesRef;
}

/** What one evaluation of a group gives: a value for each series, or that the series has ended. */
export interface RecordedPoint extends RecordedSeries {
  /** `undefined` ends the series: a stale marker is written. */
  readonly value: number | undefined;
}

/** Prometheus' stale marker in the order of memory, which is little-endian wherever Node runs. */
const STALE_MARKER = new Float64Array(new BigUint64Array([STALE_BITS]).buffer);

/** Puts a point's value into a column; a stale marker as bits, since a NaN may lose them on its way through a variable. */
export function writePoint(values: Float64Array, row: number, value: number | undefined): void {
  if (value === undefined) values.set(STALE_MARKER, row);
  else values[row] = value;
}

/** The columns with one more sample, which takes the place of one with the same time. The given ones stay as they are. */
export function withPoint(
  { labels, tMs, values }: SeriesColumns,
  atMs: number,
  value: number | undefined,
): SeriesColumns {
  const row = lowerBound(tMs, atMs);
  const after = tMs[row] === atMs ? row + 1 : row;
  const length = row + 1 + tMs.length - after;
  const joined = { labels, tMs: new Float64Array(length), values: new Float64Array(length) };
  joined.tMs.set(tMs.subarray(0, row));
  joined.tMs[row] = atMs;
  joined.tMs.set(tMs.subarray(after), row + 1);
  joined.values.set(values.subarray(0, row));
  writePoint(joined.values, row, value);
  joined.values.set(values.subarray(after), row + 1);
  return joined;
}

/** The first row at or after a time. New samples come last, so the search begins there. */
function lowerBound(tMs: Float64Array, atMs: number): number {
  let row = tMs.length;
  while (row > 0 && (tMs[row - 1] as number) >= atMs) row--;
  return row;
}
