import type { SampleBatch } from '@hubpulse/model';
import { type Resolution, RESOLUTIONS } from '../port.ts';
import { type DataDirectory, ROLLUP_TIERS } from './data-directory.ts';
import { DayCatalog, type Say } from './day-catalog.ts';
import { Deletions, type PendingDeletion } from './deletions.ts';
import type { EngineParts } from './engine-parts.ts';
import { Head } from './head.ts';
import type { HeadFile } from './head-file.ts';
import type { StoredSeries } from './protocol.ts';
import { Tier } from './rollup-tier.ts';
import { openHead } from './salvage.ts';
import { refOfKey } from './series-key.ts';
import type { SeriesRows } from './stored-series.ts';

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
  const { headFile, isNew } = openHead(directory, say);
  const deletions = new Deletions(readDeletions(headFile, say));
  const days = new DayCatalog({ directory, deletions, say });
  const known = readSeries(headFile, say);
  const live = loadDays({ days, headFile, known, say });
  const tiers = loadTiers({ directory, headFile, known, say, isNew });
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
    parts: { directory, headFile, head, days, deletions, tiers, keys, suspects },
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
  const adoption = new Adoption(known, say);
  days.load((file) => {
    file.dropAfter(seal);
    const keys = file.series.keys();
    adoption.adopt(file.path, file.series, keys);
    for (const key of keys) if (known.has(key)) live.add(key);
  });
  adoption.finish(headFile);
  return live;
}

interface TiersToLoad extends Omit<DaysToLoad, 'days'> {
  readonly directory: DataDirectory;
  /** Whether the head file may lack series, so that all files must be searched for them. */
  readonly isNew: boolean;
}

/** Opens all files of roll-ups. */
function loadTiers({ directory, headFile, known, say, isNew }: TiersToLoad): Tier[] {
  const adoption = new Adoption(known, say);
  const tiers = ROLLUP_TIERS.map((name, i) => {
    const tier = new Tier({ name, resolutionMs: RESOLUTIONS[i] as Resolution, directory, say });
    tier.load((file, path) => {
      if (isNew) adoption.adopt(path, file.series, file.series.keys());
    });
    return tier;
  });
  adoption.finish(headFile);
  return tiers;
}

/** Takes over the labels of series that the head file does not know. */
class Adoption {
  readonly #known: Map<number, string>;
  readonly #say: Say;
  readonly #adopted: StoredSeries[] = [];

  constructor(known: Map<number, string>, say: Say) {
    this.#known = known;
    this.#say = say;
  }

  adopt(path: string, series: SeriesRows, keys: readonly number[]): void {
    for (const key of keys) {
      if (this.#known.has(key)) continue;
      const labels = series.labels(key);
      if (labels === undefined) {
        saySeriesLost(this.#say, path, key);
        continue;
      }
      this.#known.set(key, labels);
      this.#adopted.push({ key, labels });
    }
  }

  finish(headFile: HeadFile): void {
    if (this.#adopted.length > 0) headFile.addSeries(this.#adopted);
  }
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
