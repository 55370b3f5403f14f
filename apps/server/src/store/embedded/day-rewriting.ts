import { StoreError } from '../port.ts';
import { type DataDirectory, dayEndMs, dayStartMs } from './data-directory.ts';
import { collectReadable, type DayCatalog, type SealRange } from './day-catalog.ts';
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

/** A seal of the new file, made of some of the old one. */
interface Group extends SealRange {
  readonly id: number;
  readonly firstId: number;
}

/**
 * Writes a day's file anew, a slice for each step: the chunks of its older seals become full ones of one seal, what is
 * deleted stays behind, and what the old file took beyond that goes back to the disk. Readers have the old file until the
 * new one is whole. A day of which nothing remains loses its file.
 *
 * @param upTo The last seal that is merged with those before it: the last that is in all roll-ups of the day, so that it
 * can be told what they lack.
 * @throws StoreError `disk_full`, `io`; the old file stays then.
 */
export function* rewriteDay(parts: RewritingParts, day: number, upTo: number): Generator<void> {
  const { days, directory, isSealing } = parts;
  // Chunks of a seal that is under way are in the old file alone.
  while (isSealing()) yield;
  if (days.seals(day).length === 0) return;
  const newPath = directory.newPath(directory.dayPath(day));
  directory.remove(newPath);
  days.lock(day);
  try {
    const seals = yield* copy(days, { day, newPath, groups: groupsOf(days.seals(day), upTo) });
    if (days.seals(day).length > 0) days.replace(day, seals);
  } finally {
    days.unlock(day);
    directory.remove(newPath);
  }
}

function groupsOf(seals: readonly SealSummary[], upTo: number): Group[] {
  const merged = seals.filter(({ id }) => id <= upTo);
  const groups: Group[] = [];
  const newest = merged.at(-1);
  if (newest !== undefined) {
    const firstId = Math.min(...merged.map((seal) => seal.firstId));
    groups.push({ id: newest.id, firstId, after: 0, upTo: newest.id });
  }
  for (const { id, firstId } of seals.slice(merged.length)) {
    groups.push({ id, firstId, after: id - 1, upTo: id });
  }
  return groups;
}

interface Copy {
  readonly day: number;
  readonly newPath: string;
  readonly groups: readonly Group[];
}

function* copy(
  days: DayCatalog,
  { day, newPath, groups }: Copy,
): Generator<void, readonly SealSummary[]> {
  const target = DayFile.open(newPath);
  try {
    const seals: SealSummary[] = [];
    for (const group of groups) {
      const summaries = new Map<number, SealSummary>();
      for (const chunks of slices(days, day, group)) {
        // The old file may turn out to be damaged beyond a chunk; then it was set aside.
        if (days.seals(day).length === 0) return [];
        target.write(group.id, chunks, (key) => days.labels(day, key) ?? labelsLost(key));
        for (const chunk of chunks) summarize(summaries, group.id, chunk);
        yield;
      }
      const summary = summaries.get(day);
      if (summary !== undefined) seals.push({ ...summary, firstId: group.firstId });
    }
    for (const seal of seals) target.add(seal);
    target.checkpoint();
    return seals;
  } finally {
    target.close();
  }
}

function* slices(days: DayCatalog, day: number, seals: SealRange): Generator<Chunk[]> {
  const run = new SampleRun();
  const times = { fromMs: dayStartMs(day), toMs: dayEndMs(day) };
  let slice: Chunk[] = [];
  let cost = 0;
  for (const key of days.keys(day, 0, Infinity)) {
    collectReadable(days, { range: { key, ...times }, run, seals });
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
