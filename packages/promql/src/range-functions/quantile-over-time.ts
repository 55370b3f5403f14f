import { quantileOf } from '../engine/quantile.ts';
import { type Kernel, windowKernel } from './kernel.ts';

/** The quantile that the parameter names. */
export const quantileOverTime: Kernel = windowKernel(1, ({ param, values }, { from, to, step }) =>
  quantileOf(param[step] ?? 0, values.slice(from, to)),
);
