import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluateRange } from '../query.ts';
import { createTableSource } from '../testing/table-source.ts';

type Samples = readonly (readonly [tMs: number, value: number])[];

/** What each function makes of the samples of one window: written down from the documentation, window by window. */
const ORACLES: Readonly<Record<string, (window: Samples) => number | undefined>> = {
  count_over_time: (window) => (window.length > 0 ? window.length : undefined),
  present_over_time: (window) => (window.length > 0 ? 1 : undefined),
  last_over_time: (window) => window.at(-1)?.[1],
  sum_over_time: (window) => (window.length > 0 ? sum(values(window)) : undefined),
  avg_over_time: (window) => (window.length > 0 ? sum(values(window)) / window.length : undefined),
  min_over_time: (window) => (window.length > 0 ? Math.min(...values(window)) : undefined),
  max_over_time: (window) => (window.length > 0 ? Math.max(...values(window)) : undefined),
  stdvar_over_time: (window) => (window.length > 0 ? variance(values(window)) : undefined),
  changes: (window) => countPairs(window, (a, b) => a !== b),
  resets: (window) => countPairs(window, (a, b) => b < a),
  idelta: (window) => {
    const [a, b] = values(window).slice(-2);
    return a === undefined || b === undefined ? undefined : b - a;
  },
};

function values(window: Samples): number[] {
  return window.map(([, value]) => value);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

function variance(numbers: readonly number[]): number {
  const mean = sum(numbers) / numbers.length;
  return sum(numbers.map((value) => (value - mean) ** 2)) / numbers.length;
}

function countPairs(
  window: Samples,
  differs: (a: number, b: number) => boolean,
): number | undefined {
  if (window.length === 0) return undefined;
  const all = values(window);
  return all.slice(1).filter((value, i) => differs(all[i] ?? 0, value)).length;
}

const samples = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: -5, max: 5 })), {
    selector: ([tMs]) => tMs,
    maxLength: 60,
  })
  .map((pairs) => pairs.toSorted(([a], [b]) => a - b));

const grid = fc.record({
  startMs: fc.integer({ min: -20, max: 100 }),
  lengthMs: fc.integer({ min: 0, max: 200 }),
  stepMs: fc.integer({ min: 1, max: 30 }),
  rangeMs: fc.integer({ min: 1, max: 90 }),
  offsetMs: fc.integer({ min: -30, max: 30 }),
});

describe('over any windows', () => {
  test.each(Object.entries(ORACLES))('%s equals its definition', async (name, oracle) => {
    await fc.assert(
      fc.asyncProperty(
        samples,
        grid,
        async (pairs, { startMs, lengthMs, stepMs, rangeMs, offsetMs }) => {
          const source = createTableSource([{ labels: { __name__: 'x' }, samples: pairs }]);
          const shift =
            offsetMs === 0 ? '' : ` offset ${offsetMs < 0 ? '-' : ''}${Math.abs(offsetMs)}ms`;
          const query = `${name}(x[${rangeMs}ms]${shift})`;
          const { tMs, series } = await evaluateRange({
            query,
            source,
            startMs,
            endMs: startMs + lengthMs,
            stepMs,
          });
          for (const [step, time] of tMs.entries()) {
            const end = time - offsetMs;
            const want = oracle(pairs.filter(([t]) => t > end - rangeMs && t <= end));
            const got = series[0]?.present[step] === 1 ? series[0].values[step] : undefined;
            // Sums of whole numbers differ by rounding alone.
            const isEqual = got === want || Math.abs((got ?? Infinity) - (want ?? 0)) < 1e-9;
            expect(isEqual, `step ${step}: got ${got}; want ${want}`).toBe(true);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

test('of counters rate and increase are never negative, whatever they do', async () => {
  const counter = fc.uniqueArray(
    fc.tuple(fc.nat(1000), fc.double({ min: 0, max: 1e12, noNaN: true })),
    {
      selector: ([tMs]) => tMs,
      minLength: 2,
      maxLength: 30,
    },
  );
  await fc.assert(
    fc.asyncProperty(counter, async (pairs) => {
      const sorted = pairs.toSorted(([a], [b]) => a - b);
      const source = createTableSource([{ labels: { __name__: 'x_total' }, samples: sorted }]);
      for (const name of ['rate', 'increase']) {
        const query = `${name}(x_total[300ms])`;
        const { series } = await evaluateRange({
          query,
          source,
          startMs: 0,
          endMs: 1300,
          stepMs: 50,
        });
        for (const one of series) {
          expect([...one.values].every((value) => value >= 0)).toBe(true);
        }
      }
    }),
  );
});

test('a range query gives what instant ones give, step by step, also for subqueries', async () => {
  await fc.assert(
    fc.asyncProperty(samples, grid, async (pairs, { startMs, lengthMs, stepMs, rangeMs }) => {
      const source = createTableSource([{ labels: { __name__: 'x' }, samples: pairs }]);
      const query = `max_over_time(avg_over_time(x[${rangeMs}ms])[50ms:7ms])`;
      const whole = await evaluateRange({
        query,
        source,
        startMs,
        endMs: startMs + lengthMs,
        stepMs,
      });
      for (const [step, time] of whole.tMs.entries()) {
        const one = await evaluateRange({ query, source, startMs: time, endMs: time, stepMs: 1 });
        const want = one.series[0]?.values[0];
        const got = whole.series[0]?.present[step] === 1 ? whole.series[0].values[step] : undefined;
        expect(got).toBe(want);
      }
    }),
    { numRuns: 30 },
  );
});
