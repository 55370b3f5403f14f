import type { Unit } from '@hubpulse/api';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { axisFormatter, formatFigure } from './figure.ts';

const UNITS: readonly Unit[] = [
  'percent',
  'milliseconds',
  'requests_per_second',
  'bytes_per_second',
];

test.each<[Unit, number, string]>([
  ['percent', 0, '0%'],
  ['percent', 0.004, '<0.01%'],
  ['percent', 0.005, '0.01%'],
  ['percent', 2.756, '2.76%'],
  ['percent', 41.84, '41.8%'],
  ['percent', 9.999, '10.0%'],
  ['percent', 99.96, '100%'],
  ['percent', 1250, '1,250%'],
  ['milliseconds', 0.42, '0.42 ms'],
  ['milliseconds', 3.456, '3.46 ms'],
  ['milliseconds', 34.56, '34.6 ms'],
  ['milliseconds', 272.4, '272 ms'],
  ['milliseconds', 999.4, '999 ms'],
  ['milliseconds', 999.6, '1.00 s'],
  ['milliseconds', 1440, '1.44 s'],
  ['milliseconds', 61_000, '61.0 s'],
  ['milliseconds', 3_600_000, '3,600 s'],
  ['bytes_per_second', 0.2, '<1 B/s'],
  ['bytes_per_second', 0.6, '1 B/s'],
  ['bytes_per_second', 999.4, '999 B/s'],
  ['bytes_per_second', 999.6, '1.00 kB/s'],
  ['bytes_per_second', 1024, '1.02 kB/s'],
  ['bytes_per_second', 12_345_678, '12.3 MB/s'],
  ['bytes_per_second', 999_950_000, '1.00 GB/s'],
  ['bytes_per_second', 5e12, '5.00 TB/s'],
  ['bytes_per_second', 5e15, '5.00 PB/s'],
  ['requests_per_second', 0.033, '0.03 req/s'],
  ['requests_per_second', 960.4, '960 req/s'],
  ['requests_per_second', 1250, '1,250 req/s'],
  ['requests_per_second', 9994, '9,994 req/s'],
  ['requests_per_second', 9996, '10.0k req/s'],
  ['requests_per_second', 1_234_567, '1.23M req/s'],
  ['requests_per_second', 2e9, '2.00G req/s'],
])('%s %d reads %s', (unit, value, text) => {
  expect(formatFigure(value, unit, 'en').text).toBe(text);
});

test('number and unit also come apart', () => {
  expect(formatFigure(1440, 'milliseconds', 'en')).toEqual({
    number: '1.44',
    unit: 's',
    text: '1.44 s',
  });
  expect(formatFigure(41.8, 'percent', 'zh-CN')).toEqual({
    number: '41.8',
    unit: '%',
    text: '41.8%',
  });
  expect(formatFigure(12_000, 'requests_per_second', 'zh-CN')).toEqual({
    number: '12.0k',
    unit: '次/秒',
    text: '12.0k 次/秒',
  });
});

test.each(UNITS)('%s that is no number is a dash without a unit', (unit) => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    expect(formatFigure(value, unit, 'en')).toEqual({ number: '—', unit: '', text: '—' });
  }
});

test.each(UNITS)('minus zero and what rounds to it reads as 0 in %s', (unit) => {
  expect(formatFigure(-0, unit, 'en').number).toBe('0');
  expect(formatFigure(-1e-9, unit, 'en').number).toBe('0');
});

test('figures beyond all prefixes keep a sensible length', () => {
  for (const unit of UNITS) {
    for (const value of [1e30, -1e30, Number.MAX_VALUE]) {
      expect(formatFigure(value, unit, 'en').text.length).toBeLessThan(18);
    }
  }
});

/** Reads a printed figure back; the tolerance is half of its last digit. */
function parse(number: string): { value: number; tolerance: number } {
  const [, digits = '', prefix = ''] = /^<?(-?[\d,.]+(?:e\+\d+)?)([kMG]?)$/.exec(number) ?? [];
  const factor = { k: 1e3, M: 1e6, G: 1e9 }[prefix] ?? 1;
  const plain = digits.replaceAll(',', '');
  const decimals = plain.split('.')[1]?.length ?? 0;
  return { value: Number(plain) * factor, tolerance: 0.5 * 10 ** -decimals * factor };
}

const FACTORS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1e3,
  'B/s': 1,
  'kB/s': 1e3,
  'MB/s': 1e6,
  'GB/s': 1e9,
};

test('what is printed is the figure, within half of its last digit', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...UNITS),
      fc.double({ min: 0, max: 9e11, noNaN: true }).map((value) => value % 9e8),
      (unit, value) => {
        const figure = formatFigure(value, unit, 'en');
        const factor = FACTORS[figure.unit] ?? 1;
        const { value: read, tolerance } = parse(figure.number);
        const slack = figure.number.startsWith('<') ? read : tolerance;
        expect(Math.abs(read * factor - value)).toBeLessThanOrEqual(slack * factor * (1 + 1e-9));
      },
    ),
  );
});

test('a larger figure never reads as a smaller one', () => {
  const figure = fc.double({ min: 0, max: 1e9, noNaN: true, maxExcluded: true });
  fc.assert(
    fc.property(fc.constantFrom(...UNITS), figure, figure, (unit, a, b) => {
      const [low, high] = a < b ? [a, b] : [b, a];
      const size = (value: number): number => {
        const printed = formatFigure(value, unit, 'en');
        const factor = FACTORS[printed.unit] ?? 1;
        return (printed.number.startsWith('<') ? 0 : parse(printed.number).value) * factor;
      };
      expect(size(low)).toBeLessThanOrEqual(size(high) * (1 + 1e-12));
    }),
  );
});

test('every figure has a printable text in both languages', () => {
  fc.assert(
    fc.property(fc.double(), fc.constantFrom(...UNITS), (value, unit) => {
      for (const language of ['en', 'zh-CN'] as const) {
        const { text } = formatFigure(value, unit, language);
        expect(text).toMatch(/^(?:—|<?-?[\d,]+(?:\.\d+)?(?:e\+\d+)?[kMG]?(?:%| \S+))$/u);
        expect(text).not.toMatch(/^-0(?:\.0+)?(?![\d.])/u);
      }
    }),
  );
});

test.each<[Unit, number, readonly number[], readonly string[]]>([
  ['percent', 100, [0, 50, 100], ['0%', '50%', '100%']],
  ['percent', 0.3, [0, 0.1, 0.1 + 0.2], ['0%', '0.1%', '0.3%']],
  ['milliseconds', 500, [0, 250, 500], ['0 ms', '250 ms', '500 ms']],
  ['milliseconds', 1500, [0, 500, 1500], ['0 s', '0.5 s', '1.5 s']],
  ['bytes_per_second', 2e6, [0, 5e5, 2e6], ['0 MB/s', '0.5 MB/s', '2 MB/s']],
  ['requests_per_second', 1500, [0, 500, 1500], ['0/s', '500/s', '1,500/s']],
  ['requests_per_second', 20_000, [0, 10_000, 20_000], ['0/s', '10k/s', '20k/s']],
])('the ticks of %s up to %d share one prefix', (unit, max, ticks, texts) => {
  expect(ticks.map(axisFormatter(unit, max))).toEqual(texts);
});
