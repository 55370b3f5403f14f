import { StoreError } from '../port.ts';
import { DamagedBytesError } from './codec/bytes.ts';
import { decodeChunk } from './codec/chunk.ts';
import { type DataDirectory, dayEndMs } from './data-directory.ts';
import { type Chunk, DayFile, type SealSummary } from './day-file.ts';
import type { Deletions } from './deletions.ts';
import type { LogLevel, LogLine } from './protocol.ts';
import type { SampleRun } from './sample-run.ts';

/** Open day files at a time: two handles and about half a megabyte each. */
const MAX_OPEN_FILES = 32;

/** Says something to the operator. */
export type Say = (level: LogLevel, message: string, fields: LogLine['fields']) => void;

/** One series in a closed range of time. */
export interface SeriesRange {
  readonly key: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Which seals to read: `after < id <= upTo`. */
export interface SealRange {
  readonly after: number;
  readonly upTo: number;
}

export const ALL_SEALS: SealRange = { after: 0, upTo: Infinity };

/** What the catalog needs. */
export interface DayCatalogParts {
  readonly directory: DataDirectory;
  readonly deletions: Deletions;
  readonly say: Say;
}

/** Which days have sealed samples, what each seal put there, and their files, opened when needed. */
export class DayCatalog {
  readonly #directory: DataDirectory;
  readonly #deletions: Deletions;
  readonly #say: Say;
  /** Finished seals of each day, ascending by id. */
  readonly #seals = new Map<number, readonly SealSummary[]>();
  /** Least recently used first. */
  readonly #open = new Map<number, DayFile>();
  /** Chunks that were found damaged and reported. */
  readonly #lostChunks = new Set<string>();
  /** Days whose file is being written anew. */
  readonly #locked = new Set<number>();
  #whole = true;

  constructor({ directory, deletions, say }: DayCatalogParts) {
    this.#directory = directory;
    this.#deletions = deletions;
    this.#say = say;
  }

  /** Whether no damage was met. */
  get whole(): boolean {
    return this.#whole;
  }

  /** The days with sealed samples, ascending. */
  days(): number[] {
    return [...this.#seals.keys()].toSorted((a, b) => a - b);
  }

  /** The finished seals of a day, ascending. */
  seals(day: number): readonly SealSummary[] {
    return this.#seals.get(day) ?? [];
  }

  /**
   * Reads the summaries of all files; sets damaged files aside and says so.
   *
   * @param visit Called with each good file, before any other use of it.
   * @throws StoreError `newer_version`, `io`, `disk_full`
   */
  load(visit: (file: DayFile) => void): void {
    for (const day of this.#directory.days()) {
      try {
        const file = this.file(day);
        visit(file);
        this.#seals.set(day, file.seals());
      } catch (error) {
        if (!isDamage(error)) throw error;
        this.#setAside(day, error);
      }
    }
  }

  /** The file of a day; a new one when there is none. */
  file(day: number): DayFile {
    let file = this.#open.get(day);
    if (file === undefined) {
      this.#closeOldest();
      file = DayFile.open(this.#directory.dayPath(day));
    }
    this.#open.delete(day);
    this.#open.set(day, file);
    return file;
  }

  /** Makes a finished seal visible to readers. */
  add(day: number, seal: SealSummary): void {
    const seals = this.#seals.get(day) ?? [];
    this.#seals.set(day, [...seals, seal]);
  }

  /** Whether the day has many more chunks than it needs. @throws StoreError `damaged` */
  isScattered(day: number, fullSamples: number): boolean {
    return this.#guarded(day, (file) => file.isScattered(fullSamples));
  }

  labels(day: number, key: number): string | undefined {
    return this.#guarded(day, (file) => file.series.labels(key));
  }

  /** Up to `limit` keys of a day's series above `after`, ascending; Infinity gives all. @throws StoreError `damaged` */
  keys(day: number, after: number, limit: number): number[] {
    if (!this.#seals.has(day)) return [];
    return this.#guarded(day, (file) => file.series.page(after, limit));
  }

  /** Whether a day's file has one of these series. @throws StoreError `damaged` */
  hasAny(day: number, keys: readonly number[]): boolean {
    return this.#guarded(day, (file) => keys.some((key) => file.series.has(key)));
  }

  /** Keeps seals from writing into a day whose file is about to be replaced. */
  lock(day: number): void {
    this.#locked.add(day);
  }

  unlock(day: number): void {
    this.#locked.delete(day);
  }

  isLocked(day: number): boolean {
    return this.#locked.has(day);
  }

  /**
   * Lets the file that was written at `DataDirectory.newPath` take the place of a day's file.
   *
   * @param seals The seals of the new file; none when nothing remains of the day.
   */
  replace(day: number, seals: readonly SealSummary[]): void {
    const path = this.#directory.dayPath(day);
    this.#close(day);
    // A piece that could not be read is not in the new file; the old one is kept for whoever can.
    if (this.hasLost(day)) this.#keep(path);
    if (seals.length === 0) {
      this.#seals.delete(day);
      this.#directory.remove(path);
    } else {
      this.#directory.replace(path);
      this.#seals.set(day, seals);
    }
  }

  /** Whether some of the day's chunks were found damaged. */
  hasLost(day: number): boolean {
    return [...this.#lostChunks].some((name) => name.startsWith(`${day} `));
  }

  /** At least as many samples as all series together have in the range; costs no I/O. */
  maxSamples(fromMs: number, toMs: number): number {
    let samples = 0;
    for (const [, seals] of this.#overlapping(fromMs, toMs)) {
      for (const seal of seals) samples += seal.samples;
    }
    return samples;
  }

  /** At least as many samples as the series has in the range. */
  count(range: SeriesRange): number {
    let samples = 0;
    for (const [day, seals] of this.#overlapping(range.fromMs, range.toMs)) {
      for (const { id } of seals) {
        samples += this.#guarded(day, (file) => file.count({ seal: id, ...range }));
      }
    }
    return samples;
  }

  /**
   * Appends the samples of all chunks that overlap the range to `into`; what was sealed later comes later.
   *
   * @throws StoreError `damaged`, once for each damaged piece: it is set aside, and the next read goes on without it.
   */
  collect(range: SeriesRange, into: SampleRun, { after, upTo }: SealRange = ALL_SEALS): void {
    for (const [day, seals] of this.#overlapping(range.fromMs, range.toMs)) {
      for (const { id } of seals) {
        if (id <= after || id > upTo) continue;
        const chunks = this.#guarded(day, (file) => file.chunks({ seal: id, ...range }));
        for (const chunk of chunks) this.#decode(day, id, { chunk, into });
      }
    }
  }

  /** Deletes the file of a day that is older than the retention. */
  expire(day: number): void {
    const path = this.#directory.dayPath(day);
    this.#close(day);
    this.#seals.delete(day);
    this.#directory.remove(path);
    this.#say('info', 'Deleted a day file that is older than the retention.', { path });
  }

  close(): void {
    for (const day of this.#open.keys()) this.#close(day);
  }

  *#overlapping(
    fromMs: number,
    toMs: number,
  ): Generator<[day: number, seals: readonly SealSummary[]]> {
    for (const [day, seals] of this.#seals) {
      const found = seals.filter((seal) => seal.firstMs <= toMs && seal.lastMs >= fromMs);
      if (found.length > 0) yield [day, found];
    }
  }

  #guarded<T>(day: number, read: (file: DayFile) => T): T {
    try {
      return read(this.file(day));
    } catch (error) {
      throw isDamage(error) ? this.#setAside(day, error) : error;
    }
  }

  #setAside(day: number, cause: StoreError): StoreError {
    const path = this.#directory.dayPath(day);
    this.#whole = false;
    this.#open.delete(day);
    this.#seals.delete(day);
    const aside = this.#directory.setAside(path);
    const date = new Date(dayEndMs(day)).toUTCString();
    const lost = new StoreError(
      'damaged',
      `${path}: got a damaged file; want what was written; the sealed samples of the day that ends ${date} are lost to queries, the file is kept as ${aside}; restore it from a backup (${cause.message})`,
      { cause },
    );
    this.#say('error', 'A day file is damaged and was set aside.', { error: lost.message });
    return lost;
  }

  #decode(day: number, seal: number, { chunk, into }: { chunk: Chunk; into: SampleRun }): void {
    const name = `${day} ${seal} ${chunk.key} ${chunk.firstMs}`;
    if (this.#lostChunks.has(name)) return;
    const start = into.length;
    try {
      decodeWhole(chunk, into);
      this.#deletions.cut({ key: chunk.key, seal }, into, start);
    } catch (cause) {
      this.#lostChunks.add(name);
      throw this.#lostChunk(day, chunk, cause);
    }
  }

  #keep(path: string): void {
    const copy = this.#directory.keep(path);
    this.#say(
      'warn',
      'A day file with a damaged chunk was written anew without; the old one is kept.',
      {
        path,
        copy,
      },
    );
  }

  #lostChunk(day: number, chunk: Chunk, cause: unknown): StoreError {
    this.#whole = false;
    const from = new Date(chunk.firstMs).toISOString();
    const to = new Date(chunk.lastMs).toISOString();
    const labels = this.file(day).series.labels(chunk.key) ?? 'a series';
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `${this.#directory.dayPath(day)}: got a damaged chunk; want what was written; ${chunk.samples} samples of ${labels} from ${from} to ${to} are lost, later queries go on without them; restore the file from a backup (${reason})`;
    const lost = new StoreError('damaged', message, { cause });
    this.#say('error', 'A chunk is damaged.', { error: lost.message });
    return lost;
  }

  #closeOldest(): void {
    if (this.#open.size < MAX_OPEN_FILES) return;
    for (const day of this.#open.keys()) {
      this.#close(day);
      return;
    }
  }

  #close(day: number): void {
    const file = this.#open.get(day);
    this.#open.delete(day);
    file?.close();
  }
}

/** A chunk whose row says something else than its bytes is damaged too. */
function decodeWhole({ key, firstMs, lastMs, samples, bytes }: Chunk, into: SampleRun): void {
  const before = into.length;
  decodeChunk(key, bytes, into);
  const { tMs } = into;
  const agrees =
    into.length - before === samples && tMs[before] === firstMs && tMs.at(-1) === lastMs;
  if (!agrees)
    throw new DamagedBytesError('got a row that does not tell of its chunk; want one that does');
}

/** Whether a file is to blame, rather than the disk or us. */
export function isDamage(error: unknown): error is StoreError {
  return error instanceof StoreError && error.code === 'damaged';
}

/**
 * As `DayCatalog.collect` into an empty run, sorted, without what is damaged: the catalog has said so then.
 *
 * @returns Whether something was damaged.
 */
export function collectReadable(
  days: DayCatalog,
  { range, run, seals }: { range: SeriesRange; run: SampleRun; seals?: SealRange },
): boolean {
  for (let damaged = false; ; damaged = true) {
    run.clear();
    try {
      days.collect(range, run, seals);
      run.sort();
      return damaged;
    } catch (error) {
      if (!isDamage(error)) throw error;
    }
  }
}
