import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { labelValue } from '@hubpulse/model';
import { afterAll, describe, expect, it } from 'vitest';
import { match, readRange, type SelectedSeries } from '../contract-rows.ts';
import { readRollups } from '../contract-rollups.ts';
import { createMemoryStore } from '../memory/memory-store.ts';
import { type MetricStore, RESOLUTIONS } from '../port.ts';
import {
  crashClock,
  oldBatch,
  rawBits,
  rawOrigin,
  RETENTION_MS,
  ROWS,
} from './crash-plan.test-child.ts';
import { openEmbeddedStore } from './embedded-store.ts';

/**
 * Kills at random moments of everything that the store does. `npm run test:long` runs 200 rounds; a round costs a second or
 * two.
 */
const ROUNDS = Number(process.env['HUBPULSE_CRASH_ROUNDS'] ?? 20);

/** Rounds on one directory, before the checks of what has piled up cost more than the rounds. */
const ROUNDS_PER_DIRECTORY = 10;

const CHILD = fileURLToPath(new URL('./crash-upkeep.test-child.ts', import.meta.url));

const EVERYTHING = { fromMs: -Infinity, toMs: Infinity };

const root = mkdtempSync(join(tmpdir(), 'hubpulse-crash-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** What the lines of all processes on one directory said. */
class Ledger {
  readonly acknowledged = new Set<number>();
  readonly deleting = new Set<number>();
  readonly deleted = new Set<number>();
  next = 0;

  read(line: string): void {
    const [event, batch] = line.split(' ');
    if (event === 'failed') throw new Error(line);
    if (event === 'sent') this.next = Math.max(this.next, Number(batch) + 1);
    if (event === 'ack') this.acknowledged.add(Number(batch));
    if (event === 'deleting') this.deleting.add(Number(batch));
    if (event === 'deleted') this.deleted.add(Number(batch));
  }
}

/** Runs a process on the directory and kills it without warning after some lines. */
async function runAndKill(directory: string, ledger: Ledger, lines: number): Promise<void> {
  const seed = String(1 + Math.floor(Math.random() * 2 ** 30));
  const child = spawn(
    process.execPath,
    ['--conditions=@hubpulse/source', CHILD, directory, String(ledger.next), seed],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'exit');
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    ledger.read(line);
    if (++seen === lines) child.kill('SIGKILL');
  }
  await exited;
}

async function check(directory: string, ledger: Ledger): Promise<void> {
  const store = await openEmbeddedStore({
    directory,
    clock: crashClock(),
    retentionMs: RETENTION_MS,
  });
  try {
    const raw = await readRange(store, {
      ...EVERYTHING,
      matchers: [match('__name__', '=~', 'raw_.*')],
    });
    const before = { ...(await oldCounts(store)), raw: rawCounts(raw) };
    expect(tornOrLost(before.raw, ledger)).toEqual({ torn: [], lost: [] });
    expect(tornOrLost(before.old, ledger)).toEqual({ torn: [], lost: [] });
    await checkVictims(store, ledger);
    await checkRollups(store, raw);
    await store.upkeep();
    await checkRollups(store, raw);
    expect((await oldCounts(store)).old).toEqual(before.old);
  } finally {
    await store.close();
  }
}

/** Samples of each batch in all raw series, as whole batches; fails on a sample that no batch has written. */
function rawCounts(found: readonly SelectedSeries[]): Map<number, number> {
  const rows = new Map<number, number>();
  for (const { labels, rows: samples } of found) {
    const series = Number(labelValue(labels, 'series'));
    for (const [tMs, bits] of samples) {
      const { batch, row } = rawOrigin(tMs);
      if (bits !== rawBits(series, batch, row)) throw new Error(`wrong bits at ${tMs}`);
      rows.set(batch, (rows.get(batch) ?? 0) + 1);
    }
  }
  return scaled(rows, found.length);
}

/** As `rawCounts`, from the buckets of the old series. */
async function oldCounts(store: MetricStore): Promise<{ old: Map<number, number> }> {
  const selection = { ...EVERYTHING, matchers: [match('__name__', '=', 'old')] };
  const minutes = await readRollups(store, { ...selection, resolutionMs: 60_000 });
  const rows = new Map<number, number>();
  for (const { buckets } of minutes) {
    for (const { tMs, count, min, max } of buckets) {
      const batch = oldBatch(tMs);
      expect({ batch, min, max }).toEqual({ batch, min: batch, max: batch + ROWS - 1 });
      rows.set(batch, (rows.get(batch) ?? 0) + count);
    }
  }
  const hours = await readRollups(store, { ...selection, resolutionMs: 3_600_000 });
  const total = (series: typeof hours): number =>
    series.flatMap(({ buckets }) => buckets).reduce((sum, { count }) => sum + count, 0);
  expect(total(hours)).toBe(total(minutes));
  return { old: scaled(rows, minutes.length) };
}

function scaled(rows: Map<number, number>, series: number): Map<number, number> {
  return new Map(Array.from(rows, ([batch, count]) => [batch, count / series]));
}

/** Batches of which a part is there, and acknowledged ones that are not. */
function tornOrLost(
  rows: ReadonlyMap<number, number>,
  { acknowledged }: Ledger,
): { torn: unknown[]; lost: number[] } {
  return {
    torn: [...rows].filter(([, count]) => count !== ROWS),
    lost: [...acknowledged].filter((batch) => !rows.has(batch)),
  };
}

/** What was said to be deleted is gone, and a deletion that was not answered took all or nothing. */
async function checkVictims(store: MetricStore, ledger: Ledger): Promise<void> {
  const matchers = [match('__name__', '=', 'victim')];
  const found = await readRange(store, { ...EVERYTHING, matchers });
  const rows = new Map(
    found.map(({ labels, rows: samples }) => [Number(labelValue(labels, 'batch')), samples.length]),
  );
  expect([...rows].filter(([, count]) => count !== ROWS)).toEqual([]);
  expect([...rows.keys()].filter((batch) => ledger.deleted.has(batch))).toEqual([]);
  const kept = [...ledger.acknowledged].filter(
    (batch) => batch % 10 === 0 && !ledger.deleting.has(batch),
  );
  expect(kept.filter((batch) => !rows.has(batch))).toEqual([]);
}

/** Buckets that were rolled up equal those that a store of plain maps makes of the samples. */
async function checkRollups(store: MetricStore, raw: readonly SelectedSeries[]): Promise<void> {
  const oracle = createMemoryStore();
  const batches = raw.map(({ labels, rows }) => {
    const bits = BigUint64Array.from(rows, ([, value]) => value);
    return oracle.append({
      refs: new Uint32Array(rows.length).fill(oracle.intern(labels)),
      tMs: Float64Array.from(rows, ([tMs]) => tMs),
      values: new Float64Array(bits.buffer),
    });
  });
  await Promise.all(batches);
  for (const resolutionMs of RESOLUTIONS) {
    const selection = {
      ...EVERYTHING,
      matchers: [match('__name__', '=~', 'raw_.*')],
      resolutionMs,
    };
    // oxlint-disable-next-line no-await-in-loop -- Two of them.
    const [got, want] = await Promise.all([
      readRollups(store, selection),
      readRollups(oracle, selection),
    ]);
    expect(got).toEqual(want);
  }
}

describe('a process that is killed at any moment', () => {
  it(
    `loses, tears, doubles and brings back nothing in ${ROUNDS} rounds`,
    { timeout: ROUNDS * 60_000 },
    async () => {
      let directory = '';
      let ledger = new Ledger();
      const total = { acknowledged: 0, deleted: 0 };
      for (let round = 0; round < ROUNDS; round++) {
        if (round % ROUNDS_PER_DIRECTORY === 0) {
          directory = mkdtempSync(join(root, 'store-'));
          ledger = new Ledger();
        }
        const before = { acknowledged: ledger.acknowledged.size, deleted: ledger.deleted.size };
        /* oxlint-disable no-await-in-loop -- One life after the other. */
        await runAndKill(directory, ledger, 2 + Math.floor(Math.random() ** 2 * 400));
        await check(directory, ledger);
        /* oxlint-enable no-await-in-loop */
        total.acknowledged += ledger.acknowledged.size - before.acknowledged;
        total.deleted += ledger.deleted.size - before.deleted;
      }
      expect(total.acknowledged).toBeGreaterThan(5 * ROUNDS);
      expect(total.deleted).toBeGreaterThan(0);
    },
  );
});
