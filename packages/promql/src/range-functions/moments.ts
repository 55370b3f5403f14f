import { addCompensated, type CompensatedSum } from '../engine/kahan.ts';
import { createMean } from '../engine/mean.ts';
import { countSamples } from './counting.ts';
import { type Kernel, type KernelInput, type Window, windowKernel } from './kernel.ts';

const total: CompensatedSum = { sum: 0, lost: 0 };

export const sumOverTime: Kernel = windowKernel(1, ({ values }, window) => {
  addUp(values, window);
  return Number.isFinite(total.sum) ? total.sum + total.lost : total.sum;
});

const mean = createMean();

export const avgOverTime: Kernel = windowKernel(1, ({ values, counts }, window) => {
  const count = countSamples(counts, window);
  // Nearly always the sum does not overflow, and the mean is its quotient. Of buckets nothing but their sums is known.
  const isFinite = addUp(values, window);
  if (!isFinite && counts !== undefined) return total.sum / count;
  if (isFinite) return total.sum / count + total.lost / count;
  mean.start(values[window.from] ?? 0);
  for (let i = window.from + 1; i < window.to; i += 1) mean.add(values[i] ?? 0);
  return mean.value();
});

/** Adds up a window in `total`; whether the sum was finite all the way. Local variables: a day's windows are many millions. */
function addUp(values: Float64Array, { from, to }: Window): boolean {
  let sum = 0;
  let lost = 0;
  let isFinite = true;
  for (let i = from; i < to; i += 1) {
    const value = values[i] ?? 0;
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
    isFinite &&= Number.isFinite(sum);
  }
  total.sum = sum;
  total.lost = lost;
  return isFinite;
}

export const stdvarOverTime: Kernel = windowKernel(1, variance);
export const stddevOverTime: Kernel = windowKernel(1, (input, window) =>
  Math.sqrt(variance(input, window)),
);

const average: CompensatedSum = { sum: 0, lost: 0 };
const squares: CompensatedSum = { sum: 0, lost: 0 };

/** The population's variance, after Welford, with compensated sums. */
function variance({ values }: KernelInput, { from, to }: Window): number {
  average.sum = average.lost = squares.sum = squares.lost = 0;
  for (let i = from; i < to; i += 1) {
    const value = values[i] ?? 0;
    const difference = value - (average.sum + average.lost);
    addCompensated(average, difference / (i - from + 1));
    addCompensated(squares, difference * (value - (average.sum + average.lost)));
  }
  return (squares.sum + squares.lost) / (to - from);
}
