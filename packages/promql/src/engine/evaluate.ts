import { evaluateAggregation } from '../aggregations/aggregation.ts';
import { ABSENCE_FUNCTIONS } from '../functions/absence.ts';
import { CONVERSIONS, SCALAR_FUNCTIONS } from '../functions/conversion.ts';
import { DATE_FUNCTIONS } from '../functions/date.ts';
import { HISTOGRAM_FUNCTIONS } from '../functions/histogram.ts';
import { LABEL_FUNCTIONS } from '../functions/label.ts';
import { MATH_FUNCTIONS } from '../functions/math.ts';
import { SORT_FUNCTIONS } from '../functions/sorting.ts';
import type { VectorFunction } from '../functions/vector-function.ts';
import { evaluateBinary } from '../operators/binary.ts';
import { callRangeFunction, findKernel } from '../range-functions/range-call.ts';
import type { Call, Expr, Unary } from '../syntax/ast.ts';
import { mapVector } from '../functions/mapping.ts';
import type { Evaluation, Work } from './evaluation.ts';
import { selectVector } from './selection.ts';
import type { Grid, GridSeries, Value } from './value.ts';

const FUNCTIONS: ReadonlyMap<string, VectorFunction> = new Map([
  ...ABSENCE_FUNCTIONS,
  ...CONVERSIONS,
  ...DATE_FUNCTIONS,
  ...HISTOGRAM_FUNCTIONS,
  ...LABEL_FUNCTIONS,
  ...MATH_FUNCTIONS,
  ...SORT_FUNCTIONS,
]);

/** Evaluates an expression at every step of a grid. What is the same at every step is evaluated once. */
export function* evaluate(expr: Expr, grid: Grid, evaluation: Evaluation): Work<Value> {
  const { budget, invariants } = evaluation;
  const before = budget.held;
  const isOnce = grid.count > 1 && invariants.has(expr);
  const value = yield* evaluateNode(expr, isOnce ? { ...grid, count: 1 } : grid, evaluation);
  const whole = isOnce ? repeat(value, grid.count) : value;
  // The operands' values are no longer held.
  budget.release(before);
  budget.take(sizeOf(whole));
  return whole;
}

function* evaluateNode(expr: Expr, grid: Grid, evaluation: Evaluation): Work<Value> {
  switch (expr.kind) {
    case 'number':
      return { type: 'scalar', values: new Float64Array(grid.count).fill(expr.value) };
    case 'string':
      return { type: 'string', value: expr.value };
    case 'selector':
      return yield* selectVector(expr, grid, evaluation);
    case 'paren':
      return yield* evaluate(expr.expr, grid, evaluation);
    case 'call':
      return yield* evaluateCall(expr, grid, evaluation);
    case 'aggregation':
      return yield* evaluateAggregation(expr, grid, evaluation);
    case 'binary':
      return yield* evaluateBinary(expr, grid, evaluation);
    case 'unary':
      return yield* evaluateUnary(expr, grid, evaluation);
    case 'range':
    case 'subquery':
      throw new Error('BUG: a range vector stands where none can; want a function around it');
  }
}

function* evaluateCall(call: Call, grid: Grid, evaluation: Evaluation): Work<Value> {
  const { name } = call.signature;
  const kernel = findKernel(name);
  if (kernel !== undefined) return yield* callRangeFunction(call, { kernel, grid }, evaluation);
  const scalars = SCALAR_FUNCTIONS.get(name);
  if (scalars !== undefined) return { type: 'scalar', values: scalars(grid) };
  const implementation = FUNCTIONS.get(name);
  if (implementation === undefined) throw new Error(`BUG: no function ${name}(); want one`);
  return yield* implementation(call, grid, evaluation);
}

function* evaluateUnary({ op, expr }: Unary, grid: Grid, evaluation: Evaluation): Work<Value> {
  const value = yield* evaluate(expr, grid, evaluation);
  if (op === '+' || value.type === 'string') return value;
  if (value.type === 'scalar') return { ...value, values: value.values.map((one) => -one) };
  return yield* mapVector(value.series, { grid, map: (one) => -one }, evaluation);
}

function sizeOf(value: Value): number {
  if (value.type === 'string') return 0;
  if (value.type === 'scalar') return value.values.length;
  return value.series.reduce((size, { values }) => size + values.length, 0);
}

/** A value of one step at every step. */
function repeat(value: Value, count: number): Value {
  if (value.type === 'string') return value;
  if (value.type === 'scalar') return { ...value, values: repeated(value.values, count) };
  return { ...value, series: value.series.map((series) => repeatSeries(series, count)) };
}

function repeatSeries(series: GridSeries, count: number): GridSeries {
  const values = repeated(series.values, count);
  return { ...series, values, present: new Uint8Array(count).fill(series.present[0] ?? 0) };
}

function repeated(values: Float64Array, count: number): Float64Array {
  return new Float64Array(count).fill(values[0] ?? 0);
}
