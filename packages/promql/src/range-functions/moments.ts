import { addCompensated, type CompensatedSum } from '../engine/kahan.ts';
import { createMean } from '../engine/mean.ts';
import { type Kernel, type KernelInput, windowKernel } from './kernel.ts';

const total: CompensatedSum = { sum: 0, lost: 0 };

export const sumOverTime: Kernel = windowKernel(1, ({ values }, from, to) => {
  total.sum = 0;
  total.lost = 0;
  for (let i = from; i < to; i += 1) addCompensated(total, values[i] ?? 0);
  return Number.isFinite(total.sum) ? total.sum + total.lost : total.sum;
});

const mean = createMean();

export const avgOverTime: Kernel = windowKernel(1, ({ values }, from, to) => {
  mean.start(values[from] ?? 0);
  for (let i = from + 1; i < to; i += 1) mean.add(values[i] ?? 0);
  return mean.value();
});

export const stdvarOverTime: Kernel = windowKernel(1, variance);
export const stddevOverTime: Kernel = windowKernel(1, (input, from, to) =>
  Math.sqrt(variance(input, from, to)),
);

const average: CompensatedSum = { sum: 0, lost: 0 };
const squares: CompensatedSum = { sum: 0, lost: 0 };

/** The population's variance, after Welford, with compensated sums. */
function variance({ values }: KernelInput, from: number, to: number): number {
  average.sum = average.lost = squares.sum = squares.lost = 0;
  for (let i = from; i < to; i += 1) {
    const value = values[i] ?? 0;
    const difference = value - (average.sum + average.lost);
    addCompensated(average, difference / (i - from + 1));
    addCompensated(squares, difference * (value - (average.sum + average.lost)));
  }
  return (squares.sum + squares.lost) / (to - from);
}
