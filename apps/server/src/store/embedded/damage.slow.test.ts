import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../clock.ts';
import { all, batchOf, internAll, readAll, type Row, selected } from '../contract-rows.ts';
import { Database } from './database.ts';
import { type EmbeddedStore, openEmbeddedStore } from './embedded-store.ts';

const DAY = 86_400_000;
const T = Date.UTC(2026, 5, 15, 12);

const root = mkdtempSync(join(tmpdir(), 'hubpulse-damage-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let directory = '';
let store: EmbeddedStore;
const said: { message: string; text: string }[] = [];

async function open(): Promise<void> {
  said.length = 0;
  const say = (fields: object, message: string): void => {
    said.push({ message, text: JSON.stringify(fields) });
  };
  const log = { info: say, warn: say, error: say };
  store = await openEmbeddedStore({ directory, clock: systemClock, log });
}

const path = (name: string): string => join(directory, name);

function flipBit(name: string, offset: number): void {
  const bytes = readFileSync(path(name));
  bytes.writeUInt8(bytes.readUInt8(offset) ^ 1, offset);
  writeFileSync(path(name), bytes);
}

function change(name: string, sql: string): void {
  const database = Database.open({
    path: path(name),
    pageSizeBytes: 4096,
    synchronous: 'FULL',
    canShrink: false,
    cacheBytes: 0,
  });
  database.exec(sql);
  database.close();
}

/** Two days sealed, one sample in the head; closed. */
beforeEach(async () => {
  directory = mkdtempSync(join(root, 'store-'));
  await open();
  const [a, b] = internAll(store, 'a', 'b');
  await store.append(batchOf([[a, T - DAY, 1], [b, T - DAY, 2]])); // oxfmt-ignore
  await store.append(batchOf([[a, T, 3], [b, T, 4]])); // oxfmt-ignore
  await store.seal();
  await store.append(batchOf([[a, T + 1, 5]]));
  await store.close();
});

afterEach(() => store.close());

const INTACT = [
  selected('a', [T - DAY, 1], [T, 3], [T + 1, 5]),
  selected('b', [T - DAY, 2], [T, 4]),
];
const WITHOUT_FIRST_DAY = [selected('a', [T, 3], [T + 1, 5]), selected('b', [T, 4])];

describe('a damaged day file', () => {
  it.each([
    ['cut in half', () => truncateSync(path('2026-06-14.db'), 50_000)],
    ['overwritten at its start', () => flipBit('2026-06-14.db', 3)],
    ['replaced by text', () => writeFileSync(path('2026-06-14.db'), 'no database'.repeat(1000))],
  ])('that is %s is set aside at start, named and kept; the rest opens', async (_, damage) => {
    damage();
    const damaged = readFileSync(path('2026-06-14.db'));
    await open();
    expect(said).toEqual([
      {
        message: 'A day file is damaged and was set aside.',
        text: expect.stringContaining('2026-06-14.db'),
      },
    ]);
    expect(readFileSync(path('2026-06-14.db.damaged')).equals(damaged)).toBe(true);
    expect(existsSync(path('2026-06-14.db'))).toBe(false);
    expect(await readAll(store)).toEqual(WITHOUT_FIRST_DAY);
  });

  it('fails the first selection that meets a damaged chunk, with file and loss; later ones do without', async () => {
    change(
      '2026-06-14.db',
      "UPDATE chunk SET bytes = bytes || x'00' WHERE key = (SELECT min(key) FROM chunk)",
    );
    await open();
    const lost = await store.select(all()).catch((error: unknown) => error);
    expect(lost).toMatchObject({
      code: 'damaged',
      message: expect.stringMatching(
        /2026-06-14\.db: got a damaged chunk; .*1 samples of \[\["__name__","[ab]"\]\] from 2026-06-14T12:00:00\.000Z to /u,
      ),
    });
    expect(said.map(({ message }) => message)).toEqual(['A chunk is damaged.']);
    const left = await readAll(store);
    expect(left.flatMap(({ rows }) => rows)).toHaveLength(4);
    expect(existsSync(path('2026-06-14.db'))).toBe(true);
  });
});

describe('a damaged head file', () => {
  it('that cannot be read is set aside; what was sealed is all there', async () => {
    truncateSync(path('head.db'), 100);
    await open();
    expect(said.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^The head file is damaged/u),
    ]);
    expect(existsSync(path('head.db.damaged'))).toBe(true);
    expect(await readAll(store)).toEqual([
      selected('a', [T - DAY, 1], [T, 3]),
      selected('b', [T - DAY, 2], [T, 4]),
    ]);
    const [a, c] = internAll(store, 'a', 'c');
    await store.append(batchOf([[a, T + 2, 6], [c, T, 7]])); // oxfmt-ignore
    await store.seal();
    await store.close();
    await open();
    expect(said).toEqual([]);
    expect(await readAll(store)).toEqual([
      selected('a', [T - DAY, 1], [T, 3], [T + 2, 6]),
      selected('b', [T - DAY, 2], [T, 4]),
      selected('c', [T, 7]),
    ]);
  });

  it('that is missing beside day files does not void them', async () => {
    rmSync(path('head.db'));
    await open();
    expect(said.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^The head file is missing/u),
    ]);
    expect(await readAll(store)).toEqual([
      selected('a', [T - DAY, 1], [T, 3]),
      selected('b', [T - DAY, 2], [T, 4]),
    ]);
  });

  it('costs a damaged batch only', async () => {
    await open();
    const [a] = internAll(store, 'a');
    await store.append(batchOf(Array.from({ length: 100 }, (_, i): Row => [a, T + 100 + i, i])));
    await store.close();
    change(
      'head.db',
      "UPDATE batch SET bytes = x'0102' || bytes WHERE id = (SELECT min(id) FROM batch)",
    );
    await open();
    expect(said.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^A batch is damaged/u),
    ]);
    const [first] = await readAll(store);
    expect(first?.rows).toHaveLength(102);
  });

  it('is replaced by what can be read of it when its structure is broken', async () => {
    await open();
    const [a] = internAll(store, 'a');
    for (let i = 0; i < 50; i++) {
      const rows = Array.from({ length: 2000 }, (_, row): Row => [a, T + 10 + i * 2000 + row, row]);
      await store.append(batchOf(rows));
    }
    await store.close();
    const { length } = readFileSync(path('head.db'));
    truncateSync(path('head.db'), Math.floor(length / 2));
    await open();
    expect(said.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^The head file is damaged/u),
    ]);
    const [first, second] = await readAll(store);
    expect(first?.rows.slice(0, 2)).toEqual(INTACT[0]?.rows.slice(0, 2));
    expect(second).toEqual(INTACT[1]);
  });
});
