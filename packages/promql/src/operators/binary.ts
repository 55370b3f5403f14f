import type { Evaluation, Work } from '../engine/evaluation.ts';
import { createSeries, dropName } from '../engine/evaluation.ts';
import {
  type Grid,
  type GridSeries,
  joinSameLabels,
  type ScalarValue,
  type Value,
  type VectorValue,
  vectorOf,
} from '../engine/value.ts';
import { type Binary, isSetOperator } from '../syntax/ast.ts';
import { type Operation, operationOf } from './operator.ts';
import { combineSets } from './set-operator.ts';
import { matchVectors } from './vector-matching.ts';

/** Evaluates a binary expression. */
export function* evaluateBinary(expr: Binary, grid: Grid, evaluation: Evaluation): Work<Value> {
  const left = yield* evaluation.evaluate(expr.left, grid);
  const right = yield* evaluation.evaluate(expr.right, grid);
  if (left.type === 'vector' && right.type === 'vector') {
    return yield* combineVectors(expr, { left, right, grid }, evaluation);
  }
  if (isSetOperator(expr.op) || left.type === 'string' || right.type === 'string') {
    throw new Error(`BUG: operands of "${expr.op}" have wrong types; want them checked`);
  }
  const operation = operationOf(expr.op, expr.returnBool);
  if (left.type === 'vector' && right.type === 'scalar') {
    const scalar = { values: right.values, isLeft: false };
    return yield* combineWithScalar(left, { operation, scalar, grid }, evaluation);
  }
  if (left.type === 'scalar' && right.type === 'vector') {
    const scalar = { values: left.values, isLeft: true };
    return yield* combineWithScalar(right, { operation, scalar, grid }, evaluation);
  }
  return combineScalars(left as ScalarValue, right as ScalarValue, operation);
}

function* combineVectors(
  expr: Binary,
  {
    left,
    right,
    grid,
  }: { readonly left: VectorValue; readonly right: VectorValue; readonly grid: Grid },
  evaluation: Evaluation,
): Work<Value> {
  const { op, matching } = expr;
  if (isSetOperator(op)) {
    return yield* combineSets(
      { op, matching, left: left.series, right: right.series, grid },
      evaluation,
    );
  }
  const operation = operationOf(op, expr.returnBool);
  const sides = { left: left.series, right: right.series };
  return yield* matchVectors({ expr, operation, grid, ...sides }, evaluation);
}

function combineScalars(
  left: ScalarValue,
  right: ScalarValue,
  { valueOf }: Operation,
): ScalarValue {
  const values = left.values.map((value, step) => valueOf(value, right.values[step] ?? 0));
  return { type: 'scalar', values };
}

interface ScalarSide {
  readonly operation: Operation;
  readonly scalar: { readonly values: Float64Array; readonly isLeft: boolean };
  readonly grid: Grid;
}

function* combineWithScalar(
  vector: VectorValue,
  side: ScalarSide,
  evaluation: Evaluation,
): Work<VectorValue> {
  const result: GridSeries[] = [];
  for (const series of vector.series) {
    const out = createSeries(series.labels, side.grid, evaluation);
    applyToSeries(series, side, out);
    const names = side.operation.changesMeaning ? dropName(series.labels, evaluation) : undefined;
    result.push({ ...out, dropName: series.dropName, ...names });
    if (evaluation.budget.spend(side.grid.count)) yield;
  }
  return vectorOf(joinSameLabels(result));
}

function applyToSeries(
  { values, present }: GridSeries,
  { operation, scalar, grid }: ScalarSide,
  out: GridSeries,
): void {
  const { keeps, valueOf, changesMeaning } = operation;
  for (let step = 0; step < grid.count; step += 1) {
    if (present[step] === 0) continue;
    const value = values[step] ?? 0;
    const other = scalar.values[step] ?? 0;
    const a = scalar.isLeft ? other : value;
    const b = scalar.isLeft ? value : other;
    if (!keeps(a, b)) continue;
    // A filter keeps the vector's value, on whichever side it stands.
    out.values[step] = changesMeaning ? valueOf(a, b) : value;
    out.present[step] = 1;
  }
}
