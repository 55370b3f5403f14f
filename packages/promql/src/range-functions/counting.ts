import { type Kernel, sweepKernel, type Window, windowKernel } from './kernel.ts';

export const countOverTime: Kernel = windowKernel(1, ({ counts }, window) =>
  countSamples(counts, window),
);
export const presentOverTime: Kernel = windowKernel(1, () => 1);
export const lastOverTime: Kernel = windowKernel(1, ({ values }, { to }) => values[to - 1] ?? 0);
export const resets: Kernel = countOf((before, value) => value < before);
export const changes: Kernel = countOf(
  (before, value) => value !== before && !(Number.isNaN(value) && Number.isNaN(before)),
);

/** How many samples a window holds. */
export function countSamples(
  counts: Float64Array | undefined,
  { from, to }: Pick<Window, 'from' | 'to'>,
): number {
  if (counts === undefined) return to - from;
  let total = 0;
  for (let i = from; i < to; i += 1) total += counts[i] ?? 0;
  return total;
}

/** Counts the samples of each window that differ from the one before, which must be in the window too. */
function countOf(differs: (before: number, value: number) => boolean): Kernel {
  return sweepKernel((input, out) => {
    const counts = countUpTo(input.values, differs);
    for (let step = 0; step < input.from.length; step += 1) {
      const from = input.from[step] ?? 0;
      const to = input.to[step] ?? 0;
      if (to === from) continue;
      out.values[step] = (counts[to - 1] ?? 0) - (counts[from] ?? 0);
      out.present[step] = 1;
    }
  });
}

/** For each sample how many, up to and including it, differ from the one before. */
function countUpTo(
  values: Float64Array,
  differs: (before: number, value: number) => boolean,
): Uint32Array {
  const counts = new Uint32Array(values.length);
  for (let i = 1; i < values.length; i += 1) {
    const isOther = differs(values[i - 1] ?? 0, values[i] ?? 0);
    counts[i] = (counts[i - 1] ?? 0) + (isOther ? 1 : 0);
  }
  return counts;
}
