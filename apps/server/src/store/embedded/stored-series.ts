import { crc32 } from 'node:zlib';
import type { Database, Row, Statement } from './database.ts';
import type { StoredSeries } from './protocol.ts';

/** The table of series, alike in the head file and in day files; the checksum covers key and labels. */
export const SERIES_TABLE =
  'CREATE TABLE series (key INTEGER PRIMARY KEY, labels TEXT NOT NULL, checksum INTEGER NOT NULL);';

/** The series that a file knows. */
export class SeriesRows {
  readonly #database: Database;
  readonly #insert: Statement;
  readonly #find: Statement;
  readonly #page: Statement;

  constructor(database: Database) {
    this.#database = database;
    this.#insert = database.prepare('INSERT OR REPLACE INTO series VALUES (?, ?, ?)');
    this.#find = database.prepare('SELECT key, labels, checksum FROM series WHERE key = ?');
    this.#page = database.prepare('SELECT key FROM series WHERE key > ? ORDER BY key LIMIT ?');
  }

  add(series: StoredSeries): void {
    this.#insert.run(series.key, series.labels, checksumOf(series));
  }

  has(key: number): boolean {
    return this.#find.get(key) !== undefined;
  }

  /** The labels of a series; undefined when they are not there or not what was written. */
  labels(key: number): string | undefined {
    const row = this.#find.get(key);
    return row === undefined ? undefined : parse(row)?.labels;
  }

  /** All keys, ascending. */
  keys(): number[] {
    const rows = this.#database.prepare('SELECT key FROM series ORDER BY key').all();
    return rows.map(([key]) => Number(key));
  }

  /** Up to `limit` keys above `after`, ascending. */
  page(after: number, limit: number): number[] {
    // To SQLite a negative limit is none.
    return this.#page.all(after, limit === Infinity ? -1 : limit).map(([key]) => Number(key));
  }

  /** All series in order of key. @param lost Called for a row that is not what was written. */
  *all(lost: (key: number) => void): Generator<StoredSeries> {
    const rows = this.#database.prepare('SELECT key, labels, checksum FROM series ORDER BY key');
    for (const row of rows.iterate()) {
      const series = parse(row);
      if (series === undefined) lost(Number(row[0]));
      else yield series;
    }
  }
}

function parse([key, labels, checksum]: Row): StoredSeries | undefined {
  const series = { key: Number(key), labels: String(labels) };
  return checksumOf(series) === checksum ? series : undefined;
}

function checksumOf({ key, labels }: StoredSeries): number {
  return crc32(`${key} ${labels}`);
}
