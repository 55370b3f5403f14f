import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { Worker } from 'node:worker_threads';
import { systemClock } from '../../clock.ts';
import { all, batchOf, internAll, readAll, refusal, selected } from '../contract-rows.ts';
import { Database } from './database.ts';
import { type EmbeddedStore, openEmbeddedStore } from './embedded-store.ts';

const T = Date.UTC(2026, 5, 15, 12);

const root = mkdtempSync(join(tmpdir(), 'hubpulse-ownership-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

function fresh(): string {
  return mkdtempSync(join(root, 'store-'));
}

function openAt(directory: string): Promise<EmbeddedStore> {
  return openEmbeddedStore({ directory, clock: systemClock });
}

function setVersion(path: string, version: number): void {
  const database = Database.open({
    path,
    pageSizeBytes: 4096,
    synchronous: 'FULL',
    canShrink: false,
    cacheBytes: 0,
  });
  database.userVersion = version;
  database.close();
}

describe('a data directory', () => {
  it('is made, with its parents, for its owner alone', async () => {
    const directory = join(fresh(), 'deep', 'down');
    const store = await openAt(directory);
    await store.close();
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  });

  it('has one owner; the second is told so, the first goes on', async () => {
    const directory = fresh();
    const store = await openAt(directory);
    const [a] = internAll(store, 'a');
    await expect(openAt(directory)).rejects.toMatchObject({
      code: 'locked',
      message: expect.stringContaining(directory),
    });
    expect(await refusal(openAt(directory))).toBe('locked');
    await store.append(batchOf([[a, T, 1]]));
    await store.close();
    const next = await openAt(directory);
    expect(await readAll(next)).toEqual([selected('a', [T, 1])]);
    await next.close();
  });

  it('is free again after an opening that failed', async () => {
    const directory = fresh();
    await (await openAt(directory)).close();
    setVersion(join(directory, 'head.db'), 99);
    expect(await refusal(openAt(directory))).toBe('newer_version');
    setVersion(join(directory, 'head.db'), 2);
    await (await openAt(directory)).close();
  });

  it('of a newer version is refused and left as it is', async () => {
    const directory = fresh();
    const store = await openAt(directory);
    const [a] = internAll(store, 'a');
    await store.append(batchOf([[a, T, 1]]));
    await store.seal();
    await store.close();
    const day = join(directory, '2026-06-15.db');
    setVersion(day, 3);
    await expect(openAt(directory)).rejects.toMatchObject({
      code: 'newer_version',
      message: expect.stringMatching(/2026-06-15\.db: got format version 3; want at most 2; /u),
    });
    setVersion(day, 2);
    const again = await openAt(directory);
    expect(await readAll(again)).toEqual([selected('a', [T, 1])]);
    await again.close();
  });

  it('that cannot be made is refused with its path, the reason and the remedy', async () => {
    const file = join(fresh(), 'file');
    writeFileSync(file, '');
    for (const [directory, reason] of [
      [file, 'EEXIST'],
      [join(file, 'below'), 'EEXIST'],
      ['/proc/hubpulse', 'ENOENT'],
    ] as const) {
      await expect(openAt(directory)).rejects.toMatchObject({
        code: 'unwritable',
        message: expect.stringMatching(
          new RegExp(`${directory}: got ${reason}: .*; want .*; change`, 'u'),
        ),
      });
    }
  });
});

describe('a worker that dies', () => {
  it('fails what was asked and what is asked later, and loses nothing that was acknowledged', async () => {
    const directory = fresh();
    const post = vi.spyOn(Worker.prototype, 'postMessage');
    const store = await openAt(directory);
    const [a] = internAll(store, 'a');
    await store.append(batchOf([[a, T, 1]]));
    const worker = post.mock.contexts[0] as Worker;
    const pending = [store.select(all()), store.append(batchOf([[a, T, 2]])), store.seal()];
    const killed = worker.terminate();
    expect(await Promise.all(pending.map(refusal))).toEqual(['io', 'io', 'io']);
    await killed;
    expect(await store.failed).toMatchObject({
      code: 'io',
      message: expect.stringContaining('restart Hubpulse'),
    });
    expect(await refusal(store.append(batchOf([[a, T, 1]])))).toBe('io');
    expect(await refusal(store.select(all()))).toBe('io');
    await store.close();
    const next = await openAt(directory);
    expect((await readAll(next)).map(({ rows }) => rows.length)).toEqual([1]);
    await next.close();
    // A store that was closed on purpose has not failed.
    expect(await Promise.race([next.failed, Promise.resolve('pending')])).toBe('pending');
  });
});
