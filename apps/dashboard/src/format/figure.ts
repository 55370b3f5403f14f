import type { Unit } from '@hubpulse/api';
import type { Language } from './language.ts';

/** A figure in print: its number and its unit apart, for cards that set them in two sizes, and both as one text. */
export interface Figure {
  readonly number: string;
  readonly unit: string;
  readonly text: string;
}

/** What stands for a figure that is none. */
export const NO_FIGURE = '—';

const SIGNIFICANT_DIGITS = 3;

/** From here on numbers are written with an exponent; only figures beyond all prefixes reach it. */
const LARGEST_PLAIN = 1e9;

interface Prefix {
  /** The prefix is taken from this size on; the first of a list takes everything below the next. */
  readonly from: number;
  readonly factor: number;
  readonly name: string;
}

/** Rates of requests keep four digits before they take a prefix: "1,250 req/s" reads better than "1.25k". */
const COUNT_PREFIXES: readonly Prefix[] = [
  { from: 0, factor: 1, name: '' },
  { from: 1e4, factor: 1e3, name: 'k' },
  { from: 1e6, factor: 1e6, name: 'M' },
  { from: 1e9, factor: 1e9, name: 'G' },
];

const BYTE_PREFIXES: readonly Prefix[] = [
  { from: 0, factor: 1, name: 'B/s' },
  { from: 1e3, factor: 1e3, name: 'kB/s' },
  { from: 1e6, factor: 1e6, name: 'MB/s' },
  { from: 1e9, factor: 1e9, name: 'GB/s' },
  { from: 1e12, factor: 1e12, name: 'TB/s' },
  { from: 1e15, factor: 1e15, name: 'PB/s' },
];

const TIME_PREFIXES: readonly Prefix[] = [
  { from: 0, factor: 1, name: 'ms' },
  { from: 1e3, factor: 1e3, name: 's' },
];

const RATE_UNIT: Readonly<Record<Language, string>> = { 'zh-CN': '次/秒', en: 'req/s' };

/**
 * Prints a figure with three significant digits and the prefix that fits it: percent, milliseconds (seconds from 1,000
 * on), requests per second (k, M, G from 10,000 on), bytes per second (SI: kB is 1,000 bytes). What is above 0 but
 * would read as 0 is printed as `<` the smallest number; NaN and the infinities as a dash without a unit.
 */
export function formatFigure(value: number, unit: Unit, language: Language): Figure {
  if (!Number.isFinite(value)) return { number: NO_FIGURE, unit: '', text: NO_FIGURE };
  switch (unit) {
    case 'percent': {
      const number = printNumber(value, 2);
      return { number, unit: '%', text: `${number}%` };
    }
    case 'milliseconds': {
      const { factor, name } = prefixOf(value, TIME_PREFIXES);
      return joined(printNumber(value / factor, 2), name);
    }
    case 'bytes_per_second': {
      const { factor, name } = prefixOf(value, BYTE_PREFIXES);
      return joined(printNumber(value / factor, factor === 1 ? 0 : 2), name);
    }
    case 'requests_per_second': {
      const { factor, name } = prefixOf(value, COUNT_PREFIXES);
      return joined(`${printNumber(value / factor, 2)}${name}`, RATE_UNIT[language]);
    }
  }
}

/**
 * Makes the printer of an axis' ticks. All ticks but 0 get the prefix of the largest, `maxValue`, so that they compare at a
 * glance: 0 s, 0.5 s, 1 s; 0/s, 10k/s. Rates of requests are `/s` in every language, to fit beside the chart.
 */
export function axisFormatter(unit: Unit, maxValue: number): (value: number) => string {
  if (unit === 'percent') return (value) => `${printTick(value)}%`;
  if (unit === 'requests_per_second') {
    const { factor, name } = prefixOf(maxValue, COUNT_PREFIXES);
    return (value) => `${printTick(value / factor)}${value === 0 ? '' : name}/s`;
  }
  const { factor, name } = prefixOf(
    maxValue,
    unit === 'milliseconds' ? TIME_PREFIXES : BYTE_PREFIXES,
  );
  return (value) => `${printTick(value / factor)} ${name}`;
}

function joined(number: string, unit: string): Figure {
  return { number, unit, text: `${number} ${unit}` };
}

/** The largest prefix that the rounded value reaches, so that 999.7 ms becomes 1.00 s and not 1,000 ms. */
function prefixOf(value: number, prefixes: readonly Prefix[]): Prefix {
  const size = Math.abs(Number(value.toPrecision(SIGNIFICANT_DIGITS)));
  return prefixes.findLast(({ from }) => size >= from) ?? { from: 0, factor: 1, name: '' };
}

/** Three significant digits, at most `maxDecimals` after the point, thousands grouped. */
function printNumber(value: number, maxDecimals: number): string {
  const size = Math.abs(value);
  const smallest = 10 ** -maxDecimals;
  if (size === 0) return '0';
  if (size < smallest / 2) return value > 0 ? `<${smallest}` : '0';
  if (size >= LARGEST_PLAIN) return value.toExponential(SIGNIFICANT_DIGITS - 1);
  const rounded = Math.abs(Number(value.toPrecision(SIGNIFICANT_DIGITS)));
  const integerDigits = rounded < 1 ? 1 : Math.floor(Math.log10(rounded)) + 1;
  const decimals = Math.min(maxDecimals, Math.max(0, SIGNIFICANT_DIGITS - integerDigits));
  return grouped(value.toFixed(decimals));
}

/** A tick as short as it can be: 0, 0.5, 1, 1,500. Ticks are round, six digits only take off the noise of floats. */
function printTick(value: number): string {
  return grouped(String(Number(value.toPrecision(6)) + 0));
}

/** Both languages group by three with a comma and write the decimal point as a point. */
function grouped(number: string): string {
  const [integer = '', ...rest] = number.split('.');
  if (number.includes('e')) return number;
  return [integer.replaceAll(/\B(?=(?:\d{3})+$)/g, ','), ...rest].join('.');
}
