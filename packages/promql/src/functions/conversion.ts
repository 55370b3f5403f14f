import { createSeries, type Evaluation, type Work } from '../engine/evaluation.ts';
import { NO_LABELS } from '../engine/label-set.ts';
import { readSamples } from '../engine/selection.ts';
import { type Grid, type GridSeries, timeOfStep, type Value } from '../engine/value.ts';
import { type Call, withoutParens } from '../syntax/ast.ts';
import { mapVector } from './mapping.ts';
import {
  argumentAt,
  scalarArgument,
  type VectorFunction,
  vectorArgument,
} from './vector-function.ts';

/** Functions without arguments: the value at each step. */
export const SCALAR_FUNCTIONS: ReadonlyMap<string, (grid: Grid) => Float64Array> = new Map([
  ['pi', (grid: Grid) => new Float64Array(grid.count).fill(Math.PI)],
  ['time', secondsOf],
]);

/** Functions between scalars, vectors and times. */
export const CONVERSIONS: ReadonlyMap<string, VectorFunction> = new Map<string, VectorFunction>([
  ['scalar', toScalar],
  ['timestamp', timestamp],
  ['vector', toVector],
]);

function secondsOf(grid: Grid): Float64Array {
  return Float64Array.from({ length: grid.count }, (_, step) => timeOfStep(grid, step) / 1000);
}

function* toVector(call: Call, grid: Grid, evaluation: Evaluation): Work<Value> {
  const values = yield* scalarArgument(argumentAt(call, 0), grid, evaluation);
  const series = createSeries(NO_LABELS, grid, evaluation);
  return { type: 'vector', series: [{ ...series, values, present: series.present.fill(1) }] };
}

/** The value of the only series at each step; NaN where there is none, or more than one. */
function* toScalar(call: Call, grid: Grid, evaluation: Evaluation): Work<Value> {
  const series = yield* vectorArgument(argumentAt(call, 0), grid, evaluation);
  const counts = new Uint32Array(grid.count);
  const values = new Float64Array(grid.count).fill(Number.NaN);
  for (const one of series) addTo({ counts, values }, one);
  return { type: 'scalar', values };
}

function addTo(
  { counts, values }: { readonly counts: Uint32Array; readonly values: Float64Array },
  series: GridSeries,
): void {
  for (let step = 0; step < counts.length; step += 1) {
    if (series.present[step] === 0) continue;
    values[step] = counts[step] === 0 ? (series.values[step] ?? 0) : Number.NaN;
    counts[step] = (counts[step] ?? 0) + 1;
  }
}

/** The time of the sample that a selector finds; of anything else, the step's own time. */
function* timestamp(call: Call, grid: Grid, evaluation: Evaluation): Work<Value> {
  const arg = withoutParens(argumentAt(call, 0));
  if (arg.kind === 'selector') {
    const { series } = yield* readSamples(arg, { grid, reading: 'time' }, evaluation);
    return yield* mapVector(series, { grid, map: (seconds) => seconds }, evaluation);
  }
  const series = yield* vectorArgument(arg, grid, evaluation);
  const seconds = secondsOf(grid);
  return yield* mapVector(series, { grid, map: (_, step) => seconds[step] ?? 0 }, evaluation);
}
