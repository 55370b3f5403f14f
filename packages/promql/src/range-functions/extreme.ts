import { type Kernel, type KernelInput, type KernelOutput, sweepKernel } from './kernel.ts';

export const minOverTime: Kernel = extremeOf((value, than) => value < than);
export const maxOverTime: Kernel = extremeOf((value, than) => value > than);

/**
 * The extreme of each window in one sweep: a queue holds the samples that may still become the extreme, each better than
 * all after it. NaN counts only where there is nothing else.
 */
function extremeOf(isBetter: (value: number, than: number) => boolean): Kernel {
  return sweepKernel((input, out) => {
    const queue = createQueue(input, isBetter);
    for (let step = 0; step < input.from.length; step += 1) writeStep({ input, out, step }, queue);
  });
}

interface Queue {
  /** Takes in the samples up to an index, drops those before another, and gives the best; -1 when there is none. */
  best(from: number, to: number): number;
}

function createQueue(
  { values }: KernelInput,
  isBetter: (value: number, than: number) => boolean,
): Queue {
  const indexes = new Uint32Array(values.length);
  let head = 0;
  let tail = 0;
  let next = 0;
  const push = (index: number): void => {
    const value = values[index] ?? 0;
    if (Number.isNaN(value)) return;
    while (tail > head && isBetter(value, values[indexes[tail - 1] ?? 0] ?? 0)) tail -= 1;
    indexes[tail] = index;
    tail += 1;
  };
  return {
    best: (from, to) => {
      for (; next < to; next += 1) push(next);
      while (head < tail && (indexes[head] ?? 0) < from) head += 1;
      return head < tail ? (indexes[head] ?? 0) : -1;
    },
  };
}

interface Target {
  readonly input: KernelInput;
  readonly out: KernelOutput;
  readonly step: number;
}

function writeStep({ input, out, step }: Target, queue: Queue): void {
  const from = input.from[step] ?? 0;
  const to = input.to[step] ?? 0;
  if (to === from) return;
  const best = queue.best(from, to);
  out.values[step] = best < 0 ? Number.NaN : (input.values[best] ?? 0);
  out.present[step] = 1;
}
