/**
 * Prometheus' quantile of values: linear between the two nearest, NaN counting as the smallest of all.
 *
 * @param values Are sorted in place.
 * @returns NaN for no values or a NaN quantile, an infinity for a quantile outside of 0 to 1.
 */
export function quantileOf(quantile: number, values: Float64Array): number {
  if (values.length === 0 || Number.isNaN(quantile)) return Number.NaN;
  if (quantile < 0) return Number.NEGATIVE_INFINITY;
  if (quantile > 1) return Number.POSITIVE_INFINITY;
  // A typed array sorts NaN to its end.
  values.sort();
  const numbers = countNumbers(values);
  const missing = values.length - numbers;
  const at = (index: number): number =>
    index < missing ? Number.NaN : (values[index - missing] ?? Number.NaN);
  const rank = quantile * (values.length - 1);
  const low = Math.floor(rank);
  const high = Math.min(values.length - 1, low + 1);
  const weight = rank - low;
  return at(low) * (1 - weight) + at(high) * weight;
}

/** How many of the sorted values are numbers. */
function countNumbers(values: Float64Array): number {
  let count = values.length;
  while (count > 0 && Number.isNaN(values[count - 1])) count -= 1;
  return count;
}
