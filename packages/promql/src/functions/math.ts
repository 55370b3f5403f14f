import type { Evaluation, Work } from '../engine/evaluation.ts';
import { type Grid, restrict, type Value } from '../engine/value.ts';
import type { Call } from '../syntax/ast.ts';
import { mapVector } from './mapping.ts';
import {
  argumentAt,
  scalarArgument,
  type VectorFunction,
  vectorArgument,
} from './vector-function.ts';

const DEGREES = 180;

const PLAIN: Readonly<Record<string, (value: number) => number>> = {
  abs: Math.abs,
  acos: Math.acos,
  acosh: Math.acosh,
  asin: Math.asin,
  asinh: Math.asinh,
  atan: Math.atan,
  atanh: Math.atanh,
  ceil: Math.ceil,
  cos: Math.cos,
  cosh: Math.cosh,
  deg: (value) => (value * DEGREES) / Math.PI,
  exp: Math.exp,
  floor: Math.floor,
  ln: Math.log,
  log10: Math.log10,
  log2: Math.log2,
  rad: (value) => (value * Math.PI) / DEGREES,
  sgn: Math.sign,
  sin: Math.sin,
  sinh: Math.sinh,
  sqrt: Math.sqrt,
  tan: Math.tan,
  tanh: Math.tanh,
};

/** Functions of single values. */
export const MATH_FUNCTIONS: ReadonlyMap<string, VectorFunction> = new Map<string, VectorFunction>([
  ...Object.entries(PLAIN).map(([name, map]): [string, VectorFunction] => [
    name,
    function* plain(call, grid, evaluation) {
      const series = yield* vectorArgument(argumentAt(call, 0), grid, evaluation);
      return yield* mapVector(series, { grid, map }, evaluation);
    },
  ]),
  ['clamp', clampBetween(1, 2)],
  ['clamp_min', clampBetween(1, undefined)],
  ['clamp_max', clampBetween(undefined, 1)],
  ['round', round],
]);

/** `clamp` and its two halves; the numbers are the places of the limits among the arguments. */
function clampBetween(minAt: number | undefined, maxAt: number | undefined): VectorFunction {
  return function* clamp(call, grid, evaluation) {
    const series = yield* vectorArgument(argumentAt(call, 0), grid, evaluation);
    const lowest = minAt === undefined ? undefined : argumentAt(call, minAt);
    const highest = maxAt === undefined ? undefined : argumentAt(call, maxAt);
    const min = yield* scalarArgument(lowest, grid, evaluation);
    const max = yield* scalarArgument(highest, grid, evaluation);
    if (lowest === undefined) min.fill(Number.NEGATIVE_INFINITY);
    if (highest === undefined) max.fill(Number.POSITIVE_INFINITY);
    const map = (value: number, step: number): number =>
      larger(min[step] ?? 0, -larger(-(max[step] ?? 0), -value));
    // Limits in the wrong order leave nothing.
    const isAllowed = Uint8Array.from(min, (low, step) => ((max[step] ?? 0) < low ? 0 : 1));
    const allowed = series.map((one) => restrict(one, isAllowed));
    return yield* mapVector(allowed, { grid, map }, evaluation);
  };
}

/** The larger of two as in Go: nothing is larger than infinity, not even NaN. */
function larger(a: number, b: number): number {
  const isInfinite = a === Number.POSITIVE_INFINITY || b === Number.POSITIVE_INFINITY;
  return isInfinite ? Number.POSITIVE_INFINITY : Math.max(a, b);
}

function* round(call: Call, grid: Grid, evaluation: Evaluation): Work<Value> {
  const series = yield* vectorArgument(argumentAt(call, 0), grid, evaluation);
  const nearest = yield* scalarArgument(call.args[1], grid, evaluation);
  if (call.args.length < 2) nearest.fill(1);
  // The inverse costs less accuracy than a division by the distance; a value in the middle goes up.
  const map = (value: number, step: number): number => {
    const inverse = 1 / (nearest[step] ?? 1);
    return Math.floor(value * inverse + 0.5) / inverse;
  };
  return yield* mapVector(series, { grid, map }, evaluation);
}
