import { type Resolution, StoreError } from '../port.ts';
import type { BucketRun } from './bucket-run.ts';
import { DamagedBytesError } from './codec/bytes.ts';
import { type DataDirectory, dateOf, type RollupTier } from './data-directory.ts';
import { isDamage, type Say } from './day-catalog.ts';
import { type RolledDay, RollupFile } from './rollup-file.ts';

/** Open files at a time: a query of ninety days in minutes goes through ninety for each series. */
const MAX_OPEN_FILES = 128;

/** One array, so that what has not changed can be told by identity. */
const NO_DAYS: readonly RolledDay[] = [];

export interface TierParts {
  readonly name: RollupTier;
  readonly resolutionMs: Resolution;
  readonly directory: DataDirectory;
  readonly say: Say;
}

/** The buckets of one resolution: which days have them, and their files, opened when needed. */
export class Tier {
  readonly name: RollupTier;
  readonly resolutionMs: Resolution;
  readonly #directory: DataDirectory;
  readonly #say: Say;
  readonly #days = new Map<number, RolledDay>();
  /** The days of each file, ascending. */
  readonly #periods = new Map<string, readonly RolledDay[]>();
  /** The days of all files, ascending; undefined when they have changed. */
  #sorted: number[] | undefined;
  /** Least recently used first. */
  readonly #open = new Map<string, RollupFile>();
  /** Period and key of rows that were found damaged and reported. */
  readonly #lost = new Set<string>();
  #whole = true;

  constructor({ name, resolutionMs, directory, say }: TierParts) {
    this.name = name;
    this.resolutionMs = resolutionMs;
    this.#directory = directory;
    this.#say = say;
  }

  /** Whether no damage was met. */
  get whole(): boolean {
    return this.#whole;
  }

  /**
   * Reads which days the files have; sets damaged files aside and says so.
   *
   * @param visit Called with each good file, before any other use of it.
   * @throws StoreError `newer_version`, `io`, `disk_full`
   */
  load(visit: (file: RollupFile, path: string) => void = () => {}): void {
    for (const period of this.#directory.periods(this.name)) {
      try {
        const file = this.#file(period);
        const days = file.days();
        if (days.some(({ day }) => this.periodOf(day) !== period)) {
          throw new StoreError('damaged', `${this.#path(period)}: got days of another period`);
        }
        visit(file, this.#path(period));
        this.#set(period, days);
      } catch (error) {
        if (!isDamage(error)) throw error;
        this.#setAside(period, error);
      }
    }
  }

  /** The name of the file that a day belongs to. */
  periodOf(day: number): string {
    const date = dateOf(day);
    return this.name === '1m' ? date : date.slice(0, -'-31'.length);
  }

  rolled(day: number): RolledDay | undefined {
    return this.#days.get(day);
  }

  /** The days that have buckets, ascending. */
  days(): readonly number[] {
    this.#sorted ??= [...this.#days.keys()].toSorted((a, b) => a - b);
    return this.#sorted;
  }

  /** The days of a period that have buckets, ascending; another array after each change. */
  daysOf(period: string): readonly RolledDay[] {
    return this.#periods.get(period) ?? NO_DAYS;
  }

  /** The periods that have a file. */
  periods(): string[] {
    return [...this.#periods.keys()];
  }

  /**
   * Appends the buckets of a series in a period.
   *
   * @throws StoreError `damaged`, once for each damaged piece: it is set aside, and the next read goes on without it.
   */
  read(period: string, key: number, into: BucketRun): void {
    if (this.#lost.has(`${period} ${key}`)) return;
    this.#guarded(period, (file) => {
      try {
        file.read(key, into);
      } catch (cause) {
        if (!(cause instanceof DamagedBytesError)) throw cause;
        this.#lost.add(`${period} ${key}`);
        throw this.#lostRow(period, key, cause);
      }
    });
  }

  /** Whether a row was found damaged; without a key, whether any row of the period was. */
  isLost(period: string, key?: number): boolean {
    if (this.#lost.size === 0) return false;
    if (key !== undefined) return this.#lost.has(`${period} ${key}`);
    return [...this.#lost].some((name) => name.startsWith(`${period} `));
  }

  /** Up to `limit` keys of a period's series above `after`, ascending; Infinity gives all. @throws StoreError `damaged` */
  keys(period: string, after: number, limit: number): number[] {
    return this.#guarded(period, (file) => file.series.page(after, limit)) ?? [];
  }

  /** Whether a period has one of these series. @throws StoreError `damaged` */
  hasAny(period: string, keys: readonly number[]): boolean {
    return this.#guarded(period, (file) => keys.some((key) => file.series.has(key))) ?? false;
  }

  labels(period: string, key: number): string | undefined {
    return this.#guarded(period, (file) => file.series.labels(key));
  }

  /** Lets the file that was written at `DataDirectory.newPath` take the place of a period's file. */
  replace(period: string, days: readonly RolledDay[]): void {
    const path = this.#path(period);
    this.#close(period);
    if (this.isLost(period)) {
      const copy = this.#directory.keep(path);
      this.#say(
        'warn',
        'A file of roll-ups with a damaged row was written anew; the old one is kept.',
        {
          path,
          copy,
        },
      );
      for (const name of this.#lost) if (name.startsWith(`${period} `)) this.#lost.delete(name);
    }
    this.#directory.replace(path);
    this.#set(period, days);
  }

  /** Deletes the file of a period that is older than the retention. */
  expire(period: string): void {
    const path = this.#path(period);
    this.remove(period);
    this.#say('info', 'Deleted a file of roll-ups that is older than the retention.', { path });
  }

  /** Deletes the file of a period of which nothing remains. */
  remove(period: string): void {
    const path = this.#path(period);
    this.#close(period);
    this.#set(period, []);
    this.#directory.remove(path);
  }

  close(): void {
    for (const period of this.#open.keys()) this.#close(period);
  }

  #set(period: string, days: readonly RolledDay[]): void {
    for (const { day } of this.daysOf(period)) this.#days.delete(day);
    for (const rolled of days) this.#days.set(rolled.day, rolled);
    if (days.length > 0) this.#periods.set(period, days);
    else this.#periods.delete(period);
    this.#sorted = undefined;
  }

  #path(period: string): string {
    return this.#directory.rollupPath(this.name, period);
  }

  /** Runs `read` on a period's file; undefined when there is none. */
  #guarded<T>(period: string, read: (file: RollupFile) => T): T | undefined {
    if (!this.#periods.has(period)) return undefined;
    try {
      return read(this.#file(period));
    } catch (error) {
      // A damaged row was told of already, and costs that row only.
      if (!isDamage(error) || error.cause instanceof DamagedBytesError) throw error;
      throw this.#setAside(period, error);
    }
  }

  #file(period: string): RollupFile {
    let file = this.#open.get(period);
    if (file === undefined) {
      const [oldest] = this.#open.keys();
      if (oldest !== undefined && this.#open.size >= MAX_OPEN_FILES) this.#close(oldest);
      file = RollupFile.open(this.#path(period));
    }
    this.#open.delete(period);
    this.#open.set(period, file);
    return file;
  }

  #close(period: string): void {
    const file = this.#open.get(period);
    this.#open.delete(period);
    file?.close();
  }

  #setAside(period: string, cause: StoreError): StoreError {
    const path = this.#path(period);
    this.#whole = false;
    this.#open.delete(period);
    this.#set(period, []);
    const aside = this.#directory.setAside(path);
    const message = `${path}: got a damaged file; want what was written; its days are rolled up again from their samples, the buckets of days whose samples have expired are lost; the file is kept as ${aside}; restore it from a backup (${cause.message})`;
    const lost = new StoreError('damaged', message, { cause });
    this.#say('error', 'A file of roll-ups is damaged and was set aside.', { error: message });
    return lost;
  }

  #lostRow(period: string, key: number, cause: DamagedBytesError): StoreError {
    this.#whole = false;
    const labels = this.#file(period).series.labels(key) ?? 'a series';
    const message = `${this.#path(period)}: got a damaged row; want what was written; the buckets of ${labels} in ${period} are lost where the samples have expired, later queries go on without them; restore the file from a backup (${cause.message})`;
    this.#say('error', 'A row of a file of roll-ups is damaged.', { error: message });
    return new StoreError('damaged', message, { cause });
  }
}
