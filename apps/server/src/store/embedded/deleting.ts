import type { Deleted } from '../port.ts';
import { dayEndMs, dayStartMs } from './data-directory.ts';
import { collectReadable, type DayCatalog } from './day-catalog.ts';
import { type RewritingParts, rewriteDay } from './day-rewriting.ts';
import type { Deletions, PendingDeletion, TimeRange } from './deletions.ts';
import type { HeadFile } from './head-file.ts';
import { SampleRun } from './sample-run.ts';

/** Samples read between two looks at the queue of appends: some 5 ms. A series costs as much as 500. */
const SLICE_SAMPLES = 65_536;
const SERIES_COST_SAMPLES = 512;

/** Series looked up in a file between two looks at the queue of appends. */
const SLICE_KEYS = 1024;

export interface DeletingParts extends RewritingParts {
  readonly headFile: HeadFile;
  readonly deletions: Deletions;
}

/** Which samples are to go, all of them in chunks of seals up to `seal`. */
export interface DeletionOrder extends TimeRange {
  readonly keys: readonly number[];
  readonly seal: number;
}

/** Counts what is there of an order. @throws StoreError `io` */
export function* countSamples(
  days: DayCatalog,
  { keys, fromMs, toMs, seal }: DeletionOrder,
): Generator<void, Deleted & { readonly keys: Set<number> }> {
  const run = new SampleRun();
  const found = new Set<number>();
  let samples = 0;
  let cost = 0;
  for (const key of keys) {
    collectReadable(days, { range: { key, fromMs, toMs }, run, seals: { after: 0, upTo: seal } });
    const { start, end } = run.range(fromMs, toMs);
    if (end > start) found.add(key);
    samples += end - start;
    cost += SERIES_COST_SAMPLES + run.length;
    if (cost < SLICE_SAMPLES) continue;
    cost = 0;
    yield;
  }
  return { series: found.size, samples, keys: found };
}

/**
 * Carries out a deletion that was decided: writes every file that it concerns anew. May be done again from the start
 * after a crash or a failure.
 *
 * @throws StoreError `disk_full`, `io`; readers leave out what is deleted until it works.
 */
export function* carryOut(parts: DeletingParts, deletion: PendingDeletion): Generator<void> {
  const { days, headFile, deletions } = parts;
  for (const day of days.days()) {
    if (yield* concerns(days, day, deletion)) yield* rewriteDay(parts, day);
  }
  headFile.carriedOut(deletion.id);
  deletions.remove(deletion.id);
  // The batches went with the seal before; now their room leaves the file.
  while (headFile.shrinkSome(0)) yield;
  headFile.checkpoint();
}

function* concerns(
  days: DayCatalog,
  day: number,
  { fromMs, toMs, seal, keys }: PendingDeletion,
): Generator<void, boolean> {
  if (dayStartMs(day) > toMs || dayEndMs(day) < fromMs) return false;
  if (!days.seals(day).some(({ id }) => id <= seal)) return false;
  const wanted = [...keys].toSorted((a, b) => a - b);
  for (let start = 0; start < wanted.length; start += SLICE_KEYS) {
    if (days.hasAny(day, wanted.slice(start, start + SLICE_KEYS))) return true;
    yield;
  }
  return false;
}
