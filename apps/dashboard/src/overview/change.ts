/** How the mean of a window compares with the mean of the window before it. */
export type Change =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'from_zero' }
  | {
      readonly kind: 'up' | 'down';
      /** Size of the change in percent of the earlier mean, always positive. */
      readonly percent: number;
      /** Whether it deserves red: more of a signal is worse, and this is more than noise. */
      readonly isBad: boolean;
    };

/** Smaller changes would be shown as 0 %. */
const SMALLEST_SHOWN_PERCENT = 0.5;

/** Smaller rises are noise, not news. */
const NOISE_PERCENT = 3;

/** Compares the mean of the window with the mean of the window before; `null` where nothing was measured. */
export function changeOf(mean: number | null, previousMean: number | null): Change {
  if (mean === null || previousMean === null) return { kind: 'unknown' };
  if (previousMean === 0) return { kind: mean === 0 ? 'unchanged' : 'from_zero' };
  const percent = ((mean - previousMean) / previousMean) * 100;
  if (Math.abs(percent) < SMALLEST_SHOWN_PERCENT) return { kind: 'unchanged' };
  return percent > 0
    ? { kind: 'up', percent, isBad: percent > NOISE_PERCENT }
    : { kind: 'down', percent: -percent, isBad: false };
}

/** The mean of the figures that are there, or `null` where there is none. */
export function meanOf(values: Iterable<number | null | undefined>): number | null {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (value === null || value === undefined || Number.isNaN(value)) continue;
    sum += value;
    count += 1;
  }
  return count === 0 ? null : sum / count;
}
