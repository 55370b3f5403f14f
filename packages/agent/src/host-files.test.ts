import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createHostFiles, tryReadText } from './host-files.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'host-files-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

test.each([0, 1, 16 * 1024 - 1, 16 * 1024, 16 * 1024 + 1, 4 * 1024 * 1024])(
  'a file of %d bytes is read whole',
  async (sizeBytes) => {
    const text = 'x'.repeat(sizeBytes);
    await writeFile(join(folder, 'file'), text);
    expect((await createHostFiles().readText(join(folder, 'file'))) === text).toBe(true);
  },
);

test('a file over 4 MiB is refused', async () => {
  const path = join(folder, 'file');
  await writeFile(path, 'x'.repeat(4 * 1024 * 1024 + 1));
  await expect(createHostFiles().readText(path)).rejects.toThrow(
    `${path}: got more than 4194304 bytes; want a kernel file below that`,
  );
});

test('a missing file is undefined to tryReadText, a folder is an error', async () => {
  const files = createHostFiles();
  expect(await tryReadText(files, join(folder, 'none'))).toBeUndefined();
  expect(await tryReadText(files, join(folder, 'none', 'below'))).toBeUndefined();
  await expect(tryReadText(files, folder)).rejects.toThrow('EISDIR');
});
