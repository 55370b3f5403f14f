import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { text } from './message.test-encoder.ts';
import { SeriesCache } from './series-cache.ts';

const find = (cache: SeriesCache, key: Uint8Array): number => cache.find(key, 0, key.length);

test('knows exactly the bytes that it was told, wherever they stand', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.uniqueArray(fc.string({ maxLength: 20 }), { maxLength: 50 }),
      (seed, names) => {
        const cache = new SeriesCache({ seed });
        const keys = names.map(text);
        const half = Math.floor(keys.length / 2);
        for (const [i, key] of keys.slice(0, half).entries()) cache.learn(key, i + 1);
        for (const [i, key] of keys.entries()) {
          const padded = Uint8Array.of(1, 2, ...key, 3);
          expect(cache.find(padded, 2, 2 + key.length)).toBe(i < half ? i + 1 : 0);
        }
      },
    ),
  );
});

test('keeps every series as it grows', () => {
  const cache = new SeriesCache({ seed: 7 });
  const keys = Array.from({ length: 20_000 }, (_, i) => text(`series-${i}`));
  for (const [i, key] of keys.entries()) cache.learn(key, i + 1);
  expect(cache.size).toBe(20_000);
  expect(keys.filter((key, i) => find(cache, key) !== i + 1)).toEqual([]);
});

test('forgets everything when it is full, and learns anew', () => {
  const cache = new SeriesCache({ seed: 7, maxBlocks: 1 });
  const key = (first: number): Uint8Array => new Uint8Array(600_000).fill(first);
  cache.learn(key(1), 1);
  expect(find(cache, key(1))).toBe(1);
  cache.learn(key(2), 2);
  expect(find(cache, key(1))).toBe(0);
  expect(find(cache, key(2))).toBe(2);
  expect(cache.size).toBe(1);
});

test('does not keep what is larger than a block', () => {
  const cache = new SeriesCache({ seed: 7 });
  const key = new Uint8Array(2_000_000);
  cache.learn(key, 1);
  expect(find(cache, key)).toBe(0);
});
