/** A bucket of a classic histogram: how many observations were at most `upperBound`, over some window. */
export interface Bucket {
  /** Upper bound, inclusive, in the histogram's unit; `Infinity` for the last. */
  readonly upperBound: number;
  /** Cumulative count. */
  readonly count: number;
}

/**
 * Quantile of a classic histogram by linear interpolation inside its bucket, as Prometheus' `histogram_quantile` does:
 * the lowest bucket begins at 0, and a quantile in the last bucket gives the highest finite bound.
 *
 * @param quantile 0 to 1.
 * @param buckets Ascending by bound, the last one infinite.
 * @returns NaN without observations, or without a finite bucket.
 */
export function histogramQuantile(quantile: number, buckets: readonly Bucket[]): number {
  const total = buckets.at(-1)?.count ?? 0;
  const rank = quantile * total;
  const index = buckets.findIndex(({ count }) => count >= rank);
  const bucket = buckets[index];
  if (buckets.length < 2 || !(total > 0) || bucket === undefined) return Number.NaN;
  const below = buckets[index - 1] ?? { upperBound: 0, count: 0 };
  if (bucket.upperBound === Number.POSITIVE_INFINITY) return below.upperBound;
  if (index === 0 && bucket.upperBound <= 0) return bucket.upperBound;
  const share =
    bucket.count > below.count ? (rank - below.count) / (bucket.count - below.count) : 1;
  return below.upperBound + (bucket.upperBound - below.upperBound) * share;
}
