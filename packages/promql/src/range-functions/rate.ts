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

export const irate: Kernel = windowKernel(2, ({ tMs, values }, { to }) => {
  const last = values[to - 1] ?? 0;
  const before = values[to - 2] ?? 0;
  const seconds = ((tMs[to - 1] ?? 0) - (tMs[to - 2] ?? 0)) / MS_PER_SECOND;
  return (last < before ? last : last - before) / seconds;
});

export const idelta: Kernel = windowKernel(
  2,
  ({ values }, { to }) => (values[to - 1] ?? 0) - (values[to - 2] ?? 0),
);

/** The change over each window, extrapolated to its edges as Prometheus does. */
function extrapolated({ isCounter, perSecond }: RateOptions): Kernel {
  return sweepKernel((input, out) => {
    const changeOver = isCounter ? createCounterChange(input.values) : gaugeChange(input.values);
    const seconds = perSecond ? input.rangeMs / MS_PER_SECOND : 1;
    for (let step = 0; step < input.from.length; step += 1) {
      const from = input.from[step] ?? 0;
      const to = input.to[step] ?? 0;
      if (to - from < 2) continue;
      const change = changeOver(from, to);
      const startMs = (input.ends[step] ?? 0) - input.rangeMs;
      const factor = extrapolation(input, { from, to, startMs, change, isCounter });
      out.values[step] = change * (factor / seconds);
      out.present[step] = 1;
    }
  });
}

/** The change between the first and the last sample of a window; windows come in order. */
type ChangeOver = (from: number, to: number) => number;

function gaugeChange(values: Float64Array): ChangeOver {
  return (from, to) => (values[to - 1] ?? 0) - (values[from] ?? 0);
}

/** The same for counters: what they had before each fall counts too. */
function createCounterChange(values: Float64Array): ChangeOver {
  const resets = findResets(values);
  const change = gaugeChange(values);
  if (resets.length === 0) return change;
  let first = 0;
  return (from, to) => {
    while ((resets[first] ?? Number.POSITIVE_INFINITY) <= from) first += 1;
    let total = change(from, to);
    for (let i = first, at = resets[i]; at !== undefined && at < to; i += 1, at = resets[i]) {
      total += values[at - 1] ?? 0;
    }
    return total;
  };
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
  readonly isCounter: boolean;
}

/** By how much the change between the first and the last sample grows when it is drawn out to the window's edges. */
function extrapolation(
  { tMs, values, rangeMs }: KernelInput,
  { from, to, startMs, change, isCounter }: Change,
): number {
  const firstMs = tMs[from] ?? 0;
  const lastMs = tMs[to - 1] ?? 0;
  const sampled = (lastMs - firstMs) / MS_PER_SECOND;
  const average = sampled / (to - from - 1);
  const toEnd = drawnOut((startMs + rangeMs - lastMs) / MS_PER_SECOND, average);
  let toStart = drawnOut((firstMs - startMs) / MS_PER_SECOND, average);
  const first = values[from] ?? 0;
  if (isCounter && change > 0 && first >= 0) {
    // Back from its first sample a counter goes down to zero and no further.
    const toZero = sampled * (first / change);
    if (toZero < toStart) toStart = toZero;
  }
  return (sampled + toStart + toEnd) / sampled;
}

/** How far the change is drawn out towards an edge: to it, or half an interval when a sample seems to be missing there. */
function drawnOut(gap: number, average: number): number {
  return gap >= average * EXTRAPOLATION_THRESHOLD ? average / 2 : gap;
}
