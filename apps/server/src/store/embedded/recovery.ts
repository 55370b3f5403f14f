import type { SampleBatch } from '@hubpulse/model';
import type { DataDirectory } from './data-directory.ts';
import { DayCatalog, type Say } from './day-catalog.ts';
import type { DayFile } from './day-file.ts';
import type { EngineParts } from './engine.ts';
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
 * the batches since the last marker, forgets series of which nothing remains.
 *
 * @throws StoreError `newer_version`, `disk_full`, `io`
 */
export function recover(directory: DataDirectory, say: Say): Recovered {
  const headFile = openHead(directory, say);
  const days = new DayCatalog(directory, say);
  const known = new Map<number, string>();
  for (const { key, labels } of headFile.series()) known.set(key, labels);
  const live = loadDays(days, headFile, known);
  const head = new Head();
  const keys = new Map(Array.from(known.keys(), (key) => [refOfKey(key), key]));
  replay(headFile, say, (batch) => {
    const rows = withKnownSeries(batch, keys);
    for (const ref of rows.refs) live.add(keys.get(ref) as number);
    head.append(rows);
  });
  const nextRef = forget(headFile, known, live);
  for (const key of known.keys()) if (!live.has(key)) keys.delete(refOfKey(key));
  const series = [...known]
    .filter(([key]) => live.has(key))
    .map(([key, labels]) => ({ key, labels }));
  return { parts: { directory, headFile, head, days, keys }, series, nextRef };
}

/** Opens all day files; adds series that only they know to the head file. Returns the keys that have chunks. */
function loadDays(days: DayCatalog, headFile: HeadFile, known: Map<number, string>): Set<number> {
  const { seal } = headFile.marker();
  const live = new Set<number>();
  const adopted: StoredSeries[] = [];
  const adopt = (file: DayFile, key: number): void => {
    const labels = file.labels(key);
    known.set(key, labels);
    adopted.push({ key, labels });
  };
  days.load((file) => {
    file.dropAfter(seal);
    for (const key of file.seriesKeys()) {
      live.add(key);
      if (!known.has(key)) adopt(file, key);
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

/** Deletes the series of which nothing remains. Returns the first ref that may be given to a new one. */
function forget(
  headFile: HeadFile,
  known: ReadonlyMap<number, string>,
  live: ReadonlySet<number>,
): number {
  let { nextRef } = headFile.marker();
  const dead: number[] = [];
  for (const key of known.keys()) {
    nextRef = Math.max(nextRef, refOfKey(key) + 1);
    if (!live.has(key)) dead.push(key);
  }
  if (dead.length > 0) headFile.forgetSeries(dead, nextRef);
  return nextRef;
}
