import { createSeries, dropName, type Evaluation, type Work } from '../engine/evaluation.ts';
import {
  type Grid,
  type GridSeries,
  joinSameLabels,
  type VectorValue,
  vectorOf,
} from '../engine/value.ts';

/** Computes a new value of a series' value at a step. */
export type Mapping = (value: number, step: number) => number;

/** Maps each value of a vector; the series lose their names. */
export function* mapVector(
  series: readonly GridSeries[],
  { grid, map }: { readonly grid: Grid; readonly map: Mapping },
  evaluation: Evaluation,
): Work<VectorValue> {
  const result: GridSeries[] = [];
  for (const one of series) {
    const out = {
      ...createSeries(one.labels, grid, evaluation),
      ...dropName(one.labels, evaluation),
    };
    for (let step = 0; step < grid.count; step += 1) {
      if (one.present[step] === 0) continue;
      out.values[step] = map(one.values[step] ?? 0, step);
      out.present[step] = 1;
    }
    result.push(out);
    if (evaluation.budget.spend(grid.count)) yield;
  }
  return vectorOf(joinSameLabels(result));
}
