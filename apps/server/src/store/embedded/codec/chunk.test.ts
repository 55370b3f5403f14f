import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SampleRun } from '../sample-run.ts';
import { ByteReader, DamagedBytesError } from './bytes.ts';
import { decodeChunk, decodeColumns, encodeChunk, MAX_CHUNK_SAMPLES } from './chunk.ts';

const KEY = 5 * 2 ** 32 + 7;
const T = 1_780_000_000_000;
const STALE_BITS = 0x7ff0_0000_0000_0002n;

function fromBits(bits: readonly bigint[]): Float64Array {
  return new Float64Array(BigUint64Array.from(bits).buffer);
}

function toBits(values: Float64Array): bigint[] {
  return [...new BigUint64Array(values.slice().buffer)];
}

function steady(count: number, intervalMs = 15_000): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => T + i * intervalMs);
}

interface Samples {
  readonly tMs: readonly number[];
  readonly bits: readonly bigint[];
}

function samplesOf(tMs: Float64Array, values: Float64Array): Samples {
  return { tMs: [...tMs], bits: toBits(values) };
}

/** The samples after encoding and decoding. */
function roundTrip(tMs: Float64Array, values: Float64Array): Samples {
  const run = new SampleRun();
  decodeChunk(KEY, encodeChunk(KEY, tMs, values), run);
  return samplesOf(run.tMs, run.values);
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  return bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
}

function errorOf(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Intervals of every size that a day knows: steady, jittered, with gaps. */
const timesArbitrary = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: fc.constant(15_000) },
      { weight: 5, arbitrary: fc.integer({ min: 14_990, max: 15_010 }) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 80_000_000 }) },
    ),
    { minLength: 0, maxLength: 200 },
  )
  .map((intervals) => {
    let time = T;
    return Float64Array.from([0, ...intervals], (interval) => (time += interval));
  });

const bitsArbitrary = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

/** One kind of value for a whole chunk, with strangers among them. */
const valuesArbitrary = fc
  .constantFrom<(i: number) => number>(
    () => 42.5,
    (i) => i * 1000,
    (i) => (i * 7919) % 100,
    (i) => ((i * 7919) % 10_007) / 100,
    (i) => -i * 4096,
    (i) => Math.sin(i),
    (i) => Math.sin(i) * 1e300,
    (i) => 2 ** 53 - i,
    (i) => 2 ** 49 + i,
    (i) => 1 / (i + 1) / 1e12,
    (i) => (i * 7919 + 3) * 0.001,
    (i) => (i * 7919 + 3) / 1000 / 1000,
    (i) => -((i * 7919) % 10_007) * 1e-9,
    (i) => Math.fround(20 + Math.sin(i)),
    (i) => 1.78e9 + i * 1.000_04,
    (i) => (i % 40 === 7 ? 1e6 : 3),
    (i) => 2 ** 53 + Math.floor(i / 3) * 2,
  )
  .chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      strangers: fc.array(fc.tuple(fc.nat({ max: 200 }), bitsArbitrary), { maxLength: 12 }),
    }),
  );

describe('a chunk', () => {
  it('gives back any times and any bits', () => {
    fc.assert(
      fc.property(
        timesArbitrary,
        fc.array(bitsArbitrary, { minLength: 201, maxLength: 201 }),
        (tMs, bits) => {
          const column = fromBits(bits.slice(0, tMs.length));
          expect(roundTrip(tMs, column)).toEqual(samplesOf(tMs, column));
        },
      ),
    );
  });

  it('gives back what looks like metrics, with strangers among them', () => {
    fc.assert(
      fc.property(timesArbitrary, valuesArbitrary, (tMs, { shape, strangers }) => {
        const column = Float64Array.from(tMs, (_, i) => shape(i));
        const bits = new BigUint64Array(column.buffer);
        for (const [at, stranger] of strangers) if (at < bits.length) bits[at] = stranger;
        expect(roundTrip(tMs, column)).toEqual(samplesOf(tMs, column));
      }),
      { numRuns: 500 },
    );
  });

  it('keeps -0, infinities and the payload of NaN apart from ordinary numbers', () => {
    const bits = [STALE_BITS, 0x7ff8_0000_0000_0000n, 0xfff8_0000_0000_0003n];
    const column = fromBits([
      ...bits,
      ...toBits(Float64Array.of(-0, 0, Infinity, -Infinity, 5e-324)),
    ]);
    const tMs = steady(column.length);
    expect(roundTrip(tMs, column)).toEqual(samplesOf(tMs, column));
    const mostly = Float64Array.from({ length: 480 }, (_, i) => i / 10);
    new BigUint64Array(mostly.buffer)[17] = STALE_BITS;
    mostly[18] = -0;
    expect(roundTrip(steady(480), mostly)).toEqual(samplesOf(steady(480), mostly));
  });

  it('takes one sample, and times at the ends of what dates know', () => {
    for (const times of [[8.64e15], [-8.64e15, -8.64e15 + 1]]) {
      const tMs = Float64Array.from(times);
      expect(roundTrip(tMs, tMs)).toEqual(samplesOf(tMs, tMs));
    }
  });

  it('is small where samples are regular', () => {
    const count = 480;
    const sized = (value: (i: number) => number): number =>
      encodeChunk(
        KEY,
        steady(count),
        steady(count).map((_, i) => value(i)),
      ).length;
    expect(sized(() => 0.25)).toBeLessThan(40);
    expect(sized((i) => i * 1500)).toBeLessThan(80);
    expect(sized((i) => ((i * 7919) % 101) / 100)).toBeLessThan(count);
    expect(sized((i) => 8e9 + ((i * 7919) % 256) * 4096)).toBeLessThan(1.1 * count);
    // A gauge that changes now and then, and milliseconds that were multiplied: no double of a decimal.
    expect(sized((i) => (i < 300 ? 5 : 7e6) + (i % 100 === 99 ? 1 : 0))).toBeLessThan(100);
    expect(sized((i) => (247_000 + ((i * 7919) % 128)) * 0.001)).toBeLessThan(1.4 * count);
    // A clock has all 53 bits, but near steps; a float of 32 bits has 24.
    expect(sized((i) => 1.78e9 + i + ((i * 7919) % 1000) / 1e6)).toBeLessThan(2.5 * count);
    expect(sized((i) => Math.fround(20 + Math.sin(i)))).toBeLessThan(3.2 * count);
  });

  it('costs three bits a time for a jitter of seven milliseconds, and little for a gap', () => {
    const count = 480;
    const jittered = steady(count).map((tMs, i) => tMs + ((i * 7919) % 7));
    const flat = new Float64Array(count);
    const jitter = encodeChunk(KEY, jittered, flat).length;
    expect(jitter).toBeLessThan((count * 3) / 8 + 48);
    const gaps = jittered.map((tMs, i) => tMs + (i > 200 ? 100 * 15_000 : 0));
    expect(encodeChunk(KEY, gaps, flat).length).toBeLessThan(jitter + 160);
    const holes = steady(count).filter((_, i) => i % 90 !== 17);
    expect(encodeChunk(KEY, holes, flat.subarray(0, holes.length)).length).toBeLessThan(80);
  });

  it('is never much larger than its samples', () => {
    fc.assert(
      fc.property(fc.array(bitsArbitrary, { minLength: 480, maxLength: 480 }), (bits) => {
        expect(encodeChunk(KEY, steady(480), fromBits(bits)).length).toBeLessThan(480 * 8 + 64);
      }),
      { numRuns: 20 },
    );
  });

  it('appends to what a run already holds', () => {
    const run = new SampleRun();
    run.append(Float64Array.of(T - 1), Float64Array.of(7));
    decodeChunk(KEY, encodeChunk(KEY, Float64Array.of(T), Float64Array.of(8)), run);
    expect([...run.tMs]).toEqual([T - 1, T]);
    expect([...run.values]).toEqual([7, 8]);
  });
});

/** What version 1 wrote under `KEY`: the bytes in Base64, and the samples. */
const VERSION_1: readonly {
  readonly of: string;
  readonly base64: string;
  readonly count: number;
  readonly tMs: (i: number) => number;
  readonly value: (i: number) => number;
}[] = [
  {
    of: 'steady times and decimals',
    base64: 'AQ8Fka0oAAAAgEgE53lCmHUCAgAAAAAHgJTU8huwqhmh4YXlFBOy7QfJqHlFywcuXHJKdgQHYtNzwgOkpA==',
    count: 40,
    tMs: (i) => T + i * 15_000,
    value: (i) => ((i * 7919) % 101) / 100,
  },
  {
    of: 'jitter and a counter',
    base64:
      'AYAe0vUoAQAAgEgE53lCquoBAy2KFkWLokXRomhRtAADKFoUAgAAAAEArg8HQAAACAAAgAAAAAgAAIAAABAAAAABAAAQAAAAAQAHACAAAAACAA==',
    count: 40,
    tMs: (i) => T + i * 15_000 + ((i * 7) % 5),
    value: (i) => i * 1000 + ((i * 7919) % 64),
  },
  {
    of: 'decimals with exceptions',
    base64:
      'Ac3VO2MoAQAAgEgE53lCzA8Cz/M8z/M8z/MAAjwPAgIAAgUAAAAAAAD4fwYAAAAAAAAAgAEAAAeZTCYDACwzmUwmk8lkMplMJpPJZDKZTCaTyWQyMgA=',
    count: 40,
    tMs: (i) => T + i * 1000 + (i % 3),
    value: (i) => (i === 5 ? Number.NaN : i === 6 ? -0 : i / 4),
  },
  {
    of: 'full precision',
    base64:
      'AXw+uSQkAAAAgEgE53lC6AcDAD8AAAAAz5DwSIuLXSYRwBuPf6fyJfCQBwUOGRcmdCVya1hcJKaF7bIba/fxEJW7e7DIPj8wYx1Bg8zLY8HKKTtk3uFmWAujDbXAMopYKEpeht0F9jux3u6v3EULjsM4S8serSd1hda72KM5y8f7aaIUBHPUMmQOMXI7S/crwJ2HhAAAIMBq1wCA1h8A4DkzAIAUywM4mAYAvC8LAABjfwDtqgAAxpQAQHtAD8BdOgDgqB0AYG3oAUCwBACEbwEA3ZU/AFR/AYBeNgAgSJYHEP0ZAJj5AwDEavkALtcGAMj9AABkjAGAhb8PgPgNAOAxFgAglu4BxFAFAATcBAABNTfrx7Y5GMh1/8jDz0xaOssLvB9aDiziAdrRDw==',
    count: 36,
    tMs: (i) => T + i * 1000,
    value: (i) => 8 + Math.sin(i),
  },
  {
    of: 'one value throughout',
    base64: 'Aaf712MDAAAAgEgE53lCAQAAAAAAAADQPw==',
    count: 3,
    tMs: (i) => T + i,
    value: () => 0.25,
  },
  {
    of: 'raw values',
    base64: 'Aa2O6fEDAAAAgEgE53lCAQFZ8/jCH26lARgtRFT7IQnAAAAAAAAA8H8=',
    count: 3,
    tMs: (i) => T + i,
    value: (i) => [1e-300, -Math.PI, Infinity][i]!,
  },
];

describe('a chunk of version 1', () => {
  it.each(VERSION_1)('is read: $of', ({ base64, count, tMs, value }) => {
    const run = new SampleRun();
    decodeChunk(KEY, Buffer.from(base64, 'base64'), run);
    const wanted = {
      tMs: Float64Array.from({ length: count }, (_, i) => tMs(i)),
      values: Float64Array.from({ length: count }, (_, i) => value(i)),
    };
    expect(samplesOf(run.tMs, run.values)).toEqual(samplesOf(wanted.tMs, wanted.values));
  });
});

describe('a damaged chunk', () => {
  const good = encodeChunk(
    KEY,
    Float64Array.from({ length: 100 }, (_, i) => T + i * 1000 + (i % 3)),
    Float64Array.from({ length: 100 }, (_, i) => (i === 50 ? NaN : i / 4)),
  );

  it('is refused whichever bit is flipped', () => {
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bytes = flipped(good, bit);
      const run = new SampleRun();
      expect(() => decodeChunk(KEY, bytes, run)).toThrow(DamagedBytesError);
      expect(run.length).toBe(0);
    }
  });

  it('is refused wherever it is cut off, and with a byte too many', () => {
    for (let length = 0; length < good.length; length++) {
      expect(() => decodeChunk(KEY, good.subarray(0, length), new SampleRun())).toThrow(
        DamagedBytesError,
      );
    }
    const longer = Uint8Array.of(...good, 0);
    expect(() => decodeChunk(KEY, longer, new SampleRun())).toThrow(DamagedBytesError);
  });

  it('is refused under the key of another series', () => {
    expect(() => decodeChunk(KEY + 1, good, new SampleRun())).toThrow(DamagedBytesError);
  });

  it('ends in samples or in an error, whatever bytes pass the checksum', () => {
    const changes = fc.array(fc.tuple(fc.nat({ max: good.length - 6 }), fc.nat({ max: 255 })), {
      maxLength: 6,
    });
    const arbitrary = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      changes.map((bytes) => {
        const body = good.slice(5);
        for (const [at, byte] of bytes) body[at] = byte;
        return body;
      }),
    );
    fc.assert(
      fc.property(arbitrary, (bytes) => {
        const run = new SampleRun();
        const error = errorOf(() => decodeColumns(new ByteReader(bytes), run));
        expect(error === undefined || error instanceof DamagedBytesError).toBe(true);
        expect(run.length > 0).toBe(error === undefined);
        expect(run.length).toBeLessThanOrEqual(MAX_CHUNK_SAMPLES);
        expect([...run.tMs]).toEqual([...new Set(run.tMs)].toSorted((a, b) => a - b));
      }),
      { numRuns: 3000 },
    );
  });
});
