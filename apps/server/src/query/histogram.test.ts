import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { histogramQuantile } from './histogram.ts';

const INF = Number.POSITIVE_INFINITY;
const buckets = (...pairs: [bound: number, count: number][]) =>
  pairs.map(([upperBound, count]) => ({ upperBound, count }));

// The wanted figures follow from Prometheus' documentation of histogram_quantile: linear inside a bucket.
test.each([
  [0.5, buckets([0.1, 50], [0.2, 100], [INF, 100]), 0.1],
  [0.75, buckets([0.1, 50], [0.2, 100], [INF, 100]), 0.15],
  [0.25, buckets([0.1, 50], [0.2, 100], [INF, 100]), 0.05],
  [0.99, buckets([0.1, 50], [0.2, 50], [INF, 100]), 0.2],
  [1, buckets([0.1, 50], [INF, 50]), 0.1],
  [0, buckets([0.1, 50], [INF, 50]), 0],
])('quantile %d is interpolated inside its bucket', (quantile, given, want) => {
  expect(histogramQuantile(quantile, given)).toBeCloseTo(want, 12);
});

test.each([
  ['without observations', buckets([0.1, 0], [INF, 0])],
  ['without buckets', []],
  ['with the infinite bucket alone', buckets([INF, 5])],
])('%s there is no quantile', (_, given) => {
  expect(histogramQuantile(0.95, given)).toBeNaN();
});

test('quantiles rise with the rank and stay inside the finite bounds', () => {
  const counts = fc
    .array(fc.nat(1000), { minLength: 2, maxLength: 20 })
    .filter((c) => c.some((n) => n > 0));
  fc.assert(
    fc.property(
      counts,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (c, p, q) => {
        let total = 0;
        const given = c.map((n, i) => ({
          upperBound: i === c.length - 1 ? INF : i + 1,
          count: (total += n),
        }));
        const low = histogramQuantile(Math.min(p, q), given);
        const high = histogramQuantile(Math.max(p, q), given);
        expect(low).toBeLessThanOrEqual(high);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(c.length - 1);
      },
    ),
  );
});
