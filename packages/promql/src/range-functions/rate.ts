import { type Kernel, type KernelInput, sweepKernel, windowKernel } from './kernel.ts';

const MS_PER_SECOND = 1000;

/** A gap to the window's edge counts as one while it is at most this many average intervals, as in Prometheus. */
const EXTRAPOLATION_THRESHOLD = 1.1;

interface RateOptions {
  /** Whether a fall is a reset, and the value never below zero. */
  readonly isCounter: boolean;
  /** Whether the result is per second. */
  readonly perSecond: boolean;
}

export const rate: Kernel = extrapolated({ isCounter: true, perSecond: true });
export const increase: Kernel = extrapolated({ isCounter: true, perSecond: false });
export const delta: Kernel = extrapolated({ isCounter: false, perSecond: false });
export const irate: Kernel = windowKernel(2, ({ tMs, values }, _, to) => {
  const last = values[to - 1] ?? 0;
  const before = values[to - 2] ?? 0;
  const seconds = ((tMs[to - 1] ?? 0) - (tMs[to - 2] ?? 0)) / MS_PER_SECOND;
  return (last < before ? last : last - before) / seconds;
});
export const idelta: Kernel = windowKernel(
  2,
  ({ values }, _, to) => (values[to - 1] ?? 0) - (values[to - 2] ?? 0),
);

/** The change over each window, extrapolated to its edges as Prometheus does. */
function extrapolated(options: RateOptions): Kernel {
  return sweepKernel((input, out) => {
    const resets = options.isCounter ? findResets(input.values) : [];
    let firstReset = 0;
    for (let step = 0; step < input.from.length; step += 1) {
      const from = input.from[step] ?? 0;
      const to = input.to[step] ?? 0;
      if (to - from < 2) continue;
      while (firstReset < resets.length && (resets[firstReset] ?? 0) <= from) firstReset += 1;
      let change = (input.values[to - 1] ?? 0) - (input.values[from] ?? 0);
      for (let i = firstReset; i < resets.length && (resets[i] ?? 0) < to; i += 1) {
        change += input.values[(resets[i] ?? 0) - 1] ?? 0;
      }
      const window = { from, to, startMs: (input.ends[step] ?? 0) - input.rangeMs };
      const factor = extrapolation(input, { ...window, change }, options.isCounter);
      const seconds = options.perSecond ? input.rangeMs / MS_PER_SECOND : 1;
      out.values[step] = change * (factor / seconds);
      out.present[step] = 1;
    }
  });
}

/** Where a counter fell: the indexes of the samples after the falls. */
function findResets(values: Float64Array): number[] {
  const resets: number[] = [];
  for (let i = 1; i < values.length; i += 1) {
    if ((values[i] ?? 0) < (values[i - 1] ?? 0)) resets.push(i);
  }
  return resets;
}

interface Change {
  readonly from: number;
  readonly to: number;
  readonly startMs: number;
  readonly change: number;
}

/** By how much the change between the first and the last sample grows when it is drawn out to the window's edges. */
function extrapolation(
  { tMs, values, rangeMs }: KernelInput,
  { from, to, startMs, change }: Change,
  isCounter: boolean,
): number {
  const firstMs = tMs[from] ?? 0;
  const lastMs = tMs[to - 1] ?? 0;
  const sampled = (lastMs - firstMs) / MS_PER_SECOND;
  const average = sampled / (to - from - 1);
  const threshold = average * EXTRAPOLATION_THRESHOLD;
  let toStart = (firstMs - startMs) / MS_PER_SECOND;
  let toEnd = (startMs + rangeMs - lastMs) / MS_PER_SECOND;
  if (toStart >= threshold) toStart = average / 2;
  if (toEnd >= threshold) toEnd = average / 2;
  const first = values[from] ?? 0;
  if (isCounter && change > 0 && first >= 0) {
    // Back from its first sample a counter goes down to zero and no further.
    const toZero = sampled * (first / change);
    if (toZero < toStart) toStart = toZero;
  }
  return (sampled + toStart + toEnd) / sampled;
}
