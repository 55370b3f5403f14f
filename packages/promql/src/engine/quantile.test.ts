import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { quantileOf } from './quantile.ts';

const values = fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1 });
const ratio = fc.double({ min: 0, max: 1, noNaN: true });

test('a quantile lies between the extremes and rises with its rank', () => {
  fc.assert(
    fc.property(values, ratio, ratio, (numbers, p, q) => {
      const at = (quantile: number): number => quantileOf(quantile, Float64Array.from(numbers));
      const [low, high] = [at(Math.min(p, q)), at(Math.max(p, q))];
      const slack = 1e-6;
      expect(low).toBeGreaterThanOrEqual(Math.min(...numbers) - slack);
      expect(high).toBeLessThanOrEqual(Math.max(...numbers) + slack);
      expect(low).toBeLessThanOrEqual(high + slack);
    }),
  );
});

test.each([
  [0.5, [], Number.NaN],
  [Number.NaN, [1], Number.NaN],
  [-0.1, [1], Number.NEGATIVE_INFINITY],
  [1.1, [1], Number.POSITIVE_INFINITY],
  [0.5, [3, 1, 2], 2],
  [0.25, [1, 2], 1.25],
  [0, [Number.NaN, 1], Number.NaN],
  [1, [Number.NaN, 1], 1],
])('the quantile %d of %j is %d', (quantile, numbers, want) => {
  expect(quantileOf(quantile, Float64Array.from(numbers))).toBe(want);
});
