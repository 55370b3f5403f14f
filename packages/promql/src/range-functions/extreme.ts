import { type Kernel, type KernelInput, type KernelOutput, sweepKernel } from './kernel.ts';

export const minOverTime: Kernel = sweepKernel((input, out) => sweep(input, out, -1));
export const maxOverTime: Kernel = sweepKernel((input, out) => sweep(input, out, 1));

/**
 * The extreme of each window in one sweep: a queue holds the indexes of the samples that may still become the extreme, each
 * better than all after it. NaN counts only where there is nothing else.
 *
 * @param sign 1 for the highest, -1 for the lowest.
 */
function sweep(input: KernelInput, out: KernelOutput, sign: 1 | -1): void {
  const { values, from, to } = input;
  const queue = { indexes: new Uint32Array(values.length), head: 0, tail: 0 };
  let next = 0;
  for (let step = 0; step < from.length; step += 1) {
    const first = from[step] ?? 0;
    const end = to[step] ?? 0;
    for (; next < end; next += 1) push(queue, values, { index: next, sign });
    while (queue.head < queue.tail && (queue.indexes[queue.head] ?? 0) < first) queue.head += 1;
    if (first === end) continue;
    const isEmpty = queue.head === queue.tail;
    out.values[step] = isEmpty ? Number.NaN : (values[queue.indexes[queue.head] ?? 0] ?? 0);
    out.present[step] = 1;
  }
}

interface Queue {
  readonly indexes: Uint32Array;
  head: number;
  tail: number;
}

function push(
  queue: Queue,
  values: Float64Array,
  { index, sign }: { readonly index: number; readonly sign: 1 | -1 },
): void {
  const value = sign * (values[index] ?? 0);
  if (Number.isNaN(value)) return;
  const { indexes, head } = queue;
  let { tail } = queue;
  while (tail > head && value > sign * (values[indexes[tail - 1] ?? 0] ?? 0)) tail -= 1;
  indexes[tail] = index;
  queue.tail = tail + 1;
}
