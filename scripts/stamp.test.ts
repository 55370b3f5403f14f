import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { digestOf, isStamped, writeStamp } from './stamp.mjs';

let base: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'hubpulse-stamp-'));
  mkdirSync(join(base, 'src/inner'), { recursive: true });
  writeFileSync(join(base, 'src/inner/a.ts'), 'export const a = 1;\n');
});

afterEach(() => rmSync(base, { recursive: true }));

const digest = () => digestOf(['src'], base);

test('a digest does not depend on time stamps', () => {
  const before = digest();
  utimesSync(join(base, 'src/inner/a.ts'), 1, 1);
  expect(digest()).toBe(before);
});

test('a changed, a new and a renamed file each give another digest', () => {
  const digests = new Set([digest()]);
  writeFileSync(join(base, 'src/inner/a.ts'), 'export const a = 2;\n');
  digests.add(digest());
  writeFileSync(join(base, 'src/b.ts'), '');
  digests.add(digest());
  rmSync(join(base, 'src/b.ts'));
  writeFileSync(join(base, 'src/c.ts'), '');
  digests.add(digest());
  expect(digests.size).toBe(4);
});

test('tests, builds and installed packages are no inputs', () => {
  const before = digest();
  for (const folder of ['src/node_modules', 'src/dist']) mkdirSync(join(base, folder));
  writeFileSync(join(base, 'src/node_modules/x.js'), '');
  writeFileSync(join(base, 'src/dist/x.js'), '');
  writeFileSync(join(base, 'src/inner/a.test.ts'), '');
  expect(digest()).toBe(before);
});

test('an input that does not exist counts as empty', () => {
  expect(digestOf(['none'], base)).toBe(digestOf([], base));
});

test('a stamp holds for its own name and digest only', () => {
  const folder = join(base, 'stamps');
  expect(isStamped('server', 'abc', folder)).toBe(false);
  writeStamp('server', 'abc', folder);
  expect(isStamped('server', 'abc', folder)).toBe(true);
  expect(isStamped('server', 'abd', folder)).toBe(false);
  expect(isStamped('dashboard', 'abc', folder)).toBe(false);
});
