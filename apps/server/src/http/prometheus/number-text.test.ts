import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_NUMBER_BYTES, writeNumber } from './number-text.ts';

const bytes = Buffer.alloc(2 * MAX_NUMBER_BYTES);

const printed = (value: number): string =>
  bytes.toString('latin1', MAX_NUMBER_BYTES, writeNumber(bytes, MAX_NUMBER_BYTES, value));

/** The engine's own text, but for the sign of zero. */
const wanted = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

const NEIGHBOURS = Array.from({ length: 60 }, (_, i) => i - 30).flatMap((exponent) => {
  const powers = [Number(`1e${exponent}`), 2 ** exponent];
  return powers.flatMap((power) => [-2, -1, 0, 1, 2].map((by) => power * (1 + by * 2 ** -52)));
});

describe('a number is written as the shortest decimal that reads back the same', () => {
  test.each([
    ['any', fc.double({ noNaN: true, noDefaultInfinity: true })],
    ['of the sizes that are usual', fc.double({ min: -1e9, max: 1e9, noNaN: true })],
    ['large', fc.double({ min: 1e9, max: 1e17, noNaN: true })],
    ['small', fc.double({ min: 0, max: 1e-3, noNaN: true })],
    [
      'of few digits',
      fc
        .tuple(fc.maxSafeInteger(), fc.integer({ min: 0, max: 17 }))
        .map(([digits, decimals]) => digits / 10 ** decimals),
    ],
    [
      'that was divided',
      fc.tuple(fc.integer(), fc.integer({ min: 1, max: 3600 })).map(([sum, by]) => sum / by),
    ],
    [
      'half way between two decimals',
      fc
        .tuple(fc.maxSafeInteger(), fc.integer({ min: 0, max: 40 }))
        .map(([digits, halvings]) => digits / 2 ** halvings),
    ],
  ])('%s', (_, numbers) => {
    fc.assert(
      fc.property(numbers, (value) => {
        expect(printed(value)).toBe(wanted(value));
      }),
      { numRuns: 3000 },
    );
  });

  test('next to powers of two and of ten', () => {
    expect(NEIGHBOURS.map(printed)).toEqual(NEIGHBOURS.map(wanted));
  });
});

test.each([
  [0, '0'],
  [-0, '-0'],
  [1e-6, '0.000001'],
  [1e-7, '1e-7'],
  [0.1 + 0.2, '0.30000000000000004'],
  [999_999_999.999_999, '999999999.999999'],
  [1_700_000_000.123, '1700000000.123'],
  [1e15, '1000000000000000'],
  [1e21, '1e+21'],
  [-1.797_693_134_862_315_7e308, '-1.7976931348623157e+308'],
  [5e-324, '5e-324'],
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf'],
])('%d is %s', (value, text) => {
  expect(printed(value)).toBe(text);
});
