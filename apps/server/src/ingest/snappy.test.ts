import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compress, text } from './message.test-encoder.ts';
import { Refusal } from './refusal.ts';
import { SnappyDecoder } from './snappy.ts';

const LIMIT = 1 << 20;

const decode = (bytes: Iterable<number>, limit = LIMIT): Uint8Array =>
  new SnappyDecoder().decode(Uint8Array.from(bytes), limit);

const refusalOf = (bytes: Iterable<number>, limit = LIMIT): string => {
  try {
    decode(bytes, limit);
  } catch (error) {
    if (error instanceof Refusal) return `${error.reason}: ${error.message}`;
    throw error;
  }
  return 'none';
};

/** What noise comes to: `decoded` within the bounds of growth, the reason of a refusal, or the fault itself. */
const outcomeOf = (decoder: SnappyDecoder, bytes: Uint8Array): string => {
  try {
    return decoder.decode(bytes, LIMIT).length <= 22 * bytes.length ? 'decoded' : 'grown';
  } catch (error) {
    return error instanceof Refusal ? error.reason : String(error);
  }
};

describe('a block of Snappy', () => {
  test('holds literals of every kind of length', () => {
    const long = Uint8Array.from({ length: 300 }, (_, i) => i & 255);
    expect(decode([3, 2 << 2, 7, 8, 9])).toEqual(Uint8Array.of(7, 8, 9));
    expect(decode([44, 60 << 2, 43, ...long.subarray(0, 44)])).toEqual(long.subarray(0, 44));
    const length = [0xac, 0x02];
    expect(decode([...length, 61 << 2, 43, 1, ...long])).toEqual(long);
    expect(decode([...length, 62 << 2, 43, 1, 0, ...long])).toEqual(long);
    expect(decode([...length, 63 << 2, 43, 1, 0, 0, ...long])).toEqual(long);
  });

  test('holds copies with offsets of one, two and four bytes, which may overlap what they write', () => {
    const abc = [2 << 2, ...text('abc')];
    expect(decode([10, ...abc, (3 << 2) | 1, 3])).toEqual(text('abcabcabca'));
    expect(decode([10, ...abc, (6 << 2) | 2, 1, 0])).toEqual(text('abcccccccc'));
    expect(decode([10, ...abc, (6 << 2) | 3, 3, 0, 0, 0])).toEqual(text('abcabcabca'));
  });

  test('of nothing is one byte', () => {
    expect(decode([0])).toEqual(new Uint8Array(0));
  });

  test.each([
    ['nothing at all', [], 'less than it says'],
    ['a length without an end', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 'no length'],
    ['a length that it cannot hold', [0xff, 0xff, 0x01, 0], 'a length that it cannot hold'],
    ['a literal that is cut off', [3, 2 << 2, 7], 'a literal that is cut off'],
    ['a literal longer than the length', [1, 2 << 2, 7, 8, 9], 'more than it says'],
    ['less than the length', [4, 2 << 2, 7, 8, 9], 'less than it says'],
    ['a copy from before the start', [8, 0, 7, (0 << 2) | 1, 2], 'a copy from before its start'],
    ['a copy from itself', [8, 0, 7, (0 << 2) | 1, 0], 'a copy from before its start'],
    ['a copy longer than the length', [3, 0, 7, (0 << 2) | 1, 1], 'more than it says'],
    ['a copy without its offset', [8, 0, 7, (3 << 2) | 2, 1], 'less than it says'],
    ['a literal of 4 GB', [9, 63 << 2, 255, 255, 255, 255, 1], 'a literal that is cut off'],
    ['the framed format', [0xff, 0x06, 0, 0, ...text('sNaPpY')], ''],
  ])('that holds %s is refused', (_what, bytes, message) => {
    expect(refusalOf(bytes)).toMatch(/^malformed: got a body with .*; want one block in Snappy/);
    expect(refusalOf(bytes)).toContain(message);
  });

  test('that claims more than the limit is refused before memory is taken', () => {
    expect(refusalOf([0xff, 0xff, 0xff, 0xff, 0x0f, 0], 100)).toMatch(
      /^too_large: got a body that holds 4294967295 bytes .*ingest_max_body_mib/,
    );
  });

  test('gives back what was compressed', () => {
    const decoder = new SnappyDecoder();
    const repetitive = fc
      .array(fc.constantFrom(...['__name__', 'up', 'instance', 'a', '\0\0\0']), { maxLength: 200 })
      .map((parts) => text(parts.join('')));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 2000 }), repetitive), (bytes) => {
        expect(decoder.decode(compress(bytes), LIMIT)).toEqual(bytes);
      }),
    );
  });

  test('that is noise is refused or decoded, and never anything else', () => {
    const decoder = new SnappyDecoder();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(outcomeOf(decoder, bytes)).toMatch(/^(?:decoded|malformed|too_large)$/);
      }),
      { numRuns: 2000 },
    );
  });
});
