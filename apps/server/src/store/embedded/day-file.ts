import { crc32 } from 'node:zlib';
import { StoreError } from '../port.ts';
import type { Database, Statement } from './database.ts';
import { SERIES_TABLE, SeriesRows } from './stored-series.ts';
import { openFile, type Schema } from './schema-version.ts';

/**
 * Chunks have row ids, because SQLite fills the pages of such a table when rows come in order; those of one without row
 * ids it leaves a tenth empty, which is more than the index costs.
 */
const TABLES = `
  ${SERIES_TABLE}
  CREATE TABLE seal (
    id INTEGER PRIMARY KEY, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,
    samples INTEGER NOT NULL, checksum INTEGER NOT NULL, first_id INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE chunk (
    seal INTEGER NOT NULL, key INTEGER NOT NULL, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,
    samples INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (seal, key, first_ms)
  );
`;

const SCHEMA: Schema = {
  create: (database) => database.exec(TABLES),
  // Version 1 had no merged seals.
  steps: [
    (database) => database.exec('ALTER TABLE seal ADD COLUMN first_id INTEGER NOT NULL DEFAULT 0'),
  ],
};

/** 32 KB: about 35 chunks a page, so that neighbouring series come with one read. */
const PAGE_BYTES = 32_768;

/** A few pages; what is read often is in the system's page cache. */
const CACHE_BYTES = 512 * 1024;

/** As many times the chunks that are needed are worth the cost of writing a day anew. */
const SCATTERED_FACTOR = 1.5;

/** What one seal put into one day. Times are the smallest and the largest, Unix milliseconds. */
export interface SealSummary {
  readonly id: number;
  /** The first of the seals that were merged into this one; `id` itself when none was. */
  readonly firstId: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly samples: number;
}

/** One compressed run of samples of one series. Both times are included. */
export interface Chunk {
  readonly key: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly samples: number;
  readonly bytes: Uint8Array;
}

/** Which chunks to look at: one series of one seal, overlapping a closed range of time. */
export interface ChunkQuery {
  readonly seal: number;
  readonly key: number;
  readonly fromMs: number;
  readonly toMs: number;
}

const OVERLAP = 'seal = ? AND key = ? AND first_ms <= ? AND last_ms >= ?';

/** The sealed samples of one UTC day. */
export class DayFile {
  readonly series: SeriesRows;
  readonly #database: Database;
  readonly #chunks: Statement;
  readonly #count: Statement;
  #isClosed = false;

  private constructor(database: Database) {
    this.#database = database;
    this.series = new SeriesRows(database);
    this.#chunks = database.prepare(
      `SELECT first_ms, last_ms, samples, bytes FROM chunk WHERE ${OVERLAP} ORDER BY first_ms`,
    );
    this.#count = database.prepare(`SELECT total(samples) FROM chunk WHERE ${OVERLAP}`);
  }

  /** @throws StoreError `newer_version`, `damaged`, `disk_full`, `io` */
  static open(path: string): DayFile {
    // Slices need no fsync of their own: the checkpoint before the marker makes them all durable at once.
    const durability = { canShrink: false, synchronous: 'NORMAL' } as const;
    const memory = { pageSizeBytes: PAGE_BYTES, cacheBytes: CACHE_BYTES };
    return openFile({ path, ...durability, ...memory }, SCHEMA, (file) => new DayFile(file));
  }

  get path(): string {
    return this.#database.path;
  }

  /** The overlapping chunks in order of time. */
  chunks({ seal, key, fromMs, toMs }: ChunkQuery): Chunk[] {
    return this.#chunks.all(seal, key, toMs, fromMs).map(([first, last, samples, bytes]) => ({
      key,
      firstMs: Number(first),
      lastMs: Number(last),
      samples: Number(samples),
      bytes: bytes as Uint8Array,
    }));
  }

  /** Samples in the overlapping chunks: at least as many as lie in the range. */
  count({ seal, key, fromMs, toMs }: ChunkQuery): number {
    return this.#count.number(seal, key, toMs, fromMs);
  }

  /** Whether merging the chunks would make them markedly fewer. Chunks are full with `fullSamples`. */
  isScattered(fullSamples: number): boolean {
    const chunks = this.#database.prepare('SELECT count(*) FROM chunk').number();
    const series = this.#database.prepare('SELECT count(*) FROM series').number();
    const samples = this.seals().reduce((sum, seal) => sum + seal.samples, 0);
    return chunks > SCATTERED_FACTOR * (series + samples / fullSamples);
  }

  /** What each finished seal put here, in order. @throws StoreError `damaged` */
  seals(): SealSummary[] {
    return this.#database
      .prepare('SELECT id, first_ms, last_ms, samples, checksum, first_id FROM seal ORDER BY id')
      .all()
      .map((row) => this.#summary(row.map(Number)));
  }

  /** Adds chunks of a seal that is not finished. A chunk that an earlier try wrote is replaced. */
  write(seal: number, chunks: readonly Chunk[], labelsOf: (key: number) => string): void {
    const addChunk = this.#database.prepare(
      'INSERT OR REPLACE INTO chunk VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#database.transaction(() => {
      for (const { key, firstMs, lastMs, samples, bytes } of chunks) {
        if (!this.series.has(key)) this.series.add({ key, labels: labelsOf(key) });
        addChunk.run(seal, key, firstMs, lastMs, samples, bytes);
      }
    });
  }

  /** Writes the summary of a seal and makes all of it durable. */
  finish(summary: SealSummary): void {
    this.add(summary);
    this.checkpoint();
  }

  /**
   * Makes durable what was written, as `checkpoint` does, but the thread waits for no disk: it goes on whenever a promise is
   * yielded. Nobody may write here meanwhile. When the file was closed meanwhile, that made it durable, and the steps end.
   *
   * @throws StoreError `disk_full`, `io`
   */
  *flush(): Generator<Promise<void>> {
    for (const written of this.#database.checkpointSteps()) {
      yield written;
      if (this.#isClosed) return;
    }
  }

  /** Makes all that was written durable, and gives the room of the log back to the disk. */
  checkpoint(): void {
    this.#database.checkpoint();
  }

  /** Writes the summary of a seal, durable with the next `checkpoint`. */
  add(summary: SealSummary): void {
    const { id, firstId, firstMs, lastMs, samples } = summary;
    this.#database
      .prepare('INSERT OR REPLACE INTO seal VALUES (?, ?, ?, ?, ?, ?)')
      .run(id, firstMs, lastMs, samples, checksumOf(summary), firstId === id ? 0 : firstId);
  }

  /** Deletes what seals after `seal` left: they were never finished. */
  dropAfter(seal: number): void {
    const newest = this.#database.prepare('SELECT coalesce(max(seal), 0) FROM chunk').number();
    if (newest <= seal) return;
    this.#database.transaction(() => {
      this.#database.prepare('DELETE FROM chunk WHERE seal > ?').run(seal);
      this.#database.prepare('DELETE FROM seal WHERE id > ?').run(seal);
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#database.close();
  }

  #summary([
    id = 0,
    firstMs = 0,
    lastMs = 0,
    samples = 0,
    checksum,
    firstId = 0,
  ]: number[]): SealSummary {
    const summary = { id, firstId: firstId === 0 ? id : firstId, firstMs, lastMs, samples };
    if (checksumOf(summary) === checksum) return summary;
    throw new StoreError('damaged', `${this.#database.path}: got a damaged summary of seal ${id}`);
  }
}

function checksumOf({ id, firstId, firstMs, lastMs, samples }: SealSummary): number {
  const text = `${id} ${firstMs} ${lastMs} ${samples}`;
  return crc32(firstId === id ? text : `${text} ${firstId}`);
}
