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
    expect(sized((i) => 8e9 + ((i * 7919) % 256) * 4096)).toBeLessThan(1.2 * count);
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
