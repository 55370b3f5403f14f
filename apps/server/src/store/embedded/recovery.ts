import type { SampleBatch } from '@hubpulse/model';
import type { DataDirectory } from './data-directory.ts';
import { DayCatalog, type Say } from './day-catalog.ts';
import type { DayFile } from './day-file.ts';
import { Deletions, type PendingDeletion } from './deletions.ts';
import type { EngineParts } from './engine-parts.ts';
import { Head } from './head.ts';
import type { HeadFile } from './head-file.ts';
import type { StoredSeries } from './protocol.ts';
import { openHead } from './salvage.ts';
import { refOfKey } from './series-key.ts';

/** What recovery finds, and what the main thread needs of it. */
export interface Recovered {
  readonly parts: EngineParts;
  readonly series: readonly StoredSeries[];
  /** The first ref that no series on disk has ever had. */
  readonly nextRef: number;
}

/**
 * Brings a data directory to the state of the last acknowledged batch: drops chunks whose seal has no marker, replays
 * the batches since the last marker, finds the series of which neither is left.
 *
 * @throws StoreError `newer_version`, `disk_full`, `io`
 */
export function recover(directory: DataDirectory, say: Say): Recovered {
  directory.removeUnfinished();
  const headFile = openHead(directory, say);
  const deletions = new Deletions(readDeletions(headFile, say));
  const days = new DayCatalog({ directory, deletions, say });
  const known = readSeries(headFile, say);
  const live = loadDays({ days, headFile, known, say });
  const head = new Head();
  const keys = new Map(Array.from(known.keys(), (key) => [refOfKey(key), key]));
  replay(headFile, say, (batch) => {
    const rows = withKnownSeries(batch, keys);
    for (const ref of rows.refs) live.add(keys.get(ref) as number);
    head.append(rows);
  });
  const suspects = [...known.keys()].filter((key) => !live.has(key));
  const series = Array.from(known, ([key, labels]) => ({ key, labels }));
  return {
    parts: { directory, headFile, head, days, deletions, keys, suspects },
    series,
    nextRef: nextRefOf(headFile, known),
  };
}

function readDeletions(headFile: HeadFile, say: Say): PendingDeletion[] {
  return [
    ...headFile.deletions((id) => {
      say('error', 'A deletion is damaged: what was not yet deleted for it stays; ask again.', {
        path: headFile.path,
        deletion: id,
      });
    }),
  ];
}

function readSeries(headFile: HeadFile, say: Say): Map<number, string> {
  const known = new Map<number, string>();
  const lost = (key: number): void => saySeriesLost(say, headFile.path, key);
  for (const { key, labels } of headFile.series.all(lost)) known.set(key, labels);
  return known;
}

function saySeriesLost(say: Say, path: string, key: number): void {
  say(
    'error',
    'The labels of a series are damaged; unless another file has them, its samples are lost.',
    {
      path,
      series: refOfKey(key),
    },
  );
}

interface DaysToLoad {
  readonly days: DayCatalog;
  readonly headFile: HeadFile;
  /** Labels by key; those that only a day file has are added. */
  readonly known: Map<number, string>;
  readonly say: Say;
}

/** Opens all day files. Returns the keys that have chunks. */
function loadDays({ days, headFile, known, say }: DaysToLoad): Set<number> {
  const { seal } = headFile.marker();
  const live = new Set<number>();
  const adopted: StoredSeries[] = [];
  const adopt = (file: DayFile, key: number): void => {
    const labels = file.series.labels(key);
    if (labels === undefined) {
      saySeriesLost(say, file.path, key);
      return;
    }
    known.set(key, labels);
    adopted.push({ key, labels });
  };
  days.load((file) => {
    file.dropAfter(seal);
    for (const key of file.series.keys()) {
      if (!known.has(key)) adopt(file, key);
      if (known.has(key)) live.add(key);
    }
  });
  if (adopted.length > 0) headFile.addSeries(adopted);
  return live;
}

function replay(headFile: HeadFile, say: Say, add: (batch: SampleBatch) => void): void {
  const { lastBatch } = headFile.marker();
  const lost = (id: number, error: Error): void => {
    say('error', 'A batch is damaged: its samples are lost, the others are there.', {
      path: headFile.path,
      batch: id,
      error: error.message,
    });
  };
  for (const batch of headFile.batches(lastBatch, lost)) add(batch);
}

/** A batch without the rows of series whose names were lost; the batch itself when there are none. */
function withKnownSeries(batch: SampleBatch, keys: ReadonlyMap<number, number>): SampleBatch {
  if (batch.refs.every((ref) => keys.has(ref))) return batch;
  const rows = Array.from(batch.refs.keys()).filter((row) => keys.has(batch.refs[row] as number));
  // Through integers, because a NaN's payload may not survive being a number.
  const bits = new BigUint64Array(
    batch.values.buffer,
    batch.values.byteOffset,
    batch.values.length,
  );
  const kept = BigUint64Array.from(rows, (row) => bits[row] as bigint);
  return {
    refs: Uint32Array.from(rows, (row) => batch.refs[row] as number),
    tMs: Float64Array.from(rows, (row) => batch.tMs[row] as number),
    values: new Float64Array(kept.buffer),
  };
}

/** The first ref that may be given to a new series. */
function nextRefOf(headFile: HeadFile, known: ReadonlyMap<number, string>): number {
  let { nextRef } = headFile.marker();
  for (const key of known.keys()) nextRef = Math.max(nextRef, refOfKey(key) + 1);
  return nextRef;
}
