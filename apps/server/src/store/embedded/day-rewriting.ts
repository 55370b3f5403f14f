import { StoreError } from '../port.ts';
import { type DataDirectory, dayEndMs, dayStartMs } from './data-directory.ts';
import { collectReadable, type DayCatalog } from './day-catalog.ts';
import { type Chunk, DayFile, type SealSummary } from './day-file.ts';
import { SampleRun } from './sample-run.ts';
import { chunksOfDay, summarize } from './sealing.ts';

/** Samples read and compressed between two looks at the queue of appends: some 5 ms. A series costs as much as 100. */
const SLICE_SAMPLES = 16_384;
const SERIES_COST_SAMPLES = 100;

export interface RewritingParts {
  readonly directory: DataDirectory;
  readonly days: DayCatalog;
  /** Whether a seal has begun that may have unfinished chunks in any day. */
  readonly isSealing: () => boolean;
}

/**
 * Writes a day's file anew, a slice for each step: the chunks of all seals become full ones of the newest seal, what is
 * deleted stays behind, and what the old file took beyond that goes back to the disk. Readers have the old file until the
 * new one is whole. A day of which nothing remains loses its file.
 *
 * @throws StoreError `disk_full`, `io`; the old file stays then.
 */
export function* rewriteDay(parts: RewritingParts, day: number): Generator<void> {
  const { days, directory, isSealing } = parts;
  // Chunks of a seal that is under way are in the old file alone.
  while (isSealing()) yield;
  const seal = days.seals(day).at(-1)?.id;
  if (seal === undefined) return;
  const newPath = directory.newPath(directory.dayPath(day));
  directory.remove(newPath);
  days.lock(day);
  try {
    const summary = yield* copy(parts, { day, seal, newPath });
    if (days.seals(day).length > 0) days.replace(day, summary);
  } finally {
    days.unlock(day);
    directory.remove(newPath);
  }
}

interface Copy {
  readonly day: number;
  readonly seal: number;
  readonly newPath: string;
}

function* copy(
  { days }: RewritingParts,
  { day, seal, newPath }: Copy,
): Generator<void, SealSummary | undefined> {
  const target = DayFile.open(newPath);
  try {
    const summaries = new Map<number, SealSummary>();
    for (const chunks of slices(days, day)) {
      // The old file may turn out to be damaged beyond a chunk; then it was set aside.
      if (days.seals(day).length === 0) return undefined;
      target.write(seal, chunks, (key) => days.file(day).series.labels(key) ?? labelsLost(key));
      for (const chunk of chunks) summarize(summaries, seal, chunk);
      yield;
    }
    const summary = summaries.get(day);
    if (summary !== undefined) target.finish(summary);
    return summary;
  } finally {
    target.close();
  }
}

function* slices(days: DayCatalog, day: number): Generator<Chunk[]> {
  const run = new SampleRun();
  let slice: Chunk[] = [];
  let cost = 0;
  for (const key of days.file(day).series.keys()) {
    if (days.seals(day).length === 0) break;
    const range = { key, fromMs: dayStartMs(day), toMs: dayEndMs(day) };
    collectReadable(days, { range, run });
    if (run.length > 0) slice.push(...chunksOfDay(key, run, { start: 0, end: run.length }));
    cost += SERIES_COST_SAMPLES + run.length;
    if (cost < SLICE_SAMPLES) continue;
    yield slice;
    slice = [];
    cost = 0;
  }
  yield slice;
}

/** A file whose names are damaged cannot be written anew without losing more. */
function labelsLost(key: number): string {
  throw new StoreError(
    'damaged',
    `got no labels for the series with the key ${key}; want what was written`,
  );
}
