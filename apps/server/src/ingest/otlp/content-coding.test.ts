import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { contentCodingOf, decompress } from './content-coding.ts';

const BODY = Buffer.from('hello '.repeat(100));

test.each([
  ['gzip', gzipSync(BODY)],
  ['deflate', deflateSync(BODY)],
  ['zstd', zstdCompressSync(BODY)],
  ['identity', BODY],
] as const)('%s is decompressed', async (coding, body) => {
  expect(Buffer.from(await decompress(body, coding, 600))).toEqual(BODY);
});

test.each([
  ['gzip', gzipSync(BODY)],
  ['deflate', deflateSync(BODY)],
  ['zstd', zstdCompressSync(BODY)],
] as const)('%s that holds more than the limit is too large', async (coding, body) => {
  await expect(decompress(body, coding, 599)).rejects.toMatchObject({
    reason: 'too_large',
    message: expect.stringContaining('got a body that holds over 599 bytes when decompressed'),
  });
});

test('a bomb is given up at the limit', async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000));
  await expect(decompress(bomb, 'gzip', 1000)).rejects.toMatchObject({ reason: 'too_large' });
});

test.each(['gzip', 'deflate', 'zstd'] as const)(
  'bytes that are no %s, and those that break off, are malformed',
  async (coding) => {
    const compressed = { gzip: gzipSync, deflate: deflateSync, zstd: zstdCompressSync }[coding](
      BODY,
    );
    for (const body of [Buffer.from('plain'), Buffer.alloc(0), compressed.subarray(0, -5)]) {
      await expect(decompress(body, coding, 1000)).rejects.toMatchObject({ reason: 'malformed' });
    }
  },
);

test.each([
  [undefined, 'identity'],
  ['', 'identity'],
  ['identity', 'identity'],
  [' GZIP ', 'gzip'],
  ['deflate', 'deflate'],
  ['zstd', 'zstd'],
  ['br', undefined],
  ['gzip, gzip', undefined],
])('the Content-Encoding %j is %s', (header, coding) => {
  expect(contentCodingOf(header)).toBe(coding);
});
