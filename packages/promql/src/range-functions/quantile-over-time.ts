import { quantileOf } from '../engine/quantile.ts';
import { type Kernel, windowKernel } from './kernel.ts';

/** The quantile that the parameter names. */
export const quantileOverTime: Kernel = windowKernel(1, (input, from, to, step) =>
  quantileOf(input.param[step] ?? 0, input.values.slice(from, to)),
);
