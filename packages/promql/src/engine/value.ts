import { type Labels, labelsKey } from '@hubpulse/model';
import { executionError } from '../errors.ts';

/** The instants at which an expression is evaluated: `startMs`, then every `stepMs`, `count` in all. */
export interface Grid {
  readonly startMs: number;
  readonly stepMs: number;
  readonly count: number;
}

/** A series over a grid: `values[i]` counts where `present[i]` is 1. A NaN may well be present. */
export interface GridSeries {
  readonly labels: Labels;
  /** Whether the metric's name goes away at the end of the query; see `delayedNameRemoval`. */
  readonly dropName: boolean;
  readonly values: Float64Array;
  readonly present: Uint8Array;
}

export interface ScalarValue {
  readonly type: 'scalar';
  /** One value for each step. */
  readonly values: Float64Array;
}

export interface VectorValue {
  readonly type: 'vector';
  /** Each with at least one present step, in a meaningful order where the grid has one step. */
  readonly series: readonly GridSeries[];
}

export interface StringValue {
  readonly type: 'string';
  readonly value: string;
}

export type Value = ScalarValue | VectorValue | StringValue;

/** The instant of a step. */
export function timeOfStep(grid: Grid, step: number): number {
  return grid.startMs + step * grid.stepMs;
}

/** The instant of the last step. */
export function endOf(grid: Grid): number {
  return timeOfStep(grid, grid.count - 1);
}

/** Whether the series has a value anywhere. */
export function hasValues({ present }: GridSeries): boolean {
  return present.includes(1);
}

/** A vector of the series that have a value anywhere. */
export function vectorOf(series: readonly GridSeries[]): VectorValue {
  return { type: 'vector', series: series.filter(hasValues) };
}

/** A series where a mask is 1. */
export function restrict(series: GridSeries, mask: Uint8Array): GridSeries {
  const present = series.present.map((isPresent, step) => isPresent & (mask[step] ?? 0));
  return { ...series, present };
}

const SAME_LABELSET = 'vector cannot contain metrics with the same labelset';

/**
 * Joins series that have the same labels, such as after their names were dropped.
 *
 * @throws PromqlError `execution` when two of them have a value at the same step.
 */
export function joinSameLabels(series: readonly GridSeries[]): GridSeries[] {
  if (series.length < 2) return [...series];
  const byKey = new Map<string, GridSeries>();
  for (const one of series) {
    const key = labelsKey(one.labels);
    const other = byKey.get(key);
    byKey.set(key, other === undefined ? one : join(other, one));
  }
  return [...byKey.values()];
}

function join(a: GridSeries, b: GridSeries): GridSeries {
  const values = a.values.slice();
  const present = a.present.slice();
  for (let i = 0; i < present.length; i += 1) {
    if (b.present[i] === 0) continue;
    if (present[i] === 1) throw executionError(SAME_LABELSET);
    values[i] = b.values[i] ?? Number.NaN;
    present[i] = 1;
  }
  return { ...a, values, present, dropName: a.dropName || b.dropName };
}
