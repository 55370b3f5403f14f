import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../manual-clock.ts';
import { all, batchOf, internAll, named, readAll, type Row, selected } from '../contract-rows.ts';
import {
  type EmbeddedStore,
  type EmbeddedStoreOptions,
  openEmbeddedStore,
} from './embedded-store.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const T = Date.UTC(2026, 5, 15, 12);

const root = mkdtempSync(join(tmpdir(), 'hubpulse-sealing-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let store: EmbeddedStore;
let directory = '';
let clock: ManualClock;

async function open(options: Partial<EmbeddedStoreOptions> = {}): Promise<void> {
  store = await openEmbeddedStore({ directory, clock, ...options });
}

async function openFresh(options: Partial<EmbeddedStoreOptions> = {}): Promise<void> {
  directory = mkdtempSync(join(root, 'store-'));
  clock = createManualClock(T);
  await open(options);
}

async function reopen(options: Partial<EmbeddedStoreOptions> = {}): Promise<void> {
  await store.close();
  await open(options);
}

function dayFiles(): string[] {
  return readdirSync(directory).filter((name) => /^\d{4}-\d{2}-\d{2}\.db$/u.test(name));
}

afterEach(() => store.close());

describe('sealing', () => {
  it('moves samples out of the head into the files of their days', async () => {
    await openFresh();
    const [a] = internAll(store, 'a');
    await store.append(batchOf([[a, T, 1], [a, T - DAY, 2]])); // oxfmt-ignore
    expect(store.stats().headSamples).toBe(2);
    expect(dayFiles()).toEqual([]);
    await store.seal();
    expect(store.stats().headSamples).toBe(0);
    expect(dayFiles()).toEqual(['2026-06-14.db', '2026-06-15.db']);
    expect(await readAll(store)).toEqual([selected('a', [T - DAY, 2], [T, 1])]);
  });

  it('happens by itself when the clock passes the next interval', async () => {
    await openFresh();
    const [a] = internAll(store, 'a');
    await store.append(batchOf([[a, T, 1]]));
    clock.advance(HOUR);
    await store.select(all());
    expect(store.stats().headSamples).toBe(1);
    clock.advance(HOUR);
    await expect.poll(() => store.stats().headSamples).toBe(0);
    expect(await readAll(store)).toEqual([selected('a', [T, 1])]);
  });

  it('is not put off by a clock that is set back', async () => {
    await openFresh();
    const [a] = internAll(store, 'a');
    await store.append(batchOf([[a, T, 1]]));
    clock.jumpTo(T - 365 * DAY);
    clock.advance(5 * HOUR);
    await expect.poll(() => store.stats().headSamples).toBe(0);
  });

  it('happens before its time when the head holds too many samples', async () => {
    await openFresh({ maxHeadSamples: 1000 });
    const [a] = internAll(store, 'a');
    const appends = Array.from({ length: 100 }, (_, batch) =>
      store.append(
        batchOf(Array.from({ length: 100 }, (_row, i): Row => [a, T + batch * 100 + i, i])),
      ),
    );
    await Promise.all(appends);
    await expect.poll(() => store.stats().headSamples).toBeLessThan(1000);
    expect((await readAll(store))[0]?.rows).toHaveLength(10_000);
  });

  it('goes on while batches come in, and loses none', async () => {
    await openFresh();
    const refs = Array.from({ length: 300 }, (_, i) => store.intern([['__name__', `m${i}`]]));
    const append = (at: number): Promise<void> =>
      store.append(batchOf(refs.map((ref): Row => [ref, T + at, at])));
    await Promise.all(Array.from({ length: 200 }, (_, i) => append(i)));
    const sealed = store.seal();
    await Promise.all(Array.from({ length: 200 }, (_, i) => append(200 + i)));
    await sealed;
    const found = await store.select(all());
    expect(found.map(({ tMs }) => tMs.length)).toEqual(refs.map(() => 400));
  });

  it('makes large files durable piece by piece and leaves no log behind', async () => {
    await openFresh();
    const refs = Array.from({ length: 60 }, (_, i) => store.intern([['__name__', `m${i}`]]));
    for (let step = 0; step < 20; step++) {
      // Sines have all 53 bits, so that a seal flushes more than once.
      const rows = refs.flatMap((ref) =>
        Array.from({ length: 500 }, (_, i): Row => {
          const at = step * 500 + i;
          return [ref, T + at, Math.sin(ref + at)];
        }),
      );
      await store.append(batchOf(rows));
    }
    await store.seal();
    expect(statSync(join(directory, '2026-06-15.db-wal')).size).toBe(0);
    expect(statSync(join(directory, '2026-06-15.db')).size).toBeGreaterThan(3_000_000);
    const before = await store.select(all());
    expect(before.map(({ tMs }) => tMs.length)).toEqual(refs.map(() => 10_000));
    await reopen();
    expect(await store.select(all())).toEqual(before);
  });

  it('may be cut short by the end of the store, and loses nothing', async () => {
    await openFresh();
    const refs = Array.from({ length: 500 }, (_, i) => store.intern([['__name__', `m${i}`]]));
    await store.append(
      batchOf(
        refs.flatMap((ref) => Array.from({ length: 100 }, (_, i): Row => [ref, T + i, i / 7])),
      ),
    );
    const before = await store.select(all());
    // A seal that the clock begins is nobody's request, so closing does not wait for it.
    clock.advance(5 * HOUR);
    await reopen();
    expect(await store.select(all())).toEqual(before);
    await store.seal();
    expect(await store.select(all())).toEqual(before);
  });

  it('answers several calls at once', async () => {
    await openFresh();
    const [a] = internAll(store, 'a');
    const first = store.seal();
    await store.append(batchOf([[a, T, 1]]));
    await Promise.all([first, store.seal(), store.seal()]);
    expect(store.stats().headSamples).toBe(0);
  });

  it('keeps the last written value when late samples are sealed in between', async () => {
    await openFresh();
    const [a] = internAll(store, 'a');
    for (const value of [1, 2, 3]) {
      await store.append(batchOf([[a, T, value], [a, T + value, value]])); // oxfmt-ignore
      await store.seal();
    }
    await reopen();
    expect(await readAll(store)).toEqual([
      selected('a', [T, 3], [T + 1, 1], [T + 2, 2], [T + 3, 3]),
    ]);
  });

  it('gives the room of the batches back to the head file', async () => {
    await openFresh();
    const refs = internAll(store, 'a', 'b');
    const sizes: number[] = [];
    for (let round = 0; round < 4; round++) {
      for (let i = 0; i < 20; i++) {
        const rows = Array.from({ length: 2000 }, (_, row): Row => {
          return [refs.at(row % 2)!, T + round * 100_000 + i * 2000 + row, row];
        });
        await store.append(batchOf(rows));
      }
      await store.seal();
      await reopen();
      sizes.push(store.stats().diskBytes);
    }
    // Compressed samples come to little; four times the raw batches would be some 2 MB.
    expect(sizes.at(-1)! - sizes.at(0)!).toBeLessThan(600_000);
  });
});

describe('retention', () => {
  it('deletes the files of days that are wholly too old, and no others', async () => {
    await openFresh({ retentionMs: { raw: 2 * DAY } });
    const [a] = internAll(store, 'a');
    await store.append(batchOf([0, 1, 2].map((days): Row => [a, T - days * DAY, days])));
    await store.seal();
    expect(dayFiles()).toEqual(['2026-06-13.db', '2026-06-14.db', '2026-06-15.db']);
    clock.advance(DAY);
    await expect.poll(dayFiles).toEqual(['2026-06-14.db', '2026-06-15.db']);
    expect(await readAll(store)).toEqual([selected('a', [T - DAY, 1], [T, 0])]);
  });

  it('deletes old files at start, but never the current one', async () => {
    await openFresh();
    const [a] = internAll(store, 'a');
    await store.append(batchOf([0, 9].map((days): Row => [a, T - days * DAY, days])));
    await store.seal();
    await reopen({ retentionMs: { raw: 1 } });
    await expect.poll(dayFiles).toEqual(['2026-06-15.db']);
    expect(await readAll(store)).toEqual([selected('a', [T, 0])]);
  });

  it('does not seal what it would delete at once', async () => {
    await openFresh({ retentionMs: { raw: 2 * DAY, '1m': 50 * DAY, '1h': 90 * DAY } });
    const [a] = internAll(store, 'a');
    await store.append(batchOf([[a, T - 100 * DAY, 1], [a, T, 2]])); // oxfmt-ignore
    await store.seal();
    expect(dayFiles()).toEqual(['2026-06-15.db']);
    expect(await readAll(store)).toEqual([selected('a', [T, 2])]);
  });

  it('forgets series of which nothing remains, and gives their refs to nobody', async () => {
    await openFresh({ retentionMs: { raw: 2 * DAY, '1m': 2 * DAY, '1h': 2 * DAY } });
    const [gone, kept] = internAll(store, 'gone', 'kept');
    await store.append(batchOf([[gone, T - 2 * DAY, 1], [kept, T, 2]])); // oxfmt-ignore
    await store.seal();
    clock.advance(DAY);
    await expect.poll(dayFiles).toEqual(['2026-06-15.db']);
    await expect.poll(() => store.series(all().matchers)).toEqual([named('kept')]);
    await reopen();
    expect(store.series(all().matchers)).toEqual([named('kept')]);
    expect(store.stats().series).toBe(1);
    const [again, other] = internAll(store, 'gone', 'other');
    expect([again, other]).not.toContain(gone);
    await store.append(batchOf([[again, T, 5]]));
    expect(await readAll(store)).toEqual([selected('gone', [T, 5]), selected('kept', [T, 2])]);
  });
});
