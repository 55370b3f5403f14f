/** The buckets of a classic histogram at one instant: cumulative counts by ascending upper bounds. */
export interface Buckets {
  readonly bounds: Float64Array;
  readonly counts: Float64Array;
  /** How many of the entries are used. */
  size: number;
}

/** Differences between counts that are smaller than this, relative to them, come from rounding. */
const SMALL_DIFFERENCE = 1e-12;

/** Makes room for the buckets of one histogram; it is filled again at each step. */
export function createBuckets(capacity: number): Buckets {
  return { bounds: new Float64Array(capacity), counts: new Float64Array(capacity), size: 0 };
}

/** Adds a bucket; bounds must come in ascending order, equal ones are added up. */
export function addBucket(buckets: Buckets, bound: number, count: number): void {
  const last = buckets.size - 1;
  if (last >= 0 && buckets.bounds[last] === bound) {
    buckets.counts[last] = (buckets.counts[last] ?? 0) + count;
    return;
  }
  buckets.bounds[buckets.size] = bound;
  buckets.counts[buckets.size] = count;
  buckets.size += 1;
}

/** Makes the counts ascend, as cumulative counts must. Says whether more than rounding had to be mended. */
export function mendCounts({ counts, size }: Buckets): boolean {
  let isForced = false;
  let before = counts[0] ?? 0;
  for (let i = 1; i < size; i += 1) {
    const count = counts[i] ?? 0;
    if (count === before) continue;
    if (isNearly(count, before)) counts[i] = before;
    else if (count < before) {
      counts[i] = before;
      isForced = true;
    } else before = count;
  }
  return isForced;
}

/** Equal but for rounding; Prometheus' `almost.Equal`. */
function isNearly(a: number, b: number): boolean {
  if (Number.isNaN(a) || Number.isNaN(b)) return false;
  const size = Math.abs(a) + Math.abs(b);
  return Math.abs(a - b) / Math.min(size, Number.MAX_VALUE) < SMALL_DIFFERENCE;
}

/** Whether the last bucket is that of all observations. */
export function isComplete({ bounds, size }: Buckets): boolean {
  return size > 0 && bounds[size - 1] === Number.POSITIVE_INFINITY;
}

/**
 * A quantile of the observations, linear inside of its bucket. The lowest bucket begins at 0, unless its bound is not
 * above; a quantile in the highest gives the bound below it. The counts must have been mended.
 *
 * @returns NaN without observations or with fewer than two buckets or without an infinite one.
 */
export function bucketQuantile(quantile: number, buckets: Buckets): number {
  if (Number.isNaN(quantile)) return Number.NaN;
  if (quantile < 0) return Number.NEGATIVE_INFINITY;
  if (quantile > 1) return Number.POSITIVE_INFINITY;
  const observations = buckets.counts[buckets.size - 1] ?? 0;
  if (!isComplete(buckets) || buckets.size < 2 || observations === 0) return Number.NaN;
  return valueAtRank(quantile * observations, buckets);
}

/** The value below which so many observations lie. */
function valueAtRank(rank: number, { bounds, counts, size }: Buckets): number {
  let index = 0;
  while (index < size - 1 && !((counts[index] ?? 0) >= rank)) index += 1;
  const bound = bounds[index] ?? 0;
  if (index === size - 1) return bounds[size - 2] ?? 0;
  if (index === 0 && bound <= 0) return bound;
  // Of the first bucket there is none before: it begins at zero.
  const lowerBound = bounds[index - 1] ?? 0;
  const below = counts[index - 1] ?? 0;
  return lowerBound + (bound - lowerBound) * ((rank - below) / ((counts[index] ?? 0) - below));
}

/**
 * The share of observations between two values, linear inside of the buckets.
 *
 * @returns NaN without observations, without an infinite bucket, or when a limit is NaN.
 */
export function bucketFraction(buckets: Buckets, lower: number, upper: number): number {
  const observations = buckets.counts[buckets.size - 1] ?? 0;
  const isUnknown = Number.isNaN(lower) || Number.isNaN(upper);
  if (!isComplete(buckets) || observations === 0 || isUnknown) return Number.NaN;
  if (lower >= upper) return 0;
  return (rankOf(upper, buckets) - rankOf(lower, buckets)) / observations;
}

/** How many observations lie below a value. */
function rankOf(value: number, { bounds, counts, size }: Buckets): number {
  const observations = counts[size - 1] ?? 0;
  let lowerBound = (bounds[0] ?? 0) <= 0 ? Number.NEGATIVE_INFINITY : 0;
  let below = 0;
  for (let i = 0; i < size; i += 1) {
    const bound = bounds[i] ?? 0;
    const count = counts[i] ?? 0;
    if (lowerBound >= value) return Math.min(below, observations);
    if (bound > value) {
      const share = (value - lowerBound) / (bound - lowerBound);
      const rank =
        lowerBound === Number.NEGATIVE_INFINITY ? count : below + (count - below) * share;
      return Math.min(rank, observations);
    }
    below = count;
    lowerBound = bound;
  }
  return observations;
}
