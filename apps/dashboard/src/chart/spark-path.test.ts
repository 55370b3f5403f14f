import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { sparkPath } from './spark-path.ts';

const size = { widthPx: 86, heightPx: 26 };

test('draws from the lowest to the highest figure and ends at the last', () => {
  expect(sparkPath([0, 10, 5], size)).toEqual({
    line: 'M3 23L43 3L83 13',
    area: 'M3 23L43 3L83 13V26H3Z',
    last: { x: 83, y: 13 },
  });
});

test('a gap parts the line, and a figure alone is a dot', () => {
  expect(sparkPath([0, null, 10, 10], size)?.line).toBe('M3 23h0M56.3 3L83 3');
});

test('the last figure is marked where it is, though gaps follow', () => {
  expect(sparkPath([0, 10, null], size)?.last).toEqual({ x: 43, y: 3 });
});

test('equal figures lie in the middle', () => {
  expect(sparkPath([5, 5], size)?.line).toBe('M3 13L83 13');
  expect(sparkPath([0], size)?.last).toEqual({ x: 3, y: 13 });
});

test('without a figure there is nothing to draw', () => {
  expect(sparkPath([], size)).toBeNull();
  expect(sparkPath([null, null], size)).toBeNull();
});

test('many figures become means, one for two pixels at most', () => {
  const values = Array.from({ length: 86 }, (_, i) => (i % 2 === 0 ? 0 : 10));
  expect(sparkPath(values, size)?.line).toMatch(/^M3 13(?:L[\d.]+ 13){42}$/);
});

test('every shape lies inside its box', () => {
  const values = fc.array(fc.option(fc.double({ min: -1e12, max: 1e12, noNaN: true })), {
    maxLength: 300,
  });
  fc.assert(
    fc.property(values, (figures) => {
      const path = sparkPath(figures, size);
      const points = [...(path?.line ?? '').matchAll(/[ML]([-\d.e+]+) ([-\d.e+]+)/g)];
      for (const [, x, y] of points) {
        expect(Number(x)).toBeGreaterThanOrEqual(3);
        expect(Number(x)).toBeLessThanOrEqual(83);
        expect(Number(y)).toBeGreaterThanOrEqual(3);
        expect(Number(y)).toBeLessThanOrEqual(23);
      }
      expect(path === null).toBe(figures.every((value) => value === null));
    }),
  );
});
