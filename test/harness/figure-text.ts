import type { Unit } from '@hubpulse/api';
import { expect } from 'vitest';

/** How the units are written, and what one of them is in the unit of the API. */
const UNITS: Readonly<Record<string, readonly [unit: Unit, factor: number]>> = {
  '%': ['percent', 1],
  ms: ['milliseconds', 1],
  s: ['milliseconds', 1e3],
  'req/s': ['requests_per_second', 1],
  '次/秒': ['requests_per_second', 1],
  'B/s': ['bytes_per_second', 1],
  'kB/s': ['bytes_per_second', 1e3],
  'MB/s': ['bytes_per_second', 1e6],
  'GB/s': ['bytes_per_second', 1e9],
};

const PREFIXES: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9 };

/** A written figure: its value in the unit of the API, and how far rounding may have moved it. */
interface WrittenFigure {
  readonly unit: Unit;
  readonly value: number;
  readonly rounding: number;
}

/** Reads a figure off the page, such as `12.3%`, `1,250 req/s` or `<0.01 ms`. */
function parseFigure(text: string): WrittenFigure {
  const pattern = /^(<)?([\d,]+(?:\.(\d+))?)(k|M|G)?\s*(%|ms|s|req\/s|次\/秒|[kMG]?B\/s)$/;
  const [, below, number = '', decimals = '', prefix = '', unitText = ''] =
    pattern.exec(text.trim()) ?? [];
  const [unit, factor] = UNITS[unitText] ?? [];
  if (unit === undefined || factor === undefined) {
    throw new Error(`got the text "${text}"; want a number and its unit`);
  }
  const scale = factor * (PREFIXES[prefix] ?? 1);
  const value = Number(number.replaceAll(',', '')) * scale;
  if (below !== undefined) return { unit, value: value / 2, rounding: value / 2 };
  return { unit, value, rounding: (10 ** -decimals.length / 2) * scale * (1 + 1e-6) };
}

/** Expects that a text is what a figure of the API reads as, but for rounding; a gap reads as a dash. */
export function expectFigure(
  text: string,
  { value, unit }: { readonly value: number | null | undefined; readonly unit: Unit },
): void {
  if (value === null || value === undefined) {
    expect(text).toBe('—');
    return;
  }
  const written = parseFigure(text);
  expect(written.unit, text).toBe(unit);
  expect(Math.abs(written.value - value), `${text} for ${value}`).toBeLessThanOrEqual(
    written.rounding,
  );
}
