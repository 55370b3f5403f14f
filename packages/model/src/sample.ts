import type { Labels } from './labels.ts';

/** The times that JavaScript's dates know, in Unix milliseconds, either side of 1970: no sample and no query goes beyond. */
export const MAX_TIME_MS = 8.64e15;

/** The number under which a store knows a series; valid for the life of the store that gave it. */
export type SeriesRef = number;

/**
 * Samples in columns: row `i` is the value `values[i]` of series `refs[i]` at `tMs[i]` (Unix milliseconds, an
 * integer). The three arrays have one length. Any order of rows is allowed.
 */
export interface SampleBatch {
  readonly refs: Uint32Array;
  readonly tMs: Float64Array;
  readonly values: Float64Array;
}

/** The samples of one series in columns: `tMs` strictly ascending, both arrays of one length. */
export interface SeriesColumns {
  readonly labels: Labels;
  readonly tMs: Float64Array;
  readonly values: Float64Array;
}

/**
 * The samples of one series gathered in buckets of one width, in columns of one length, ascending. A bucket begins after a
 * multiple of the width and ends with the next one, as the windows of PromQL do: `(k·width, (k+1)·width]`. Buckets without
 * samples are left out. Stale markers count nowhere but in `last`: a bucket of stale markers alone has the count 0, the sum
 * 0 and NaN for the extremes.
 */
export interface RollupColumns {
  readonly labels: Labels;
  /** The time of the last sample of each bucket, Unix milliseconds. */
  readonly tMs: Float64Array;
  /** The value of the last sample, bit for bit. */
  readonly last: Float64Array;
  /** The extremes among the samples that are numbers; NaN when none is. */
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly sum: Float64Array;
  readonly count: Float64Array;
}

/** One sample that still carries its labels: for the few of our own, never for bulk ingest. */
export interface Sample {
  readonly labels: Labels;
  readonly tMs: number;
  readonly value: number;
}
