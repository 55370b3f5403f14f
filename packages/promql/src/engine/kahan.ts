/**
 * Adds with a compensation for what rounding loses, after Kahan and Neumaier: read `sum` and `lost` after `add`. One
 * object is used again for many sums, so that the hot loops build none.
 */
export interface CompensatedSum {
  sum: number;
  lost: number;
}

/** Adds one value. An infinite sum loses nothing. */
export function addCompensated(to: CompensatedSum, value: number): void {
  const { sum } = to;
  const total = sum + value;
  if (total === Number.POSITIVE_INFINITY || total === Number.NEGATIVE_INFINITY) to.lost = 0;
  else if (Math.abs(sum) >= Math.abs(value)) to.lost += sum - total + value;
  else to.lost += value - total + sum;
  to.sum = total;
}
