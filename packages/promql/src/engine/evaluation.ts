import type { Labels } from '@hubpulse/model';
import type { SourceSeries } from '../source.ts';
import type { Expr, TimeShift, VectorSelector } from '../syntax/ast.ts';
import type { Annotations } from './annotations.ts';
import type { Budget } from './budget.ts';
import { withoutMetadata } from './label-set.ts';
import { type Grid, type GridSeries, type Value, timeOfStep } from './value.ts';

/** The samples of one selector. */
export interface Selected {
  readonly series: readonly SourceSeries[];
  /** How far back a step looks: the look-back, or the length of the range; longer where buckets need it. */
  readonly windowMs: number;
}

/** What the evaluation of one query shares. */
export interface Evaluation {
  readonly queryStartMs: number;
  readonly queryEndMs: number;
  readonly lookbackMs: number;
  /** The step of subqueries that name none. */
  readonly subqueryStepMs: number;
  readonly delayedNameRemoval: boolean;
  readonly annotations: Annotations;
  readonly budget: Budget;
  readonly samplesRead: number;
  /** What the source gave for each selector. */
  readonly selected: ReadonlyMap<VectorSelector, Selected>;
  /** The width of the source's buckets; absent when it gives samples. */
  readonly bucketMs: number | undefined;
  /** The expressions whose value is the same at every step. */
  readonly invariants: ReadonlySet<Expr>;
  /** Evaluates an expression inside of another one. */
  readonly evaluate: (expr: Expr, grid: Grid) => Work<Value>;
}

/**
 * Work in slices: it pauses (yields) every few milliseconds, so that whoever drives it can let others run and see whether
 * the answer is still wanted.
 */
export type Work<T> = Generator<void, T, void>;

/** The instants, one for each step, at which a selector or a subquery looks; they never descend. */
export function referenceTimes(shift: TimeShift, grid: Grid, evaluation: Evaluation): Float64Array {
  const fixedMs = fixedTime(shift, evaluation);
  return Float64Array.from(
    { length: grid.count },
    (_, step) => (fixedMs ?? timeOfStep(grid, step)) - shift.offsetMs,
  );
}

/** The instant of an `@`; `undefined` without one. */
export function fixedTime(
  { at }: TimeShift,
  { queryStartMs, queryEndMs }: Pick<Evaluation, 'queryStartMs' | 'queryEndMs'>,
): number | undefined {
  if (at === 'start') return queryStartMs;
  return at === 'end' ? queryEndMs : at;
}

/** A series without values yet. */
export function createSeries(
  labels: Labels,
  grid: Grid,
  { budget }: Pick<Evaluation, 'budget'>,
): GridSeries {
  budget.take(grid.count);
  return {
    labels,
    dropName: false,
    values: new Float64Array(grid.count),
    present: new Uint8Array(grid.count),
  };
}

/** What becomes of a series' labels when its values no longer are those of its metric. */
export function dropName(
  labels: Labels,
  { delayedNameRemoval }: Pick<Evaluation, 'delayedNameRemoval'>,
): Pick<GridSeries, 'labels' | 'dropName'> {
  return { labels: delayedNameRemoval ? labels : withoutMetadata(labels), dropName: true };
}
