import { crc32 } from 'node:zlib';
import { StoreError } from '../port.ts';
import type { BucketRun, Buckets } from './bucket-run.ts';
import { DamagedBytesError } from './codec/bytes.ts';
import type { Database, Statement } from './database.ts';
import { decodeBuckets, encodeBuckets } from './rollup-chunk.ts';
import { openFile, type Schema } from './schema-version.ts';
import { SERIES_TABLE, SeriesRows } from './stored-series.ts';

const TABLES = `
  ${SERIES_TABLE}
  CREATE TABLE day (
    day INTEGER PRIMARY KEY, first_seal INTEGER NOT NULL, seal INTEGER NOT NULL, buckets INTEGER NOT NULL,
    checksum INTEGER NOT NULL
  );
  CREATE TABLE chunk (key INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
`;

const SCHEMA: Schema = { create: (database) => database.exec(TABLES), steps: [] };

/** As day files: neighbouring series come with one read. */
const PAGE_BYTES = 32_768;

/** One page: rows are read once, and many files are open at a time. */
const CACHE_BYTES = PAGE_BYTES;

/** A day whose buckets a file has. */
export interface RolledDay {
  /** Whole days since 1970. */
  readonly day: number;
  /** The first and the last of the seals whose samples are in the buckets. */
  readonly firstSeal: number;
  readonly seal: number;
  /** Buckets of all series: an upper bound for queries. */
  readonly buckets: number;
}

/** A series with its buckets, to be written. */
export interface BucketRow {
  readonly key: number;
  readonly labels: string;
  readonly bytes: Uint8Array;
}

/** The buckets of one period, one row for each series. Written once, from front to back, and only read then. */
export class RollupFile {
  readonly series: SeriesRows;
  readonly #database: Database;
  readonly #find: Statement;

  private constructor(database: Database) {
    this.#database = database;
    this.series = new SeriesRows(database);
    this.#find = database.prepare('SELECT bytes FROM chunk WHERE key = ?');
  }

  /** @throws StoreError `newer_version`, `damaged`, `disk_full`, `io` */
  static open(path: string): RollupFile {
    // What counts is the checkpoint at the end: a file takes its place when it is whole.
    const durability = { canShrink: false, synchronous: 'NORMAL' } as const;
    const memory = { pageSizeBytes: PAGE_BYTES, cacheBytes: CACHE_BYTES };
    return openFile({ path, ...durability, ...memory }, SCHEMA, (file) => new RollupFile(file));
  }

  /** The days that are in the file, ascending. @throws StoreError `damaged` */
  days(): RolledDay[] {
    return this.#database
      .prepare('SELECT day, first_seal, seal, buckets, checksum FROM day ORDER BY day')
      .all()
      .map((row) => this.#day(row.map(Number)));
  }

  /** Appends the buckets of a series; nothing when it has none. @throws DamagedBytesError, StoreError `damaged` */
  read(key: number, into: BucketRun): void {
    const bytes = this.#find.get(key)?.[0];
    if (bytes === undefined) return;
    if (!(bytes instanceof Uint8Array)) {
      throw new DamagedBytesError(`got buckets as ${typeof bytes}; want bytes`);
    }
    decodeBuckets(key, bytes, into);
  }

  write(rows: readonly BucketRow[]): void {
    const add = this.#database.prepare('INSERT INTO chunk VALUES (?, ?)');
    this.#database.transaction(() => {
      for (const { key, labels, bytes } of rows) {
        this.series.add({ key, labels });
        add.run(key, bytes);
      }
    });
  }

  /** Says which days are in the file, and makes all of it durable. */
  finish(days: readonly RolledDay[]): void {
    const add = this.#database.prepare('INSERT INTO day VALUES (?, ?, ?, ?, ?)');
    this.#database.transaction(() => {
      for (const one of days) {
        add.run(one.day, one.firstSeal, one.seal, one.buckets, checksumOf(one));
      }
    });
    this.#database.checkpoint();
  }

  close(): void {
    this.#database.close();
  }

  #day([day = 0, firstSeal = 0, seal = 0, buckets = 0, checksum]: number[]): RolledDay {
    const rolled = { day, firstSeal, seal, buckets };
    if (checksumOf(rolled) === checksum) return rolled;
    throw new StoreError('damaged', `${this.#database.path}: got a damaged row of the day ${day}`);
  }
}

/** A row of a file for a series that has buckets. */
export function bucketRow(key: number, labels: string, buckets: Buckets): BucketRow {
  return { key, labels, bytes: encodeBuckets(key, buckets) };
}

function checksumOf({ day, firstSeal, seal, buckets }: RolledDay): number {
  return crc32(`${day} ${firstSeal} ${seal} ${buckets}`);
}
