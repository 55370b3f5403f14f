import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUCKET_COLUMNS, BucketRun, type Buckets } from './bucket-run.ts';
import { DamagedBytesError } from './codec/bytes.ts';
import { decodeBuckets, encodeBuckets } from './rollup-chunk.ts';

const KEY = 5 * 2 ** 32 + 7;

/** Buckets with any bits in the last values, and columns that are now and then those. */
const bucketsArbitrary: fc.Arbitrary<Buckets> = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: -1e9, max: 1e9 }), { minLength: 1, maxLength: 200 }),
    fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    fc.infiniteStream(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  )
  .map(([times, isLast, bits]) => {
    const column = (): Float64Array =>
      new Float64Array(BigUint64Array.from(times, () => bits.next().value as bigint).buffer);
    const last = column();
    const [min, max, sum, count] = isLast.map((same) => (same ? last : column()));
    const tMs = Float64Array.from(times).toSorted();
    return { tMs, last, min: min!, max: max!, sum: sum!, count: count! };
  });

function bitsOf(buckets: Buckets): string[] {
  return BUCKET_COLUMNS.map((name) => {
    const column = buckets[name];
    return Buffer.from(column.buffer, column.byteOffset, column.byteLength).toString('hex');
  });
}

describe('a chunk of buckets', () => {
  it('gives back every bit', () => {
    fc.assert(
      fc.property(bucketsArbitrary, (buckets) => {
        const run = new BucketRun();
        decodeBuckets(KEY, encodeBuckets(KEY, buckets), run);
        expect(bitsOf(run)).toEqual(bitsOf(buckets));
      }),
    );
  });

  it('is refused under another key, cut short or with a changed byte, and changes nothing then', () => {
    fc.assert(
      fc.property(
        bucketsArbitrary,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (buckets, at, by) => {
          const bytes = encodeBuckets(KEY, buckets).slice();
          const run = new BucketRun();
          const damaged = bytes.slice();
          damaged[at % bytes.length] = damaged[at % bytes.length]! ^ by;
          for (const [key, wrong] of [
            [KEY + 1, bytes],
            [KEY, bytes.subarray(0, at % bytes.length)],
            [KEY, damaged],
          ] as const) {
            expect(() => decodeBuckets(key, wrong, run)).toThrow(DamagedBytesError);
            expect(run).toHaveLength(0);
          }
        },
      ),
    );
  });
});
