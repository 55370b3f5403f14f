import { addCompensated, type CompensatedSum } from '../engine/kahan.ts';
import { type Kernel, type KernelInput, windowKernel } from './kernel.ts';

/** The slope per second of the line through the samples. */
export const deriv: Kernel = windowKernel(2, (input, { from, to }) => {
  // A time near the samples keeps the sums small and so exact.
  fit(input, { from, to, originMs: input.tMs[from] ?? 0 });
  return line.slope;
});

/** Where that line will be, so many seconds after the step, as the parameter says. */
export const predictLinear: Kernel = windowKernel(2, (input, { from, to, step }) => {
  fit(input, { from, to, originMs: input.times[step] ?? 0 });
  return line.slope * (input.param[step] ?? 0) + line.intercept;
});

interface Samples {
  readonly from: number;
  readonly to: number;
  /** The time at which the intercept is taken. */
  readonly originMs: number;
}

/** The last fit: read at once, so that no window builds an object. */
const line = { slope: 0, intercept: 0 };

const x: CompensatedSum = { sum: 0, lost: 0 };
const y: CompensatedSum = { sum: 0, lost: 0 };
const xy: CompensatedSum = { sum: 0, lost: 0 };
const xx: CompensatedSum = { sum: 0, lost: 0 };

/** Least squares with compensated sums; values that are all the same give exactly them. */
function fit({ tMs, values }: KernelInput, { from, to, originMs }: Samples): void {
  for (const sum of [x, y, xy, xx]) sum.sum = sum.lost = 0;
  const first = values[from] ?? 0;
  let isConstant = true;
  for (let i = from; i < to; i += 1) {
    const value = values[i] ?? 0;
    const seconds = ((tMs[i] ?? 0) - originMs) / 1000;
    isConstant &&= i === from || value === first;
    addCompensated(x, seconds);
    addCompensated(y, value);
    addCompensated(xy, seconds * value);
    addCompensated(xx, seconds * seconds);
  }
  if (isConstant) setConstant(first);
  else setLine(to - from);
}

function setConstant(value: number): void {
  const isFinite = Math.abs(value) !== Number.POSITIVE_INFINITY;
  line.slope = isFinite ? 0 : Number.NaN;
  line.intercept = isFinite ? value : Number.NaN;
}

function setLine(count: number): void {
  const sumX = x.sum + x.lost;
  const sumY = y.sum + y.lost;
  const covariance = xy.sum + xy.lost - (sumX * sumY) / count;
  const variance = xx.sum + xx.lost - (sumX * sumX) / count;
  line.slope = covariance / variance;
  line.intercept = sumY / count - (line.slope * sumX) / count;
}
