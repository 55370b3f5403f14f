import type { Evaluation, Work } from '../engine/evaluation.ts';
import type { Grid, GridSeries, Value } from '../engine/value.ts';
import type { Call } from '../syntax/ast.ts';
import { argumentAt, type VectorFunction, vectorArgument } from './vector-function.ts';

/** Functions that order an instant's series; over a range the series of an answer are ordered by their labels. */
export const SORT_FUNCTIONS: ReadonlyMap<string, VectorFunction> = new Map([
  ['sort', sortBy((a, b) => a - b)],
  ['sort_desc', sortBy((a, b) => b - a)],
]);

const INEFFECTIVE =
  'sort is ineffective for range queries since results are always ordered by labels';

function sortBy(compare: (a: number, b: number) => number): VectorFunction {
  return function* sort(call: Call, grid: Grid, evaluation: Evaluation): Work<Value> {
    const series = yield* vectorArgument(argumentAt(call, 0), grid, evaluation);
    if (grid.count > 1) {
      evaluation.annotations.warn(INEFFECTIVE, call.position);
      return { type: 'vector', series };
    }
    return { type: 'vector', series: series.toSorted((a, b) => compareFirst(a, b, compare)) };
  };
}

/** NaN goes to the end either way. */
function compareFirst(
  a: GridSeries,
  b: GridSeries,
  compare: (a: number, b: number) => number,
): number {
  const [left = 0] = a.values;
  const [right = 0] = b.values;
  if (Number.isNaN(left) || Number.isNaN(right)) {
    return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
  }
  // Two equal infinities differ by NaN.
  return left === right ? 0 : compare(left, right);
}
