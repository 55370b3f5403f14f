import type { Matcher, SeriesColumns } from '@hubpulse/model';

/** Which samples a query needs. Both ends are inclusive, in Unix milliseconds; `fromMs > toMs` selects nothing. */
export interface SeriesSelection {
  /** Every one must match. Patterns are JavaScript's, for `RegExp` with the flags `su`: translated from RE2. */
  readonly matchers: readonly Matcher[];
  readonly fromMs: number;
  readonly toMs: number;
  /** The most samples that the query can take; a source refuses rather than to give more. */
  readonly maxSamples: number;
}

/**
 * What the samples of buckets come to, one row for each bucket. Stale markers count nowhere; where nothing counts, `sum` is 0
 * and the extremes are NaN.
 */
export interface BucketColumns {
  /** The extremes among the samples that are numbers. */
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly sum: Float64Array;
  readonly count: Float64Array;
}

/** A series as a source gives it. With buckets, `tMs` and `values` are those of the last sample of each. */
export interface SourceSeries extends SeriesColumns {
  readonly buckets?: BucketColumns;
}

/** Where series come from. */
export interface SeriesSource {
  /**
   * The samples of every series that matches, with at least one sample; each label set once, in any order. A stale marker
   * is a NaN with the bits 0x7ff0000000000002. The engine does not change the arrays.
   *
   * A source of buckets gives those whose last sample lies in the range, for queries with the option `bucketMs`.
   */
  select(selection: SeriesSelection): Promise<readonly SourceSeries[]>;
}
