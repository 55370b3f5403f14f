import type { SampleBatch } from '@hubpulse/model';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBatch, decodeRows, encodeBatch } from './batch-row.ts';
import { ByteReader, DamagedBytesError } from './bytes.ts';

const T = 1_780_000_000_000;

const batches = fc
  .record({
    rows: fc.integer({ min: 1, max: 100 }),
    refSpread: fc.constantFrom(1, 255, 256, 65_535, 65_536, 2 ** 32 - 1),
    timeSpread: fc.constantFrom(0, 255, 256, 65_536, 2 ** 32, 2 ** 52),
    seed: fc.array(fc.nat({ max: 2 ** 31 - 1 }), { minLength: 100, maxLength: 100 }),
    bits: fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 100, maxLength: 100 }),
  })
  .map(({ rows, refSpread, timeSpread, seed, bits }): SampleBatch => {
    const share = (i: number): number => seed.at(i)! / 2 ** 31;
    return {
      refs: Uint32Array.from({ length: rows }, (_, i) => Math.floor(share(i) * refSpread)),
      tMs: Float64Array.from(
        { length: rows },
        (_, i) => T + Math.floor(share(99 - i) * timeSpread),
      ),
      values: new Float64Array(BigUint64Array.from(bits.slice(0, rows)).buffer),
    };
  });

function plain({ refs, tMs, values }: SampleBatch): unknown {
  return { refs: [...refs], tMs: [...tMs], bits: [...new BigUint64Array(values.slice().buffer)] };
}

describe('a batch row', () => {
  it('gives back any batch bit for bit', () => {
    fc.assert(
      fc.property(batches, (batch) => {
        expect(plain(decodeBatch(encodeBatch(batch)))).toEqual(plain(batch));
      }),
    );
  });

  it('gives back times at both ends of what dates know in one batch', () => {
    const batch = {
      refs: Uint32Array.of(1, 2 ** 32 - 1, 3),
      tMs: Float64Array.of(-8.64e15, 8.64e15, 1),
      values: Float64Array.of(1, 2, 3),
    };
    expect(plain(decodeBatch(encodeBatch(batch)))).toEqual(plain(batch));
  });

  it('takes a part of larger arrays', () => {
    const whole = {
      refs: Uint32Array.of(1, 2, 3),
      tMs: Float64Array.of(T, T + 1, T + 2),
      values: Float64Array.of(1, 2, 3),
    };
    const part = {
      refs: whole.refs.subarray(1),
      tMs: whole.tMs.subarray(1),
      values: whole.values.subarray(1),
    };
    expect(plain(decodeBatch(encodeBatch(part)))).toEqual(plain(part));
  });

  it('is refused whichever bit is flipped and wherever it is cut off', () => {
    const good = encodeBatch({
      refs: Uint32Array.of(1, 2, 300),
      tMs: Float64Array.of(T, T + 1, T + 2),
      values: Float64Array.of(1, NaN, 3),
    });
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bytes = good.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
      expect(() => decodeBatch(bytes)).toThrow(DamagedBytesError);
    }
    for (let length = 0; length < good.length; length++) {
      expect(() => decodeBatch(good.subarray(0, length))).toThrow(DamagedBytesError);
    }
  });

  it('ends in rows or in an error, whatever bytes pass the checksum', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.nat({ max: 4 }), (bytes, rows) => {
        const body = Uint8Array.of(rows, 0, 0, 0, ...bytes);
        let lengths = [rows, rows, rows];
        let error: unknown;
        try {
          const { refs, tMs, values } = decodeRows(new ByteReader(body));
          lengths = [refs.length, tMs.length, values.length];
        } catch (caught) {
          error = caught;
        }
        expect(lengths).toEqual([rows, rows, rows]);
        expect(error === undefined || error instanceof DamagedBytesError).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
