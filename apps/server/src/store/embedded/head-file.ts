import { crc32 } from 'node:zlib';
import type { SampleBatch } from '@hubpulse/model';
import { StoreError } from '../port.ts';
import { decodeBatch, encodeBatch, MAX_BATCH_ROWS } from './codec/batch-row.ts';
import type { Database, Statement } from './database.ts';
import type { PendingDeletion } from './deletions.ts';
import type { StoredSeries } from './protocol.ts';
import { SERIES_TABLE, SeriesRows } from './stored-series.ts';
import { openFile, type Schema } from './schema-version.ts';

const DELETION_TABLE = `
  CREATE TABLE deletion (
    id INTEGER PRIMARY KEY, seal INTEGER NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL,
    keys BLOB NOT NULL, checksum INTEGER NOT NULL
  );
`;

const TABLES = `
  ${SERIES_TABLE}
  CREATE TABLE batch (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
  CREATE TABLE marker (seal INTEGER PRIMARY KEY, last_batch INTEGER NOT NULL, next_ref INTEGER NOT NULL);
  ${DELETION_TABLE}
`;

/** What brings an older file up to date: version 1 knew no deletions. */
const STEPS: Schema['steps'] = [(database) => database.exec(DELETION_TABLE)];

/** 8 KB: a commit writes whole pages, so small batches want small ones and large batches do not mind. */
const PAGE_BYTES = 8192;

/** Rows are written once and read at start only; a larger cache would hold what nobody reads. */
const CACHE_BYTES = 512 * 1024;

/** Batch rows deleted in one transaction, so that trimming never holds up an append for long. */
const TRIM_ROWS = 64;

/** Free pages that the file keeps for the next batches (32 MB); more goes back to the disk. */
const MAX_FREE_PAGES = 4096;

/** Pages given back in one transaction: about 2 ms of work. */
const SHRINK_PAGES = 128;

/** Up to where the head is sealed: every chunk of a seal above `seal` and every batch up to `lastBatch` is void. */
export interface Marker {
  readonly seal: number;
  readonly lastBatch: number;
  /** Above every ref that was ever forgotten. */
  readonly nextRef: number;
}

/** A batch and the series that it is the first to name. */
export interface NewBatch {
  readonly batch: SampleBatch;
  readonly newSeries: readonly StoredSeries[];
}

/** `head.db`: the series, the batches since the last seal, the marker of the last seal. */
export class HeadFile {
  readonly #database: Database;
  readonly series: SeriesRows;
  readonly #insertBatch: Statement;
  readonly #trim: Statement;
  readonly #oldest: Statement;
  #lastBatch: number;

  private constructor(database: Database) {
    this.#database = database;
    this.series = new SeriesRows(database);
    this.#insertBatch = database.prepare('INSERT INTO batch VALUES (?, ?)');
    this.#trim = database.prepare('DELETE FROM batch WHERE id <= ?');
    this.#oldest = database.prepare('SELECT min(id) FROM batch');
    const newest = database.prepare('SELECT coalesce(max(id), 0) FROM batch').number();
    this.#lastBatch = Math.max(newest, this.marker().lastBatch);
  }

  /**
   * Opens or creates the file.
   *
   * @param firstMarker What a new file starts from; asked only when the file is new.
   * @throws StoreError `newer_version`, `damaged`, `disk_full`, `io`
   */
  static open(path: string, firstMarker: () => Marker): HeadFile {
    const durability = { canShrink: true, synchronous: 'FULL' } as const;
    const memory = { pageSizeBytes: PAGE_BYTES, cacheBytes: CACHE_BYTES };
    const create = (database: Database): void => {
      database.exec(TABLES);
      writeMarker(database, firstMarker());
    };
    return openFile({ path, ...durability, ...memory }, { create, steps: STEPS }, (database) => {
      // What is deleted leaves the pages that are written anyway; pages that become free leave with `shrinkSome`.
      database.exec('PRAGMA secure_delete = FAST');
      return new HeadFile(database);
    });
  }

  get path(): string {
    return this.#database.path;
  }

  /** The id of the newest batch that was ever written. */
  get lastBatch(): number {
    return this.#lastBatch;
  }

  /** Writes batches and their new series durably, all or nothing. @throws StoreError `disk_full`, `io`, `damaged` */
  append(batches: readonly NewBatch[]): void {
    let id = this.#lastBatch;
    this.#database.transaction(() => {
      for (const { batch, newSeries } of batches) {
        this.#insert(newSeries);
        for (const part of cut(batch)) this.#insertBatch.run(++id, encodeBatch(part));
      }
    });
    this.#lastBatch = id;
  }

  /** Makes series durable without a batch. */
  addSeries(series: Iterable<StoredSeries>): void {
    this.#database.transaction(() => this.#insert(series));
  }

  /** @throws StoreError `damaged` when the file's structure is; reads all of it. */
  check(): void {
    const result = String(this.#database.prepare('PRAGMA quick_check(1)').get()?.[0]);
    if (result !== 'ok') throw new StoreError('damaged', `${this.#database.path}: ${result}`);
  }

  /** Forgets series of which nothing remains. Their refs are below `nextRef`, which makes sure that none is given again. */
  forgetSeries(keys: readonly number[], nextRef: number): void {
    const forget = this.#database.prepare('DELETE FROM series WHERE key = ?');
    this.#database.transaction(() => {
      const marker = this.marker();
      writeMarker(this.#database, { ...marker, nextRef: Math.max(marker.nextRef, nextRef) });
      for (const key of keys) forget.run(key);
    });
  }

  /** Decides a deletion, durably. Returns it with its number. */
  decide(deletion: Omit<PendingDeletion, 'id'>): PendingDeletion {
    const id = this.#database.prepare('SELECT coalesce(max(id), 0) + 1 FROM deletion').number();
    const decided = { ...deletion, id };
    const keys = Float64Array.from(deletion.keys);
    this.#database
      .prepare('INSERT INTO deletion VALUES (?, ?, ?, ?, ?, ?)')
      .run(id, deletion.seal, deletion.fromMs, deletion.toMs, bytesOf(keys), checksumOf(decided));
    return decided;
  }

  /** Forgets a deletion that is carried out in every file. */
  carriedOut(id: number): void {
    this.#database.prepare('DELETE FROM deletion WHERE id = ?').run(id);
  }

  /** The deletions that are decided and not carried out. @param lost Called for a row that is not what was written. */
  *deletions(lost: (id: number) => void): Generator<PendingDeletion> {
    const rows = this.#database.prepare(
      'SELECT id, seal, from_ms, to_ms, keys, checksum FROM deletion ORDER BY id',
    );
    for (const [id, seal, fromMs, toMs, bytes, checksum] of rows.all()) {
      const whole = (bytes as Uint8Array).slice(
        0,
        -((bytes as Uint8Array).length % 8) || undefined,
      );
      const keys = new Float64Array(whole.buffer);
      const deletion = {
        id: Number(id),
        seal: Number(seal),
        fromMs: Number(fromMs),
        toMs: Number(toMs),
        keys: new Set(keys),
      };
      if (checksumOf(deletion) === checksum) yield deletion;
      else lost(deletion.id);
    }
  }

  /** Moves the write-ahead log into the file, so that nothing of what was deleted is left there. */
  checkpoint(): void {
    this.#database.checkpoint();
  }

  marker(): Marker {
    const row = this.#database.prepare('SELECT seal, last_batch, next_ref FROM marker').get();
    const [seal = 0, lastBatch = 0, nextRef = 1] = (row ?? []).map(Number);
    return { seal, lastBatch, nextRef };
  }

  /** The one commit that makes the chunks of a seal valid and its batches void. */
  mark(seal: number, lastBatch: number): void {
    const marker = { ...this.marker(), seal, lastBatch };
    this.#database.transaction(() => writeMarker(this.#database, marker));
  }

  /** Deletes some of the batches up to `lastBatch`. Returns whether there may be more. */
  trimSome(lastBatch: number): boolean {
    const oldest = this.#oldest.get()?.[0];
    if (typeof oldest !== 'number' || oldest > lastBatch) return false;
    // Void batches that come back after a power cut are void still, so nobody waits for the disk.
    this.#database.relaxedTransaction(() =>
      this.#trim.run(Math.min(lastBatch, oldest + TRIM_ROWS - 1)),
    );
    return true;
  }

  /**
   * Gives some of the room of trimmed batches back to the disk. Returns whether there may be more.
   *
   * @param keepPages Free pages that may stay.
   */
  shrinkSome(keepPages: number = MAX_FREE_PAGES): boolean {
    const free = this.#database.prepare('PRAGMA freelist_count').number();
    if (free <= keepPages) return false;
    this.#database.relaxedTransaction(() =>
      this.#database.exec(`PRAGMA incremental_vacuum(${SHRINK_PAGES})`),
    );
    return true;
  }

  /**
   * The batches after `afterBatch` in the order in which they were written.
   *
   * @param lost Called for a row that is not what was written; the rest goes on.
   */
  *batches(afterBatch: number, lost: (id: number, error: Error) => void): Generator<SampleBatch> {
    const rows = this.#database.prepare('SELECT id, bytes FROM batch WHERE id > ? ORDER BY id');
    for (const [id, bytes] of rows.iterate(afterBatch)) {
      try {
        yield decodeBatch(bytes as Uint8Array);
      } catch (error) {
        if (!(error instanceof Error) || error instanceof StoreError) throw error;
        lost(Number(id), error);
      }
    }
  }

  close(): void {
    this.#database.close();
  }

  #insert(series: Iterable<StoredSeries>): void {
    for (const one of series) this.series.add(one);
  }
}

function writeMarker(database: Database, { seal, lastBatch, nextRef }: Marker): void {
  database.exec('DELETE FROM marker');
  database.prepare('INSERT INTO marker VALUES (?, ?, ?)').run(seal, lastBatch, nextRef);
}

function checksumOf({ id, seal, fromMs, toMs, keys }: PendingDeletion): number {
  return crc32(bytesOf(Float64Array.from(keys)), crc32(`${id} ${seal} ${fromMs} ${toMs}`));
}

function bytesOf(keys: Float64Array): Uint8Array {
  return new Uint8Array(keys.buffer, keys.byteOffset, keys.byteLength);
}

function* cut(batch: SampleBatch): Generator<SampleBatch> {
  for (let start = 0; start < batch.refs.length; start += MAX_BATCH_ROWS) {
    const end = start + MAX_BATCH_ROWS;
    yield {
      refs: batch.refs.subarray(start, end),
      tMs: batch.tMs.subarray(start, end),
      values: batch.values.subarray(start, end),
    };
  }
}
