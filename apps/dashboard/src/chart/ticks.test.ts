import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { niceStep, valueScale } from './ticks.ts';

const ms = { unit: 'milliseconds', ticks: 4 } as const;

test.each([
  [0.3, 0.5],
  [1, 1],
  [1.2, 2],
  [30, 50],
  [99, 100],
  [0.1 + 0.2, 0.5],
])('the round step from %d on is %d', (value, step) => {
  expect(niceStep(value)).toBeCloseTo(step, 12);
});

test.each([
  [980, 1250, [0, 500, 1000]],
  [480, 600, [0, 200, 400, 600]],
  [42, 50, [0, 20, 40]],
])('a scale for figures up to %d ends at %d', (max, top, ticks) => {
  expect(valueScale(max, ms)).toEqual({ top, ticks });
});

test('figures that are all 0 still have a readable scale', () => {
  expect(valueScale(0, ms)).toEqual({ top: 10, ticks: [0, 5, 10] });
  expect(valueScale(0, { unit: 'percent', ticks: 2 })).toEqual({ top: 1, ticks: [0, 0.5, 1] });
});

test('a scale of percent ends at 100 unless the figures exceed it', () => {
  const percent = { unit: 'percent', ticks: 4 } as const;
  expect(valueScale(99.8, percent)).toEqual({ top: 100, ticks: [0, 50, 100] });
  expect(valueScale(100, percent).top).toBe(100);
  expect(valueScale(130, percent).top).toBe(150);
});

test('a scale with a fixed end keeps it', () => {
  const scale = valueScale(3, { unit: 'percent', ticks: 3, fixedTop: 100 });
  expect(scale).toEqual({ top: 100, ticks: [0, 50, 100] });
});

test('every scale holds its figures and has at least one tick above 0, at most as many as wanted', () => {
  const max = fc.double({ min: 1e-9, max: 1e15, noNaN: true });
  fc.assert(
    fc.property(max, fc.integer({ min: 1, max: 4 }), (highest, ticks) => {
      const scale = valueScale(highest, { unit: 'bytes_per_second', ticks });
      expect(scale.top).toBeGreaterThanOrEqual(highest);
      expect(scale.top).toBeLessThanOrEqual(highest * 1.05 * 2);
      expect(scale.ticks[0]).toBe(0);
      expect(scale.ticks.length).toBeGreaterThanOrEqual(ticks > 1 ? 2 : 1);
      expect(scale.ticks.length).toBeLessThanOrEqual(ticks + 1);
      expect(scale.ticks.at(-1)).toBeLessThanOrEqual(scale.top * (1 + 1e-9));
    }),
  );
});
