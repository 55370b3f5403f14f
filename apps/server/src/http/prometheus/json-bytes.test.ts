import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonBytes } from './json-bytes.ts';

const written = (write: (json: JsonBytes) => void): string => {
  const json = new JsonBytes();
  write(json);
  return json.take().toString();
};

const printed = (value: number): string => written((json) => json.number(value));

describe('numbers', () => {
  test('are printed as the shortest decimal that reads back the same', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(printed(value)).toBe(Object.is(value, -0) ? '-0' : String(value));
      }),
      { numRuns: 5000 },
    );
  });

  test('of few decimals are too, whatever their size', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: 0, max: 9 }), (digits, decimals) => {
        const value = digits / 10 ** decimals;
        expect(printed(value)).toBe(String(value));
      }),
      { numRuns: 5000 },
    );
  });

  test.each([
    [0, '0'],
    [-0, '-0'],
    [1e-6, '0.000001'],
    [1e-7, '1e-7'],
    [0.1 + 0.2, '0.30000000000000004'],
    [999_999_999.999_999, '999999999.999999'],
    [1e9, '1000000000'],
    [1_700_000_000.123, '1700000000.123'],
    [1e15, '1000000000000000'],
    [1e21, '1e+21'],
    [-8_589_934_592, '-8589934592'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
  ])('%d is %s', (value, text) => {
    expect(printed(value)).toBe(text);
  });
});

describe('strings', () => {
  test('are those of JSON', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(written((json) => json.string(text))).toBe(JSON.stringify(text));
      }),
    );
  });

  test('may be longer than the room that there is', () => {
    const text = `${'é'.repeat(40_000)}${'a'.repeat(40_000)}`;
    const json = written((to) => {
      to.raw('[');
      to.string(text);
      to.raw(',');
      to.string('b'.repeat(100_000));
      to.raw(']');
    });
    expect(JSON.parse(json)).toEqual([text, 'b'.repeat(100_000)]);
  });
});

test('a piece is not touched by what is written after it', () => {
  const json = new JsonBytes();
  json.raw('first');
  const first = json.take();
  json.raw('other');
  expect([first.toString(), json.take().toString(), json.length]).toEqual(['first', 'other', 0]);
});
