import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { WindowLine, WindowSnapshot } from '../live/live-window.ts';
import { type Column, columnsOf, lastIndexOf, lonePoints } from './columns.ts';

const snapshotOf = (columns: Readonly<Record<string, Column>>): WindowSnapshot => {
  const length = Object.values(columns)[0]?.length ?? 0;
  const rest = { panel: 'requests', name: '', unit: 'percent', aggregate: 'mean' } as const;
  return {
    fromMs: 0,
    toMs: length * 10,
    stepMs: 10,
    tMs: Array.from({ length }, (_, i) => (i + 1) * 10),
    lines: new Map(
      Object.entries(columns).map(([id, values]): [string, WindowLine] => [
        id,
        { id, values, ...rest },
      ]),
    ),
  };
};

const lines = (...ids: string[]) => ids.map((id) => ({ id, label: id, color: '--s1' }));

test('takes the lines in the chart’s order; a line that the window lacks is a gap', () => {
  const snapshot = snapshotOf({ a: [1, 2], b: [3, null] });
  const columns = columnsOf(snapshot, lines('b', 'none', 'a'), 'line');
  expect(columns.values).toEqual([
    [3, null],
    [null, null],
    [1, 2],
  ]);
  expect(columns.drawn).toBe(columns.values);
  expect(columns).toMatchObject({ max: 3, hasData: true, fromMs: 0, toMs: 20, stepMs: 10 });
});

test('without any figure there is no data, and the scale starts at 0', () => {
  expect(columnsOf(snapshotOf({ a: [null] }), lines('a'), 'line')).toMatchObject({
    max: 0,
    hasData: false,
  });
  expect(columnsOf(snapshotOf({ a: [1] }), [], 'stack')).toMatchObject({ hasData: false });
});

test.each(['stack', 'bars'] as const)('%s stand on the lines before them', (kind) => {
  const snapshot = snapshotOf({ a: [1, null, null, 4], b: [10, 20, null, null] });
  const columns = columnsOf(snapshot, lines('a', 'b'), kind);
  expect(columns.drawn).toEqual([
    [1, 0, null, 4],
    [11, 20, null, 4],
  ]);
  expect(columns.values[0]).toEqual([1, null, null, 4]);
  expect(columns.max).toBe(20);
});

test('the top of a stack is the sum of its lines', () => {
  const column = fc.array(fc.option(fc.nat(1000)), { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(column, column, column, (a, b, c) => {
      const top = columnsOf(snapshotOf({ a, b, c }), lines('a', 'b', 'c'), 'stack').drawn.at(-1);
      const sums = a.map((value, i) =>
        value === null && b[i] === null && c[i] === null
          ? null
          : (value ?? 0) + (b[i] ?? 0) + (c[i] ?? 0),
      );
      expect(top).toEqual(sums);
    }),
  );
});

test('finds the figures without a neighbour, at the ends too', () => {
  expect(lonePoints([1, null, 2, 3, null, 4, null, 5])).toEqual([0, 5, 7]);
  expect(lonePoints([0])).toEqual([0]);
  expect(lonePoints([1, 2])).toEqual([]);
  expect(lonePoints([])).toEqual([]);
});

test('finds the last figure', () => {
  expect(lastIndexOf([1, 0, null])).toBe(1);
  expect(lastIndexOf([null])).toBe(-1);
});
