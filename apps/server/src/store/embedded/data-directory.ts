import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { StoreError, type Tier } from '../port.ts';
import { Database } from './database.ts';

/** Only the owner may look into the data. */
const DIRECTORY_MODE = 0o700;

/** Files of SQLite beside a database; they belong to it and go with it. */
const COMPANIONS = ['-wal', '-shm', '-journal'];

const DAY_MS = 86_400_000;

/** `2026-01-31.db`, and for years outside 0 to 9999 the six-digit form of ISO 8601: `+012026-01-31.db`. */
const DAY_FILE = /^((?:[+-]\d{2})?\d{4}-\d{2}-\d{2})\.db$/u;

/** `2026-01-31.1m.db`, `2026-01.1h.db`: buckets of one period, which is a day or a month. */
const ROLLUP_FILE = /^((?:[+-]\d{2})?\d{4}-\d{2}(?:-\d{2})?)\.(1m|1h)\.db$/u;

/** Any file of the store: databases, what SQLite keeps beside them, damaged ones that were set aside. */
const OWN_FILE =
  /^(?:(head|head-salvage)|lock|((?:[+-]\d{2})?\d{4}-\d{2}(?:-\d{2})?)(?:\.(1m|1h))?)\.db(.*)$/u;

/** What the name of a database ends with while it is written; whole, it takes the place of the one without. */
const NEW = '.new';

/** A tier of buckets. */
export type RollupTier = Exclude<Tier, 'head' | 'raw'>;

/** Finest first. */
export const ROLLUP_TIERS = ['1m', '1h'] as const satisfies readonly RollupTier[];

/** The directory of one store: who owns it, what its files are called. */
export class DataDirectory {
  readonly path: string;
  readonly #lock: Database;

  private constructor(path: string, lock: Database) {
    this.path = path;
    this.#lock = lock;
  }

  /**
   * Makes the directory if need be and becomes its one owner, until `release` or the end of the process.
   *
   * @throws StoreError `unwritable`, `disk_full`, `locked`
   */
  static own(path: string): DataDirectory {
    try {
      makeDirectory(path);
      tryWriting(path);
    } catch (error) {
      throw refused(path, error);
    }
    return new DataDirectory(path, lockDirectory(path));
  }

  get headPath(): string {
    return join(this.path, 'head.db');
  }

  /** Where a readable copy of a damaged head file is made before it takes its place. */
  get salvagePath(): string {
    return join(this.path, 'head-salvage.db');
  }

  /** The file of a UTC day, given as whole days since 1970. */
  dayPath(day: number): string {
    return join(this.path, `${dateOf(day)}.db`);
  }

  /** The file of the buckets of one period: a date, or the month of dates. */
  rollupPath(tier: RollupTier, period: string): string {
    return join(this.path, `${period}.${tier}.db`);
  }

  /** The periods of which there are buckets, ascending. */
  periods(tier: RollupTier): string[] {
    const periods: string[] = [];
    for (const name of readdirSync(this.path)) {
      const [, period = '', ofTier] = ROLLUP_FILE.exec(name) ?? [];
      if (ofTier === tier && !Number.isNaN(periodStartMs(period))) periods.push(period);
    }
    return periods.toSorted((a, b) => periodStartMs(a) - periodStartMs(b));
  }

  /** Where a database is written that is to take the place of another once it is whole. */
  newPath(databasePath: string): string {
    return databasePath + NEW;
  }

  /**
   * Lets a database that was written at `newPath` take its place, durably and at once. Neither may be open, so that no
   * write-ahead log is left that would be taken for one of the new file.
   */
  replace(databasePath: string): void {
    for (const path of [databasePath, this.newPath(databasePath)]) {
      for (const companion of COMPANIONS) {
        if (existsSync(path + companion))
          throw new StoreError('io', `${path}: got ${companion} beside a closed file; want none`);
      }
    }
    // The end of the old log must be on disk before the new file comes.
    this.sync();
    renameSync(this.newPath(databasePath), databasePath);
    this.sync();
  }

  /** Deletes what was being written when a process ended. */
  removeUnfinished(): void {
    for (const name of readdirSync(this.path)) {
      if (OWN_FILE.exec(name)?.[4]?.startsWith(NEW) === true) rmSync(join(this.path, name));
    }
  }

  /** The days that have a file, ascending. */
  days(): number[] {
    const days: number[] = [];
    for (const name of readdirSync(this.path)) {
      const date = DAY_FILE.exec(name)?.[1];
      const startMs = date === undefined ? NaN : Date.parse(`${date}T00:00:00.000Z`);
      if (!Number.isNaN(startMs)) days.push(startMs / DAY_MS);
    }
    return days.toSorted((a, b) => a - b);
  }

  /** Makes the creation and deletion of files survive a power cut. */
  sync(): void {
    const handle = openSync(this.path, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  }

  remove(databasePath: string): void {
    for (const companion of ['', ...COMPANIONS]) rmSync(databasePath + companion, { force: true });
  }

  /** Gives a closed file a second name, which stays when another file takes its place. Returns that name. */
  keep(databasePath: string): string {
    const copy = asideName(databasePath);
    linkSync(databasePath, copy);
    return copy;
  }

  /** Renames a damaged file, so that the store goes on without it and nothing is deleted. Returns its new name. */
  setAside(databasePath: string): string {
    const aside = asideName(databasePath);
    renameSync(databasePath, aside);
    for (const companion of COMPANIONS) {
      if (existsSync(databasePath + companion))
        renameSync(databasePath + companion, aside + companion);
    }
    return aside;
  }

  /** Bytes of the store's files, in all and of each tier; the directory may hold others. */
  sizes(): { diskBytes: number; tierBytes: Record<Tier, number> } {
    const sizes = { diskBytes: 0, tierBytes: { head: 0, raw: 0, '1m': 0, '1h': 0 } };
    for (const name of readdirSync(this.path)) {
      const match = OWN_FILE.exec(name);
      if (match === null) continue;
      const bytes = statSync(join(this.path, name), { throwIfNoEntry: false })?.size ?? 0;
      sizes.diskBytes += bytes;
      const [, head, period, rollup, rest = ''] = match;
      if (rest.startsWith('.damaged')) continue;
      if (head !== undefined) sizes.tierBytes.head += bytes;
      else if (period !== undefined) sizes.tierBytes[(rollup ?? 'raw') as Tier] += bytes;
    }
    return sizes;
  }

  release(): void {
    this.#lock.close();
  }
}

function asideName(databasePath: string): string {
  let aside = `${databasePath}.damaged`;
  for (let i = 2; existsSync(aside); i++) aside = `${databasePath}.damaged-${i}`;
  return aside;
}

/** The date of a day, `2026-01-31`. */
export function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, -'T00:00:00.000Z'.length);
}

/** The first millisecond of a date or of a month; NaN for what is neither. */
function periodStartMs(period: string): number {
  const isMonth = /^(?:[+-]\d{2})?\d{4}-\d{2}$/u.test(period);
  return Date.parse(`${period}${isMonth ? '-01' : ''}T00:00:00.000Z`);
}

/** The day of an instant, as whole days since 1970. */
export function dayOf(tMs: number): number {
  return Math.floor(tMs / DAY_MS);
}

/** The first millisecond of a day. */
export function dayStartMs(day: number): number {
  return day * DAY_MS;
}

/** The last millisecond of a day. */
export function dayEndMs(day: number): number {
  return (day + 1) * DAY_MS - 1;
}

/** Not by Node's recursive option, which never returns for a directory that nobody can make, such as one in /proc. */
function makeDirectory(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  const parent = dirname(path);
  if (parent !== path) makeDirectory(parent);
  mkdirSync(path, { mode: DIRECTORY_MODE });
}

/** A file of its own, because closing another handle on a locked file would drop this process' locks on it. */
function tryWriting(path: string): void {
  const probe = join(path, `.write-test-${process.pid}`);
  closeSync(openSync(probe, 'w', 0o600));
  rmSync(probe);
}

function lockDirectory(path: string): Database {
  try {
    return Database.lock(join(path, 'lock.db'));
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (error.code === 'disk_full') throw fullDisk(path, error);
    if (error.code !== 'locked') throw error;
    const message = `data directory ${path}: got one that another Hubpulse owns; want one of its own; stop the other or choose another directory`;
    throw new StoreError('locked', message, { cause: error });
  }
}

function refused(path: string, error: unknown): StoreError {
  const reason = error instanceof Error ? error.message : String(error);
  if (/^(?:ENOSPC|EDQUOT):/u.test(reason)) return fullDisk(path, error);
  const message = `data directory ${path}: got ${reason}; want a directory that can be made and written; change its owner or mode, or choose another directory`;
  return new StoreError('unwritable', message, { cause: error });
}

function fullDisk(path: string, cause: unknown): StoreError {
  const message = `data directory ${path}: got a full disk; want room to write; free some space`;
  return new StoreError('disk_full', message, { cause });
}
