import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseNumber } from './number-text.ts';

/** Parses a text that stands between others, as in a body. */
const parse = (text: string): number | undefined => {
  const bytes = Buffer.from(`1${text}2`, 'latin1');
  return parseNumber(bytes, 1, bytes.length - 1);
};

test('every double is read back as it was printed, in every notation', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      for (const text of [String(value), value.toExponential(), value.toPrecision(17)]) {
        expect(parse(text)).toBe(Number(text));
      }
    }),
    { numRuns: 1000 },
  );
});

test('short decimals are read as JavaScript reads them', () => {
  const digits = fc.stringMatching(/^[0-9]{0,17}$/);
  fc.assert(
    fc.property(digits, digits, fc.integer({ min: -330, max: 300 }), (whole, part, power) => {
      const text = `${whole || '0'}.${part}e${power}`;
      expect(parse(text)).toBe(Number.isFinite(Number(text)) ? Number(text) : undefined);
    }),
    { numRuns: 1000 },
  );
});

test.each([
  ['-0', -0],
  ['+1', 1],
  ['.5', 0.5],
  ['1.', 1],
  ['007', 7],
  ['1e5', 1e5],
  ['1E-05', 1e-5],
  ['1.234567890123e+09', 1.234567890123e9],
  ['9007199254740993', 9007199254740992],
  ['+Inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['NaN', Number.NaN],
  ['nan', Number.NaN],
])('%s is read', (text, value) => {
  expect(parse(text)).toBe(value);
});

test.each([
  ...['', '+', '-', '.', 'e5', '1e', '1e+', '1.2.3', '1x', '0x10', '1_000', '--1', '+-1', '1e999'],
  ...['in', 'infinite', '-NaN', '1e5.', '1 ', '\u00e91', '9'.repeat(2000)],
])('%j is refused', (text) => {
  expect(parse(text)).toBeUndefined();
});
