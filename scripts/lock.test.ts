import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withLock } from './lock.mjs';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hubpulse-lock-'));
  file = join(folder, 'made/set-up.lock');
});

afterEach(() => rmSync(folder, { recursive: true }));

test('two holders never run at the same time', async () => {
  const events: string[] = [];
  const hold = (name: string) =>
    withLock(async () => {
      events.push(`${name} begins`);
      await new Promise(setImmediate);
      events.push(`${name} ends`);
    }, file);
  await Promise.all([hold('a'), hold('b')]);
  expect(events).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});

test('the lock is given back when its holder fails', async () => {
  const failing = withLock(() => Promise.reject(new Error('no')), file);
  await expect(failing).rejects.toThrow('no');
  expect(existsSync(file)).toBe(false);
});

test('the lock of a process that has died is taken over', async () => {
  await withLock(() => Promise.resolve(), file);
  // Linux gives no process a number above 2^22.
  writeFileSync(file, String(2 ** 22 + 1));
  await expect(withLock(() => Promise.resolve('held'), file)).resolves.toBe('held');
});

test('a folder that cannot be made says what to do', async () => {
  writeFileSync(join(folder, 'made'), 'a file in the way');
  await expect(withLock(() => Promise.resolve(), file)).rejects.toThrow(
    /cannot write into this checkout .*got E\w+; want a folder/,
  );
});
