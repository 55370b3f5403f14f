import { closeSync, fdatasync, openSync } from 'node:fs';
import {
  DatabaseSync,
  type SQLInputValue,
  type SQLOutputValue,
  type StatementSync,
} from 'node:sqlite';
import { promisify } from 'node:util';
import { StoreError, type StoreErrorCode } from '../port.ts';

/** The only file that knows the SQL engine. Everything here blocks: it belongs on the worker thread. */

export type Row = SQLOutputValue[];

/** How a database file is set up. */
export interface DatabaseSettings {
  readonly path: string;
  /** Bytes a page when the file is new. */
  readonly pageSizeBytes: number;
  /** `FULL`: a commit survives a power cut. `NORMAL`: what was checkpointed does. */
  readonly synchronous: 'FULL' | 'NORMAL';
  /** Whether the file can give free pages back to the disk; settled when it is new. */
  readonly canShrink: boolean;
  /** Pages that the engine keeps in memory for this file, in bytes. */
  readonly cacheBytes: number;
}

/** Size of the write-ahead log at which it moves into the file: 4 MB are written and synced in some 10 ms. */
const LOG_BYTES = 4 * 1024 * 1024;

/** Runs on another thread. */
const sync = promisify(fdatasync);

/** One SQLite file, owned by this thread alone until `close`. */
export class Database {
  readonly path: string;
  readonly #engine: DatabaseSync;
  /** Of files that were made durable: closing one earlier would end SQLite's locks on it, which are the process's. */
  readonly #handles = new Map<string, number>();
  #synchronous: DatabaseSettings['synchronous'] = 'FULL';

  private constructor(path: string, engine: DatabaseSync) {
    this.path = path;
    this.#engine = engine;
  }

  /**
   * Opens or creates a file with a write-ahead log.
   *
   * The exclusive lock keeps the log's index in memory instead of in a third file, and spares a lock for each read.
   *
   * @throws StoreError `locked`, `damaged`, `disk_full`, `io`
   */
  static open(settings: DatabaseSettings): Database {
    const { path, pageSizeBytes, canShrink, synchronous, cacheBytes } = settings;
    return Database.#opened(path, (database) => {
      database.exec('PRAGMA locking_mode = EXCLUSIVE');
      database.exec(`PRAGMA page_size = ${pageSizeBytes}`);
      if (canShrink) database.exec('PRAGMA auto_vacuum = INCREMENTAL');
      database.exec('PRAGMA journal_mode = WAL');
      database.exec(`PRAGMA wal_autocheckpoint = ${Math.ceil(LOG_BYTES / pageSizeBytes)}`);
      database.#synchronous = synchronous;
      database.exec(`PRAGMA synchronous = ${synchronous}`);
      database.exec(`PRAGMA cache_size = ${-Math.ceil(cacheBytes / 1024)}`);
    });
  }

  /** Holds a lock on a file that stays empty, until `close` or until the process ends in whatever way. */
  static lock(path: string): Database {
    return Database.#opened(path, (database) => database.exec('BEGIN EXCLUSIVE'));
  }

  static #opened(path: string, setUp: (database: Database) => void): Database {
    const database = guard(path, () => new Database(path, new DatabaseSync(path, { timeout: 0 })));
    try {
      setUp(database);
      return database;
    } catch (error) {
      database.#engine.close();
      throw error;
    }
  }

  /** The number that a program keeps in a file's header; 0 in a new one. */
  get userVersion(): number {
    return this.prepare('PRAGMA user_version').number();
  }

  set userVersion(version: number) {
    this.exec(`PRAGMA user_version = ${version}`);
  }

  exec(sql: string): void {
    guard(this.path, () => this.#engine.exec(sql));
  }

  prepare(sql: string): Statement {
    return guard(this.path, () => new Statement(this.path, this.#engine.prepare(sql)));
  }

  /** Runs `work` in one transaction; whatever it throws, nothing of it is kept. */
  transaction(work: () => void): void {
    this.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.exec('COMMIT');
    } catch (error) {
      this.#rollback();
      throw error;
    }
  }

  /** A transaction that becomes durable with a later one, or never: what it does must not matter after a power cut. */
  relaxedTransaction(work: () => void): void {
    this.#withSynchronous('NORMAL', () => this.transaction(work));
  }

  /** Moves what the write-ahead log holds into the file itself, durably. */
  checkpoint(): void {
    this.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  /**
   * As `checkpoint`, but this thread waits for no disk: it goes on whenever a promise is yielded, and continues when that
   * is kept. Nobody may write meanwhile, because the next write would overwrite a log whose pages are not yet durable in
   * the file.
   *
   * @throws StoreError `disk_full`, `io`
   */
  *checkpointSteps(): Generator<Promise<void>> {
    yield this.#sync(`${this.path}-wal`);
    // Both files are made durable here.
    this.#withSynchronous('OFF', () => this.exec('PRAGMA wal_checkpoint(PASSIVE)'));
    yield this.#sync(this.path);
  }

  /** Checkpoints and closes. @throws StoreError when the checkpoint fails; the file is closed all the same. */
  close(): void {
    try {
      guard(this.path, () => this.#engine.close());
    } finally {
      for (const handle of this.#handles.values()) closeSync(handle);
      this.#handles.clear();
    }
  }

  #withSynchronous(level: 'OFF' | 'NORMAL', work: () => void): void {
    this.exec(`PRAGMA synchronous = ${level}`);
    try {
      work();
    } finally {
      this.exec(`PRAGMA synchronous = ${this.#synchronous}`);
    }
  }

  async #sync(path: string): Promise<void> {
    try {
      const handle = this.#handles.get(path) ?? openSync(path, 'r');
      this.#handles.set(path, handle);
      await sync(handle);
    } catch (error) {
      const isFull = error instanceof Error && 'code' in error && error.code === 'ENOSPC';
      const message = error instanceof Error ? error.message : String(error);
      throw new StoreError(isFull ? 'disk_full' : 'io', `${path}: ${message}`, { cause: error });
    }
  }

  #rollback(): void {
    // After some failures the engine has rolled back by itself.
    if (this.#engine.isTransaction) this.#engine.exec('ROLLBACK');
  }
}

/** A prepared statement whose rows are arrays. */
export class Statement {
  readonly #path: string;
  readonly #statement: StatementSync;

  constructor(path: string, statement: StatementSync) {
    this.#path = path;
    this.#statement = statement;
    statement.setReturnArrays(true);
  }

  run(...values: SQLInputValue[]): void {
    guard(this.#path, () => this.#statement.run(...values));
  }

  all(...values: SQLInputValue[]): Row[] {
    // The engine's types know rows as objects only, which `setReturnArrays` changes.
    return guard(this.#path, () => this.#statement.all(...values) as unknown as Row[]);
  }

  get(...values: SQLInputValue[]): Row | undefined {
    return guard(this.#path, () => this.#statement.get(...values) as unknown as Row | undefined);
  }

  /** The first column of the first row, which must be a number. */
  number(...values: SQLInputValue[]): number {
    return Number(this.get(...values)?.[0]);
  }

  /** The rows one by one. @throws StoreError `damaged` in the middle when the file is. */
  *iterate(...values: SQLInputValue[]): Generator<Row> {
    const rows = guard(this.#path, () => this.#statement.iterate(...values));
    for (;;) {
      const next = guard(this.#path, () => rows.next());
      if (next.done === true) return;
      yield next.value as unknown as Row;
    }
  }
}

/** Primary result codes of SQLite, the low byte of the extended ones (https://sqlite.org/rescode.html). */
const ERROR = 1;
const BUSY = 5;
const LOCKED = 6;
const CORRUPT = 11;
const FULL = 13;
const NOT_A_DATABASE = 26;

const CODES: ReadonlyMap<number, StoreErrorCode> = new Map([
  // Our statements are fixed, so one that the engine does not understand means that the tables are not ours.
  [ERROR, 'damaged'],
  [BUSY, 'locked'],
  [LOCKED, 'locked'],
  [CORRUPT, 'damaged'],
  [FULL, 'disk_full'],
  [NOT_A_DATABASE, 'damaged'],
]);

function guard<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw toStoreError(path, error);
  }
}

function toStoreError(path: string, error: unknown): unknown {
  if (!(error instanceof Error && 'errcode' in error)) return error;
  const code = CODES.get(Number(error.errcode) & 0xff) ?? 'io';
  const message = `${path}: ${error.message} (SQLite code ${String(error.errcode)})`;
  return new StoreError(code, message, { cause: error });
}
