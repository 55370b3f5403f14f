import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { colorOf, colorsOf, OTHER_COLOR, SERIES_COLORS } from './palette.ts';

const css = readFileSync(join(import.meta.dirname, '../styles.css'), 'utf8');

type Rgb = readonly [number, number, number];
type Matrix = readonly [Rgb, Rgb, Rgb];

/** Linear RGB as people see it: with all cones, and without one kind (Machado, Oliveira and Fernandes 2009, severity 1). */
const VISIONS: Readonly<Record<string, Matrix>> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** The variables that a rule sets; the dark theme's come on top of the light one's. */
function tokens(theme: 'light' | 'dark'): (name: string) => string {
  const block = (selector: RegExp): string => selector.exec(css)?.[1] ?? '';
  const dark = block(/\[data-theme=['"]?dark['"]?\]\s*\{([^}]*)\}/);
  const text = block(/:root\s*\{([^}]*)\}/) + (theme === 'dark' ? dark : '');
  const values = new Map<string, string>();
  for (const [, name = '', value = ''] of text.matchAll(/(--[\w-]+):\s*([^;]+);/g)) {
    values.set(name, value.trim());
  }
  return (name) => {
    const value = values.get(name) ?? '';
    if (!/^#[\da-f]{6}$/i.test(value)) throw new Error(`${name}: got "${value}"; want #rrggbb`);
    return value;
  };
}

/** Linear RGB of `#rrggbb` (IEC 61966-2-1). */
function linear(hex: string): Rgb {
  const channel = (at: number): number => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

function dot([a, b, c]: Rgb, [x, y, z]: Rgb): number {
  return a * x + b * y + c * z;
}

function seen(color: Rgb, vision: Matrix): Rgb {
  const clamp = (value: number): number => Math.min(1, Math.max(0, value));
  return [clamp(dot(vision[0], color)), clamp(dot(vision[1], color)), clamp(dot(vision[2], color))];
}

/** OKLab (Ottosson 2020), times 100: a distance of about 2 is just noticeable. */
function oklab(color: Rgb): Rgb {
  const long = Math.cbrt(dot([0.4122214708, 0.5363325363, 0.0514459929], color));
  const medium = Math.cbrt(dot([0.2119034982, 0.6806995451, 0.1073969566], color));
  const short = Math.cbrt(dot([0.0883024619, 0.2817188376, 0.6299787005], color));
  const cones: Rgb = [long, medium, short];
  return [
    100 * dot([0.2104542553, 0.793617785, -0.0040720468], cones),
    100 * dot([1.9779984951, -2.428592205, 0.4505937099], cones),
    100 * dot([0.0259040371, 0.7827717662, -0.808675766], cones),
  ];
}

/** Contrast ratio of WCAG 2. */
function contrast(a: string, b: string): number {
  const luminance = (hex: string): number => dot([0.2126, 0.7152, 0.0722], linear(hex));
  const [low = 0, high = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** The smallest distance between any two of the colours. */
function closest(colors: readonly string[], vision: Matrix): number {
  const places = colors.map((color) => oklab(seen(linear(color), vision)));
  let least = Number.POSITIVE_INFINITY;
  for (const [i, a] of places.entries()) {
    for (const b of places.slice(i + 1)) {
      least = Math.min(least, Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]));
    }
  }
  return least;
}

test('the measures agree with published figures', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
  const [lightness, a, b] = oklab(linear('#ff0000'));
  expect([lightness, a, b].map((value) => value / 100)).toEqual([
    expect.closeTo(0.62796, 4),
    expect.closeTo(0.22486, 4),
    expect.closeTo(0.12585, 4),
  ]);
});

describe.each(['light', 'dark'] as const)('the palette in %s', (theme) => {
  const token = tokens(theme);
  const series = [...SERIES_COLORS, OTHER_COLOR];

  test.each([...series, '--warn', '--crit', '--cross'])(
    '%s stands out from the panel by 3 to 1',
    (name) => {
      expect(contrast(token(name), token('--panel'))).toBeGreaterThanOrEqual(3);
    },
  );

  test('the words on an axis can be read', () => {
    expect(contrast(token('--axis'), token('--panel'))).toBeGreaterThanOrEqual(4.5);
  });

  test.each(Object.entries(VISIONS))(
    'no two colours are close to each other in %s vision, the first five less so',
    (_, vision) => {
      const colors = series.map(token);
      expect(closest(colors, vision)).toBeGreaterThan(7);
      expect(closest(colors.slice(0, 5), vision)).toBeGreaterThan(10.5);
    },
  );
});

test('a name has the same colour whenever it is asked for', () => {
  expect(['gw-01', 'gw-02', 'infer-01', 'db-primary', ''].map(colorOf)).toEqual([
    '--s6',
    '--s4',
    '--s3',
    '--s3',
    '--s5',
  ]);
});

test('names that differ in one digit spread over all colours', () => {
  const counts = new Map<string, number>();
  for (let i = 0; i < 700; i++) {
    const color = colorOf(`host-${String(i).padStart(3, '0')}`);
    counts.set(color, (counts.get(color) ?? 0) + 1);
  }
  expect(counts.size).toBe(SERIES_COLORS.length);
  for (const count of counts.values()) expect(count).toBeGreaterThan(50);
});

test('up to seven names have seven colours, in whatever order they come', () => {
  const names = fc.uniqueArray(fc.string(), { maxLength: 7 });
  fc.assert(
    fc.property(names, (few) => {
      const colors = colorsOf(few);
      expect(new Set(colors.values()).size).toBe(few.length);
      expect([...colors.values()]).not.toContain(OTHER_COLOR);
      expect(colorsOf(few.toReversed())).toEqual(colors);
    }),
  );
});

test('a name alone has its own colour, and beyond seven the rest are grey', () => {
  expect(colorsOf(['gw-01']).get('gw-01')).toBe(colorOf('gw-01'));
  const colors = colorsOf(Array.from({ length: 9 }, (_, i) => `host-${i}`));
  expect([...colors.values()].filter((color) => color === OTHER_COLOR)).toHaveLength(2);
  expect(new Set(colors.values()).size).toBe(8);
});
