import { cpus, loadavg, release, totalmem } from 'node:os';

/** What a figure was measured on: without it no figure means anything. */
export function machine(): string {
  const [cpu] = cpus();
  const memoryGb = Math.round(totalmem() / 1e9);
  const load = loadavg()[0]?.toFixed(2);
  return `${cpus().length} × ${cpu?.model.trim()}, ${memoryGb} GB, Linux ${release()}, Node ${process.versions.node}, load ${load}`;
}

/** The middle of the values; of an even number the mean of the two in the middle. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
