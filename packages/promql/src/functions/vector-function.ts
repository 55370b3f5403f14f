import type { Evaluation, Work } from '../engine/evaluation.ts';
import type { Grid, Value } from '../engine/value.ts';
import type { Call, Expr } from '../syntax/ast.ts';
import type { GridSeries } from '../engine/value.ts';

/** How a function evaluates one of its calls. */
export type VectorFunction = (call: Call, grid: Grid, evaluation: Evaluation) => Work<Value>;

/** The argument at an index. Type checks have made sure that it is there. */
export function argumentAt(call: Call, index: number): Expr {
  const arg = call.args[index];
  if (arg === undefined) {
    throw new Error(`BUG: ${call.signature.name}() has no argument ${index}; want one`);
  }
  return arg;
}

/** The series of a vector argument. */
export function* vectorArgument(
  arg: Expr,
  grid: Grid,
  evaluation: Evaluation,
): Work<readonly GridSeries[]> {
  const value = yield* evaluation.evaluate(arg, grid);
  return value.type === 'vector' ? value.series : [];
}

/** The values of a scalar argument, one for each step; `fallback` throughout when it was left out. */
export function* scalarArgument(
  arg: Expr | undefined,
  grid: Grid,
  evaluation: Evaluation,
): Work<Float64Array> {
  const value = arg === undefined ? undefined : yield* evaluation.evaluate(arg, grid);
  return value?.type === 'scalar' ? value.values : new Float64Array(grid.count);
}
