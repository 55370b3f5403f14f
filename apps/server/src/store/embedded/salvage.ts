import { existsSync, renameSync } from 'node:fs';
import { StoreError } from '../port.ts';
import { type DataDirectory, ROLLUP_TIERS } from './data-directory.ts';
import { isDamage, type Say } from './day-catalog.ts';
import { DayFile } from './day-file.ts';
import { HeadFile, type Marker } from './head-file.ts';
import { RollupFile } from './rollup-file.ts';

/** The head file, and whether it may lack series that other files have. */
export interface OpenedHead {
  readonly headFile: HeadFile;
  readonly isNew: boolean;
}

/**
 * Opens the head file. A damaged one is set aside and replaced by a copy of what can still be read.
 *
 * @throws StoreError `newer_version`, `disk_full`, `io`
 */
export function openHead(directory: DataDirectory, say: Say): OpenedHead {
  const { headPath, salvagePath } = directory;
  // A salvage that ended between its two renames is complete, but not yet in its place.
  if (!existsSync(headPath) && existsSync(salvagePath)) renameSync(salvagePath, headPath);
  const isNew = !existsSync(headPath);
  try {
    return { headFile: openChecked(directory, say), isNew };
  } catch (error) {
    if (!isDamage(error)) throw error;
    salvage(directory, say, error);
    return { headFile: openChecked(directory, say), isNew: true };
  }
}

function openChecked(directory: DataDirectory, say: Say): HeadFile {
  const headFile = HeadFile.open(directory.headPath, () => adoptedMarker(directory, say));
  try {
    headFile.check();
    return headFile;
  } catch (error) {
    headFile.close();
    throw error;
  }
}

/**
 * What a new head file starts from. Beside day files it is not the first of its directory: it must not declare their
 * chunks void, and no batch can replace what an unfinished seal left, so all of them stand.
 */
function adoptedMarker(directory: DataDirectory, say: Say): Marker {
  let seal = 0;
  for (const day of directory.days()) {
    seal = Math.max(
      seal,
      newestIn(() => DayFile.open(directory.dayPath(day)), newestSeal),
    );
  }
  for (const tier of ROLLUP_TIERS) {
    for (const period of directory.periods(tier)) {
      const open = (): RollupFile => RollupFile.open(directory.rollupPath(tier, period));
      seal = Math.max(seal, newestIn(open, newestRolled));
    }
  }
  if (seal > 0) {
    say(
      'error',
      'The head file is missing beside other files: the samples since the last seal are lost; restore it from a backup if there is one.',
      { path: directory.headPath },
    );
  }
  return { seal, lastBatch: 0, nextRef: 1 };
}

function newestSeal(file: DayFile): number {
  return file.seals().at(-1)?.id ?? 0;
}

function newestRolled(file: RollupFile): number {
  return file.days().reduce((newest, { seal }) => Math.max(newest, seal), 0);
}

function newestIn<F extends { close(): void }>(open: () => F, newest: (file: F) => number): number {
  try {
    const file = open();
    try {
      return newest(file);
    } finally {
      file.close();
    }
  } catch (error) {
    // A damaged file is reported when its catalog opens it.
    if (isDamage(error)) return 0;
    throw error;
  }
}

function salvage(directory: DataDirectory, say: Say, cause: StoreError): void {
  const { headPath, salvagePath } = directory;
  directory.remove(salvagePath);
  const target = HeadFile.open(salvagePath, () => adoptedMarker(directory, () => {}));
  const batches = copyReadable(headPath, target);
  target.close();
  const aside = directory.setAside(headPath);
  renameSync(salvagePath, headPath);
  directory.sync();
  say(
    'error',
    'The head file is damaged: what could be read since the last seal is kept, later samples are lost, the file is set aside.',
    { path: headPath, aside, keptBatches: batches, error: cause.message },
  );
}

/** Copies series, marker and batches up to the first damage. Returns the number of batches. */
function copyReadable(path: string, target: HeadFile): number {
  let batches = 0;
  try {
    const source = HeadFile.open(path, () => ({ seal: 0, lastBatch: 0, nextRef: 1 }));
    try {
      target.addSeries(source.series.all(() => {}));
      for (const { id: _, ...deletion } of source.deletions(() => {})) target.decide(deletion);
      const { lastBatch } = source.marker();
      for (const batch of source.batches(lastBatch, () => {})) {
        target.append([{ batch, newSeries: [] }]);
        batches++;
      }
    } finally {
      source.close();
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  return batches;
}
