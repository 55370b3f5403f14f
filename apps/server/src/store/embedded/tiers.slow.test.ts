import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RollupColumns } from '@hubpulse/model';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../manual-clock.ts';
import {
  ALL,
  all,
  batchOf,
  internAll,
  match,
  named,
  readAll,
  type Row,
  selected,
} from '../contract-rows.ts';
import type { Resolution } from '../port.ts';
import { Database } from './database.ts';
import {
  type EmbeddedStore,
  type EmbeddedStoreOptions,
  openEmbeddedStore,
} from './embedded-store.ts';

const MINUTE: Resolution = 60_000;
const HOUR: Resolution = 3_600_000;
const DAY = 24 * HOUR;
const T = Date.UTC(2026, 5, 15, 12);
const RETENTION = { raw: 2 * DAY, '1m': 5 * DAY, '1h': 40 * DAY };

const root = mkdtempSync(join(tmpdir(), 'hubpulse-tiers-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let store: EmbeddedStore;
let directory = '';
let clock: ManualClock;
const said: string[] = [];

async function open(options: Partial<EmbeddedStoreOptions> = {}): Promise<void> {
  const say = (fields: object, message: string): void => {
    said.push(`${message} ${JSON.stringify(fields)}`);
  };
  const log = { info: () => {}, warn: say, error: say };
  store = await openEmbeddedStore({ directory, clock, log, ...options });
}

async function openFresh(options: Partial<EmbeddedStoreOptions> = {}): Promise<void> {
  directory = mkdtempSync(join(root, 'store-'));
  clock = createManualClock(T);
  said.length = 0;
  await open(options);
}

async function reopen(options: Partial<EmbeddedStoreOptions> = {}): Promise<void> {
  await store.close();
  await open(options);
}

const path = (name: string): string => join(directory, name);

function files(): string[] {
  return readdirSync(directory)
    .filter((name) => /^\d{4}-/u.test(name) && !name.endsWith('-wal'))
    .toSorted();
}

function buckets(resolutionMs: Resolution): Promise<RollupColumns[]> {
  return store.selectRollups({ ...all(), resolutionMs });
}

/** One sample each five minutes of the day before `T` and of the hours until `T`. */
async function writeYesterday(): Promise<void> {
  const [a, b] = internAll(store, 'a', 'b');
  const rows = Array.from({ length: 432 }, (_, i): Row => [
    i % 2 === 0 ? a : b,
    T - 36 * HOUR + (i + 1) * 5 * MINUTE,
    i / 10,
  ]);
  await store.append(batchOf(rows));
}

afterEach(() => store.close());

describe('roll-ups', () => {
  it('are made of complete days, and are read after the samples have expired', async () => {
    await openFresh({ retentionMs: RETENTION });
    await writeYesterday();
    const minutes = await buckets(MINUTE);
    const hours = await buckets(HOUR);
    await store.upkeep();
    expect(files()).toEqual([
      '2026-06-14.1m.db',
      '2026-06-14.db',
      '2026-06-15.db',
      '2026-06.1h.db',
    ]);
    expect(store.stats()).toMatchObject({ rolledDays: 1, unrolledDays: 1 });
    expect(await buckets(MINUTE)).toEqual(minutes);
    expect(await buckets(HOUR)).toEqual(hours);
    clock.advance(3 * DAY);
    await store.upkeep();
    expect(files()).toEqual(['2026-06-14.1m.db', '2026-06-15.1m.db', '2026-06.1h.db']);
    expect(await store.select(all())).toEqual([]);
    expect(await buckets(MINUTE)).toEqual(minutes);
    expect(await buckets(HOUR)).toEqual(hours);
    await reopen({ retentionMs: RETENTION });
    expect(await buckets(MINUTE)).toEqual(minutes);
  });

  it('outlive their finer ones; a series is found as long as any is left', async () => {
    await openFresh({ retentionMs: RETENTION });
    await writeYesterday();
    const hours = await buckets(HOUR);
    clock.advance(7 * DAY);
    await store.upkeep();
    expect(files()).toEqual(['2026-06.1h.db']);
    expect(store.series(ALL)).toEqual([named('a'), named('b')]);
    await reopen({ retentionMs: RETENTION });
    expect(store.series(ALL)).toEqual([named('a'), named('b')]);
    expect(await buckets(HOUR)).toEqual(hours);
    expect(await buckets(MINUTE)).toEqual([]);
    clock.advance(40 * DAY);
    await store.upkeep();
    expect(files()).toEqual([]);
    expect(store.series(ALL)).toEqual([]);
    expect(store.stats()).toMatchObject({ series: 0, rolledDays: 0, unrolledDays: 0 });
  });

  it('take in samples that come after those of their day have expired', async () => {
    await openFresh({ retentionMs: RETENTION });
    const [a, c] = internAll(store, 'a', 'c');
    const at = T - DAY;
    await store.append(batchOf([[a, at + 1, 1], [a, at + 2, 5], [a, at + 2 * HOUR, 3]])); // oxfmt-ignore
    clock.advance(3 * DAY);
    await store.upkeep();
    await store.append(batchOf([[a, at + 3, 7], [a, at + HOUR + 1, 2], [c, at + 1, 9]])); // oxfmt-ignore
    const check = async (): Promise<void> => {
      const [first, second] = await buckets(HOUR);
      expect([...first!.tMs]).toEqual([at + 3, at + 2 * HOUR]);
      expect([...first!.count]).toEqual([3, 2]);
      expect([...first!.sum]).toEqual([13, 5]);
      expect([...first!.max]).toEqual([7, 3]);
      expect([...first!.last]).toEqual([7, 3]);
      expect([...second!.last]).toEqual([9]);
    };
    await check();
    await store.seal();
    await check();
    await store.upkeep();
    await check();
    expect(files()).toEqual(['2026-06-14.1m.db', '2026-06.1h.db']);
    await store.upkeep();
    await reopen({ retentionMs: RETENTION });
    await check();
  });

  it('are made before samples may expire', async () => {
    await openFresh({ retentionMs: RETENTION });
    await writeYesterday();
    // A directory in the way of the file makes every try fail.
    mkdirSync(path('2026-06-14.1m.db.new'));
    clock.advance(3 * DAY);
    await expect(store.upkeep()).rejects.toMatchObject({ code: 'io' });
    expect(files()).toContain('2026-06-14.db');
    expect(said.join('\n')).toContain('Upkeep of the store failed');
    rmSync(path('2026-06-14.1m.db.new'), { recursive: true });
    await store.upkeep();
    expect(files()).toEqual(['2026-06-14.1m.db', '2026-06-15.1m.db', '2026-06.1h.db']);
  });

  it('lose what is deleted, and every bucket that it touches where the samples have expired', async () => {
    await openFresh({ retentionMs: RETENTION });
    const [a, b] = internAll(store, 'a', 'b');
    const at = T - DAY;
    const rows = [1, 2, 3, 4].flatMap((i): Row[] => {
      return [[a, at + i * HOUR - MINUTE, i], [b, at + i * HOUR - MINUTE, i]]; // oxfmt-ignore
    });
    await store.append(batchOf(rows));
    clock.advance(3 * DAY);
    await store.upkeep();
    const matchers = [match('__name__', '=', 'a')];
    const range = { fromMs: at + HOUR + 30 * MINUTE, toMs: at + 3 * HOUR - 30 * MINUTE };
    expect(await store.delete({ matchers, ...range })).toEqual({ series: 1, samples: 0 });
    const last = async (resolution: Resolution): Promise<number[][]> =>
      (await buckets(resolution)).map(({ last: column }) => Array.from(column));
    expect(await last(HOUR)).toEqual([[1, 4], [1, 2, 3, 4]]); // oxfmt-ignore
    expect(await last(MINUTE)).toEqual([[1, 3, 4], [1, 2, 3, 4]]); // oxfmt-ignore
    await store.delete({ ...all(), matchers });
    await reopen({ retentionMs: RETENTION });
    expect(await last(HOUR)).toEqual([[1, 2, 3, 4]]);
    expect(store.series(ALL)).toEqual([named('b')]);
  });
});

describe('the bytes of what is deleted', () => {
  it('are in no file any more', async () => {
    await openFresh();
    const [secret] = internAll(store, 'secret_name_of_a_series');
    const [kept] = internAll(store, 'kept');
    const rows = [0, 1, 2, 3].flatMap((day): Row[] => [
      [secret, T - day * DAY, 0x4141_4242_4343_4444n],
      [kept, T - day * DAY, day],
    ]);
    await store.append(batchOf(rows));
    await store.upkeep();
    await store.delete({ ...all(), matchers: [match('__name__', '=', 'secret_name_of_a_series')] });
    await store.close();
    const bits = Buffer.from('4444434342424141', 'hex');
    for (const name of readdirSync(directory)) {
      const bytes = readFileSync(path(name));
      expect([name, bytes.includes('secret_name_of_a_series')]).toEqual([name, false]);
      expect([name, bytes.includes(bits)]).toEqual([name, false]);
    }
    await open();
    expect(store.series(ALL)).toEqual([named('kept')]);
  });
});

describe('compaction', () => {
  it('merges the small chunks of a complete day and gives the room back', async () => {
    await openFresh();
    const refs = Array.from({ length: 50 }, (_, i) => store.intern([['__name__', `m${i}`]]));
    for (let batch = 0; batch < 24; batch++) {
      const rows = refs.flatMap((ref) =>
        Array.from({ length: 10 }, (_, i): Row => {
          return [ref, T - 2 * DAY + batch * 10 * MINUTE + i * MINUTE, i];
        }),
      );
      // oxlint-disable-next-line no-await-in-loop -- Each batch is to have a seal of its own.
      await store.append(batchOf(rows)).then(() => store.seal());
    }
    const before = await readAll(store);
    await store.upkeep();
    await store.close();
    const sizeBytes = statSync(path('2026-06-13.db')).size;
    const database = Database.open({
      path: path('2026-06-13.db'),
      pageSizeBytes: 4096,
      synchronous: 'NORMAL',
      canShrink: false,
      cacheBytes: 0,
    });
    // Each round merges once there are markedly more than needed, so the newest may stand alone.
    expect(database.prepare('SELECT count(*) FROM chunk').number()).toBeLessThanOrEqual(100);
    expect(database.prepare('SELECT count(*) FROM seal').number()).toBeLessThanOrEqual(2);
    expect(database.prepare('SELECT first_id FROM seal ORDER BY id').number()).toBe(1);
    database.close();
    expect(sizeBytes).toBeLessThan(200_000);
    await open();
    expect(await readAll(store)).toEqual(before);
    const [m0] = internAll(store, 'm0');
    await store.append(batchOf([[m0, T - 2 * DAY + 5, 77]]));
    await store.upkeep();
    const [series] = await store.select({ ...all(), matchers: [match('__name__', '=', 'm0')] });
    expect(series?.tMs).toHaveLength(241);
    const [rolled] = await store.selectRollups({ ...all(), resolutionMs: HOUR });
    expect(rolled?.max[1]).toBe(77);
  });
});

describe('a clock that jumps ahead', () => {
  it('deletes nothing until it has gone steadily for hours', async () => {
    await openFresh({ retentionMs: RETENTION });
    await writeYesterday();
    await store.upkeep();
    clock.jumpTo(T + 3650 * DAY);
    clock.advance(5 * HOUR);
    await store.upkeep();
    expect(files()).toContain('2026-06-14.db');
    expect(files()).toContain('2026-06.1h.db');
    clock.jumpTo(T + 6 * HOUR);
    clock.advance(24 * HOUR);
    await store.upkeep();
    expect(files()).toContain('2026-06-14.db');
    expect((await readAll(store)).map(({ rows }) => rows.length)).toEqual([216, 216]);
  });

  it('drops no sample that is not sealed yet', async () => {
    await openFresh({ retentionMs: RETENTION });
    await writeYesterday();
    clock.jumpTo(T + 3650 * DAY);
    clock.advance(5 * HOUR);
    await store.seal();
    expect((await readAll(store)).map(({ rows }) => rows.length)).toEqual([216, 216]);
  });
});

describe('a damaged file of roll-ups', () => {
  const rolledUp = async (): Promise<void> => {
    await openFresh({ retentionMs: RETENTION });
    await writeYesterday();
    await store.upkeep();
  };
  const change = (name: string, sql: string): void => {
    const database = Database.open({
      path: path(name),
      pageSizeBytes: 4096,
      synchronous: 'FULL',
      canShrink: false,
      cacheBytes: 0,
    });
    database.exec(sql);
    database.close();
  };

  it.each(['2026-06-14.1m.db', '2026-06.1h.db'])(
    'is set aside and made again while the samples are there: %s',
    async (name) => {
      await rolledUp();
      const minutes = await buckets(MINUTE);
      const hours = await buckets(HOUR);
      await store.close();
      truncateSync(path(name), 40_000);
      await open({ retentionMs: RETENTION });
      expect(said.join('\n')).toMatch(
        new RegExp(`was set aside.*${name.replaceAll('.', '\\.')}.*are rolled up again`, 'u'),
      );
      expect(existsSync(path(`${name}.damaged`))).toBe(true);
      expect(await buckets(MINUTE)).toEqual(minutes);
      expect(await buckets(HOUR)).toEqual(hours);
      await store.upkeep();
      expect(files()).toContain(name);
      expect(await buckets(HOUR)).toEqual(hours);
    },
  );

  it('with a damaged row is read from samples and made again while they are there', async () => {
    await rolledUp();
    const minutes = await buckets(MINUTE);
    await store.close();
    change('2026-06-14.1m.db', "UPDATE chunk SET bytes = bytes || x'00'");
    await open({ retentionMs: RETENTION });
    expect(await buckets(MINUTE)).toEqual(minutes);
    expect(said.join('\n')).toContain('A row of a file of roll-ups is damaged');
    await store.upkeep();
    await reopen({ retentionMs: RETENTION });
    said.length = 0;
    expect(await buckets(MINUTE)).toEqual(minutes);
    expect(said).toEqual([]);
  });

  it('fails the first query that needs a damaged row, with file, series and loss', async () => {
    await rolledUp();
    clock.advance(3 * DAY);
    await store.upkeep();
    await store.close();
    change(
      '2026-06.1h.db',
      "UPDATE chunk SET bytes = bytes || x'00' WHERE key = (SELECT min(key) FROM chunk)",
    );
    await open({ retentionMs: RETENTION });
    await expect(buckets(HOUR)).rejects.toMatchObject({
      code: 'damaged',
      message: expect.stringMatching(
        /2026-06\.1h\.db: got a damaged row; .*\["__name__","[ab]"\]/u,
      ),
    });
    expect(await buckets(HOUR)).toHaveLength(1);
  });

  it('gives no wrong bucket, whichever bit is flipped', async () => {
    await rolledUp();
    clock.advance(3 * DAY);
    await store.upkeep();
    const known = new Set((await buckets(HOUR)).flatMap((series) => texts(series)));
    await store.close();
    const name = '2026-06.1h.db';
    const whole = readFileSync(path(name));
    const used = [...whole.keys()].filter((offset) => whole[offset] !== 0);
    for (const offset of used.filter((_, i) => i % Math.ceil(used.length / 25) === 0)) {
      const bytes = Buffer.from(whole);
      bytes.writeUInt8(bytes.readUInt8(offset) ^ 1, offset);
      writeFileSync(path(name), bytes);
      /* oxlint-disable no-await-in-loop -- One damage after the other. */
      await open({ retentionMs: RETENTION });
      const found = await buckets(HOUR)
        .catch(() => buckets(HOUR))
        .catch(() => buckets(HOUR));
      const wrong = found.flatMap((series) => texts(series)).filter((text) => !known.has(text));
      expect({ offset, wrong }).toEqual({ offset, wrong: [] });
      await store.close();
      /* oxlint-enable no-await-in-loop */
      for (const aside of readdirSync(directory)) {
        if (aside.includes('.damaged')) rmSync(path(aside));
      }
    }
    await open({ retentionMs: RETENTION });
  });
});

function texts({ labels, ...columns }: RollupColumns): string[] {
  return Array.from(columns.tMs, (_, row) =>
    [String(labels), ...Object.values(columns).map((column) => column[row])].join(' '),
  );
}

describe('a directory of version 1', () => {
  it('is migrated with all it holds', async () => {
    await openFresh();
    await writeYesterday();
    await store.seal();
    const [a] = internAll(store, 'a');
    await store.append(batchOf([[a, T, 5]]));
    const before = await readAll(store);
    await store.close();
    // Back to the tables of version 1: no deletions, no merged seals.
    downgrade('head.db', 'DROP TABLE deletion;');
    for (const day of ['2026-06-14', '2026-06-15']) {
      downgrade(`${day}.db`, 'ALTER TABLE seal DROP COLUMN first_id;');
    }
    await open();
    expect(said).toEqual([]);
    expect(await readAll(store)).toEqual(before);
    expect(
      await store.delete({ matchers: [match('__name__', '=', 'b')], fromMs: 0, toMs: T }),
    ).toEqual({ series: 1, samples: 216 });
    await store.upkeep();
    await reopen();
    expect(await readAll(store)).toEqual(before.filter(({ labels }) => labels[0]?.[1] === 'a'));
    expect(await readAll(store)).not.toEqual([selected('a')]);
  });
});

function downgrade(name: string, sql: string): void {
  const database = Database.open({
    path: path(name),
    pageSizeBytes: 4096,
    synchronous: 'FULL',
    canShrink: false,
    cacheBytes: 0,
  });
  expect(database.userVersion).toBe(2);
  database.exec(sql);
  database.userVersion = 1;
  database.close();
}
