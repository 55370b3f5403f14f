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

/** Where series come from. */
export interface SeriesSource {
  /**
   * The samples of every series that matches, with at least one sample; each label set once, in any order. A stale marker
   * is a NaN with the bits 0x7ff0000000000002. The engine does not change the arrays.
   */
  select(selection: SeriesSelection): Promise<readonly SeriesColumns[]>;
}
