import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { labelValue } from '@hubpulse/model';
import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../clock.ts';
import { createManualClock } from '../../manual-clock.ts';
import {
  all,
  batchOf,
  internAll,
  match,
  readAll,
  refusal,
  type Row,
  type SelectedSeries,
} from '../contract-rows.ts';
import { describeMetricStore } from '../contract.ts';
import type { MetricStore } from '../port.ts';
import { crashBits, crashOrigin, ROWS_PER_BATCH } from './crash-batch.test-child.ts';
import { type EmbeddedStore, openEmbeddedStore } from './embedded-store.ts';

const DAY = 86_400_000;
const T = Date.UTC(2026, 5, 15, 12);
const CHILD = fileURLToPath(new URL('./crash-writer.test-child.ts', import.meta.url));

const root = mkdtempSync(join(tmpdir(), 'hubpulse-slow-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const directories = new WeakMap<MetricStore, string>();

async function openAt(directory: string): Promise<EmbeddedStore> {
  const store = await openEmbeddedStore({ directory, clock: systemClock });
  directories.set(store, directory);
  return store;
}

function fresh(): string {
  return mkdtempSync(join(root, 'store-'));
}

async function reopen(store: MetricStore): Promise<EmbeddedStore> {
  await store.close();
  return openAt(directories.get(store) ?? '');
}

function openFresh(): Promise<EmbeddedStore> {
  return openAt(fresh());
}

describeMetricStore('embedded store, samples in the head', { open: openFresh });

describeMetricStore('embedded store, opened again', { open: openFresh, settle: reopen });

describeMetricStore('embedded store, samples rolled up', {
  open: openFresh,
  settle: async (store) => {
    await (store as EmbeddedStore).upkeep();
    return store;
  },
});

describeMetricStore('embedded store, rolled up and opened again', {
  open: openFresh,
  settle: async (store) => {
    await (store as EmbeddedStore).upkeep();
    return reopen(store);
  },
});

/** A writer in a process of its own, and the lines that it prints. */
interface Writer {
  readonly child: ChildProcess;
  readonly lines: AsyncIterableIterator<string>;
}

function startWriter(args: readonly (string | number)[], options: { uid?: number } = {}): Writer {
  const child = spawn(
    process.execPath,
    ['--conditions=@hubpulse/source', CHILD, ...args.map(String)],
    { stdio: ['ignore', 'pipe', 'inherit'], ...options },
  );
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

/** Runs a writer to its end, or kills it without warning once it has printed so many lines. */
async function runWriter(writer: Writer, killAfterLines = Infinity): Promise<string[]> {
  const exited = once(writer.child, 'exit');
  const lines: string[] = [];
  for await (const line of writer.lines) {
    lines.push(line);
    if (lines.length === killAfterLines) writer.child.kill('SIGKILL');
  }
  await exited;
  return lines;
}

function numbersOf(lines: readonly string[], event: string): number[] {
  return lines
    .filter((line) => line.startsWith(`${event} `))
    .map((line) => Number(line.split(' ')[1]));
}

/** How many samples of each batch are there. Fails on a sample that no batch has written. */
async function rowsByBatch(directory: string): Promise<Map<number, number>> {
  const store = await openAt(directory);
  const found = await readAll(store);
  await store.close();
  const rows = new Map<number, number>();
  for (const { labels, rows: samples } of found) {
    for (const [tMs, bits] of samples) {
      const { batch, row } = crashOrigin(Number(labelValue(labels, 'series')), tMs);
      if (bits !== crashBits(batch, row))
        throw new Error(`wrong bits in batch ${batch}, row ${row}`);
      rows.set(batch, (rows.get(batch) ?? 0) + 1);
    }
  }
  return rows;
}

describe('a process that is killed', () => {
  it('in mid-ingest, ten times, leaves every acknowledged batch whole and no other in part', async () => {
    const directory = fresh();
    const acknowledged = new Set<number>();
    const kills = [1, 2, 9, 40, 120, 200, 333, 450, 700, 1100];
    let next = 0;
    for (const [round, lines] of kills.entries()) {
      // Some rounds seal nearly all the time, so that kills fall into seals too.
      const sealEvery = round % 2 === 0 ? 3 : 50;
      const writer = startWriter([directory, next, 1_000_000, sealEvery]);
      const printed = await runWriter(writer, lines + Math.floor(Math.random() * 50));
      for (const batch of numbersOf(printed, 'ack')) acknowledged.add(batch);
      next = Math.max(next - 1, ...numbersOf(printed, 'sent')) + 1;
      const rows = await rowsByBatch(directory);
      const torn = [...rows].filter(([, count]) => count !== ROWS_PER_BATCH);
      const lost = [...acknowledged].filter((batch) => !rows.has(batch));
      expect({ round, torn, lost }).toEqual({ round, torn: [], lost: [] });
    }
    expect(acknowledged.size).toBeGreaterThan(100);
  });
});

describe('a second process', () => {
  it('is refused while the first owns the directory, and admitted once it is killed', async () => {
    const directory = fresh();
    const first = startWriter([directory, 0, 1_000_000, 0]);
    expect((await first.lines.next()).value).toBe('open');
    expect(await runWriter(startWriter([directory, 0, 1, 0]))).toEqual(['refused locked']);
    expect(await refusal(openAt(directory))).toBe('locked');
    const exited = once(first.child, 'exit');
    first.child.kill('SIGKILL');
    await exited;
    const lines = await runWriter(startWriter([directory, 0, 1, 0]));
    expect(lines).toEqual(['open', 'sent 0', 'ack 0', 'closed']);
  });

  it('without the right to write gets "unwritable"', async () => {
    const directory = join(fresh(), 'closed');
    mkdirSync(directory);
    chmodSync(root, 0o755);
    chmodSync(join(directory, '..'), 0o755);
    chmodSync(directory, 0o555);
    // Root may write anywhere, so the child is somebody else then: 65534 is nobody.
    const options = process.getuid?.() === 0 ? { uid: 65_534 } : {};
    const lines = await runWriter(startWriter([directory, 0, 1, 0], options));
    expect(lines).toEqual(['refused unwritable']);
  });
});

describe('a day file', () => {
  it('with any byte flipped gives no wrong sample', async () => {
    const directory = fresh();
    const path = join(directory, '2026-06-14.db');
    const store = await openAt(directory);
    const [a, b] = internAll(store, 'a', 'b');
    const rows = Array.from({ length: 600 }, (_, i): Row => [
      i % 2 === 0 ? a : b,
      T - DAY + i,
      i / 10,
    ]);
    await store.append(batchOf([...rows, [a, T, 1]]));
    await store.seal();
    const known = rowTexts(await readAll(store));
    await store.close();
    const whole = readFileSync(path);
    for (const offset of offsetsIn(whole)) {
      const bytes = Buffer.from(whole);
      bytes.writeUInt8(bytes.readUInt8(offset) ^ 1, offset);
      writeFileSync(path, bytes);
      const damaged = await openAt(directory);
      const first = await damaged.select(all()).catch(() => []);
      const second = rowTexts(await selectUntilItWorks(damaged));
      expect({ offset, wrong: [...second].filter((row) => !known.has(row)) }).toEqual({
        offset,
        wrong: [],
      });
      expect(second.size).toBeGreaterThan(0);
      expect(first.length).toBeLessThanOrEqual(2);
      await damaged.close();
      for (const name of readdirSync(directory)) {
        if (name.includes('.damaged')) rmSync(join(directory, name));
      }
    }
  });
});

/** Each damaged piece fails one selection. */
async function selectUntilItWorks(store: MetricStore): Promise<SelectedSeries[]> {
  for (let i = 0; i < 10; i++) {
    const found = await readAll(store).catch(() => undefined);
    if (found !== undefined) return found;
  }
  throw new Error('got an error from every selection; want one for each damaged piece only');
}

function rowTexts(found: readonly SelectedSeries[]): Set<string> {
  return new Set(
    found.flatMap(({ labels, rows }) => rows.map((row) => `${String(labels)} ${row.join(' ')}`)),
  );
}

/** Some bytes that are not zero, and some of any kind. */
function offsetsIn(bytes: Buffer): number[] {
  const used = [...bytes.keys()].filter((offset) => bytes[offset] !== 0);
  const some = used.filter((_, i) => i % Math.ceil(used.length / 60) === 0);
  return [...some, ...Array.from({ length: 20 }, (_, i) => (i * 102_959) % bytes.length)];
}

describe('a full disk', () => {
  const mounts: string[] = [];
  const mountSmallDisk = (): string | undefined => {
    const path = mkdtempSync(join(root, 'disk-'));
    if (!tryMount(path)) return undefined;
    mounts.push(path);
    return path;
  };
  afterAll(() => {
    for (const path of mounts) execFileSync('umount', [path]);
  });

  it('refuses batches with "disk_full", keeps what was acknowledged, and goes on when there is room', async ({
    skip,
  }) => {
    const mount = mountSmallDisk() ?? skip('mounting a small disk needs root');
    const ballast = join(mount, 'ballast');
    const directory = join(mount, 'data');
    writeFileSync(ballast, Buffer.alloc(3_000_000));
    const store = await openAt(directory);
    const [a] = internAll(store, 'a');
    let acknowledged = 0;
    const append = (batch: number): Promise<void> =>
      store.append(
        batchOf(
          Array.from({ length: 2000 }, (_, i): Row => [a, T + batch * 2000 + i, batch + i / 8]),
        ),
      );
    let code: string | undefined;
    while (code === undefined) {
      code = await refusal(append(acknowledged));
      if (code === undefined) acknowledged++;
    }
    expect(code).toBe('disk_full');
    expect(acknowledged).toBeGreaterThan(20);
    expect(await refusal(append(acknowledged))).toBe('disk_full');
    expect(await refusal(store.seal())).toBe('disk_full');
    expect((await readAll(store))[0]?.rows).toHaveLength(acknowledged * 2000);
    rmSync(ballast);
    expect(await refusal(append(acknowledged++))).toBeUndefined();
    expect(await refusal(store.seal())).toBeUndefined();
    expect(await refusal(append(acknowledged++))).toBeUndefined();
    const before = await readAll(store);
    expect(before[0]?.rows).toHaveLength(acknowledged * 2000);
    const again = await reopen(store);
    expect(await readAll(again)).toEqual(before);
    await again.close();
  });

  it('puts roll-ups and deletions off, and loses nothing by it', async ({ skip }) => {
    const mount = mountSmallDisk() ?? skip('mounting a small disk needs root');
    const directory = join(mount, 'data');
    const clock = createManualClock(T);
    const store = await openEmbeddedStore({ directory, clock });
    const [a, b] = internAll(store, 'a', 'b');
    const noise = Array.from({ length: 100_000 }, (_, i): Row => [
      i % 2 === 0 ? a : b,
      T + i * 100,
      BigInt.asUintN(62, BigInt(i) * 0x9e37_79b9_7f4a_7c15n),
    ]);
    await store.append(batchOf(noise));
    await store.seal();
    const before = await readAll(store);
    const filler = join(mount, 'filler');
    expect(() => writeFileSync(filler, Buffer.alloc(100_000_000))).toThrow(/ENOSPC/u);
    clock.advance(2 * DAY);
    expect(await refusal(store.upkeep())).toBe('disk_full');
    expect(await readAll(store)).toEqual(before);
    const matchers = [match('__name__', '=', 'a')];
    const deletion = { ...all(), matchers };
    // All or nothing: a deletion that found room for its row is done for readers.
    const code = await refusal(store.delete(deletion));
    expect(await readAll(store)).toEqual(code === undefined ? before.slice(1) : before);
    rmSync(filler);
    await store.upkeep();
    expect(await refusal(store.delete(deletion))).toBeUndefined();
    await store.upkeep();
    expect(await readAll(store)).toEqual(before.slice(1));
    expect(await store.selectRollups({ ...all(), resolutionMs: 3_600_000 })).toHaveLength(1);
    await store.close();
    const again = await openAt(directory);
    expect(await readAll(again)).toEqual(before.slice(1));
    await again.close();
  });

  it('at the start is named', async ({ skip }) => {
    const mount = mountSmallDisk() ?? skip('mounting a small disk needs root');
    const filler = join(mount, 'filler');
    expect(() => writeFileSync(filler, Buffer.alloc(100_000_000))).toThrow(/ENOSPC/u);
    expect(await refusal(openAt(join(mount, 'other')))).toBe('disk_full');
    rmSync(filler);
    const store = await openAt(join(mount, 'other'));
    await store.close();
  });
});

/** Mounts a disk of 8 MB; false without the right to. */
function tryMount(path: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', path], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
