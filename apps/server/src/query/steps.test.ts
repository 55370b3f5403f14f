import * as fc from 'fast-check';
import { createLabels } from '@hubpulse/model';
import { describe, expect, test } from 'vitest';
import { combine, increaseOf, meanOf, ratePerSecond, resample } from './steps.ts';

const GRID = { fromMs: 0, toMs: 40_000, stepMs: 10_000 };

const columns = (...samples: [tMs: number, value: number][]) => ({
  labels: createLabels({}),
  tMs: Float64Array.from(samples, ([tMs]) => tMs),
  values: Float64Array.from(samples, ([, value]) => value),
});

describe('resample', () => {
  test('a step takes what lies after its begin up to and with its end', () => {
    const series = columns([0, 99], [1, 2], [10_000, 4], [10_001, 8], [40_000, 16], [40_001, 99]);
    expect([...resample(series, GRID, 'mean')]).toEqual([3, 8, Number.NaN, 16]);
  });

  test('max keeps a spike', () => {
    expect([...resample(columns([1, 1], [2, 900], [3, 1]), GRID, 'max')][0]).toBe(900);
  });

  test('a stale marker is no figure, and a step of nothing else is a gap', () => {
    const series = columns([1, Number.NaN], [2, 5], [10_001, Number.NaN]);
    expect([...resample(series, GRID, 'mean')]).toEqual([5, Number.NaN, Number.NaN, Number.NaN]);
  });

  test('the mean of a step lies between its samples', () => {
    const values = fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(values, (numbers) => {
        const series = columns(...numbers.map((value, i) => [i + 1, value] as [number, number]));
        const [mean = Number.NaN] = resample(
          series,
          { fromMs: 0, toMs: 1000, stepMs: 1000 },
          'mean',
        );
        const slack = 1e-6 * Math.max(...numbers.map(Math.abs), 1);
        expect(mean).toBeGreaterThanOrEqual(Math.min(...numbers) - slack);
        expect(mean).toBeLessThanOrEqual(Math.max(...numbers) + slack);
      }),
    );
  });
});

describe('ratePerSecond', () => {
  test('a counter becomes its increase per second', () => {
    const series = columns([0, 100], [5000, 150], [10_000, 200], [20_000, 200]);
    expect([...ratePerSecond(series, GRID)]).toEqual([10, 0, Number.NaN, Number.NaN]);
  });

  test('a reset counts from zero', () => {
    expect([...ratePerSecond(columns([0, 100], [10_000, 30]), GRID)][0]).toBe(3);
  });

  test('the first sample alone gives no rate', () => {
    expect([...ratePerSecond(columns([5000, 1e9]), GRID)].every(Number.isNaN)).toBe(true);
  });

  test('an increase over a pause of more than five minutes is unknown, not a spike', () => {
    const series = columns([-400_000, 0], [5000, 1e9], [10_000, 1e9 + 50]);
    expect([...ratePerSecond(series, GRID)][0]).toBe(10);
  });
});

test('an increase is never negative', () => {
  const count = fc.double({ min: 0, noNaN: true });
  fc.assert(
    fc.property(count, count, (a, b) => {
      expect(increaseOf(a, b)).toBeGreaterThanOrEqual(0);
    }),
  );
});

describe('combine', () => {
  const a = Float64Array.of(1, Number.NaN, 3);
  const b = Float64Array.of(5, Number.NaN, Number.NaN);

  test.each([
    ['mean', [3, Number.NaN, 3]],
    ['sum', [6, Number.NaN, 3]],
    ['max', [5, Number.NaN, 3]],
  ] as const)('%s ignores the series that have no figure', (across, want) => {
    expect([...combine([a, b], across)]).toEqual(want);
  });

  test('no series is no line', () => {
    expect(combine([], 'mean')).toHaveLength(0);
  });
});

test('meanOf leaves gaps out and is null for nothing but gaps', () => {
  expect(meanOf(Float64Array.of(1, Number.NaN, 3))).toBe(2);
  expect(meanOf(Float64Array.of(Number.NaN))).toBeNull();
});
