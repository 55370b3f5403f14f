import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { varint } from './message.test-encoder.ts';
import { ProtobufReader } from './protobuf.ts';
import { Refusal } from './refusal.ts';

const open = (bytes: Iterable<number>): ProtobufReader => {
  const reader = new ProtobufReader();
  reader.open(Uint8Array.from(bytes));
  return reader;
};

/** Passes over every field: `end`, the reason of a refusal, or what went wrong. */
const skipAll = (reader: ProtobufReader): string => {
  try {
    while (reader.at < reader.end) {
      const before = reader.at;
      reader.skip(reader.readVarint());
      if (reader.at <= before || reader.at > reader.bytes.length) return `at ${reader.at}`;
    }
    return 'end';
  } catch (error) {
    return error instanceof Refusal ? error.reason : String(error);
  }
};

describe('a number', () => {
  test('of 64 bits with a sign is exact within 2^53', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const reader = open(varint(value));
        expect(reader.readInt64()).toBe(value);
        expect(reader.at).toBe(reader.end);
      }),
    );
  });

  test.each([
    [-1n, -1],
    [-(2n ** 63n), -(2 ** 63)],
    [2n ** 63n - 1n, 2 ** 63],
    [0n, 0],
  ])('%s is read as %s', (value, expected) => {
    expect(open(varint(value)).readInt64()).toBe(expected);
  });

  test('without a sign is exact within 2^53', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(open(varint(Math.abs(value))).readVarint()).toBe(Math.abs(value));
      }),
    );
  });

  test('may be written longer than needed, and never longer than ten bytes', () => {
    expect(open([0x81, 0x80, 0x00]).readVarint()).toBe(1);
    expect(open([0x81, 0x80, 0x00]).readInt64()).toBe(1);
    const eleven = [...Array.from({ length: 10 }, () => 0x80), 0];
    expect(() => open(eleven).readVarint()).toThrow('more than 64 bits');
    expect(() => open(eleven).readInt64()).toThrow('more than 64 bits');
  });

  test('that is cut off is refused', () => {
    for (const bytes of [[], [0x80], [0xff, 0xff]]) {
      expect(() => open(bytes).readVarint()).toThrow('got a number that is cut off; want');
      expect(() => open(bytes).readInt64()).toThrow(Refusal);
    }
    expect(() => open([1, 2, 3]).readFixed64()).toThrow('cut off');
  });
});

describe('a field', () => {
  test.each([
    ['a varint', [0x08, 0x96, 0x01], 3],
    ['eight bytes', [0x09, 1, 2, 3, 4, 5, 6, 7, 8], 9],
    ['a length', [0x0a, 2, 1, 2], 4],
    ['four bytes', [0x0d, 1, 2, 3, 4], 5],
  ])('of %s is passed over', (_what, bytes, at) => {
    const reader = open([...bytes, 0xee]);
    reader.skip(reader.readVarint());
    expect(reader.at).toBe(at);
  });

  test.each([
    ['a group', [0x0b]],
    ['the end of a group', [0x0c]],
    ['an unknown type', [0x0e]],
    ['no number', [0x02, 0]],
    ['a length past its message', [0x0a, 5, 1]],
    ['a length of 2^64', [0x0a, ...varint(2n ** 64n - 1n)]],
    ['four bytes that are cut off', [0x0d, 1, 2]],
  ])('of %s is refused', (_what, bytes) => {
    const reader = open(bytes);
    expect(() => reader.skip(reader.readVarint())).toThrow(Refusal);
  });

  test('of noise is passed over or refused, and the reader stays within its bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(skipAll(open(bytes))).toMatch(/^(?:end|malformed)$/);
      }),
      { numRuns: 2000 },
    );
  });
});
