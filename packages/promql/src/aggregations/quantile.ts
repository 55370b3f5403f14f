import { invalidQuantile } from '../engine/annotations.ts';
import { createSeries, type Evaluation, type Work } from '../engine/evaluation.ts';
import { quantileOf } from '../engine/quantile.ts';
import { type Grid, type GridSeries, type VectorValue, vectorOf } from '../engine/value.ts';
import type { Aggregation } from '../syntax/ast.ts';
import { groupSeries } from './group.ts';

interface QuantileAggregation {
  readonly expr: Aggregation;
  /** One for each step. */
  readonly quantiles: Float64Array;
  readonly series: readonly GridSeries[];
  readonly grid: Grid;
}

/** Aggregates each group to the quantile of its values at each step. */
export function* aggregateQuantile(
  { expr, quantiles, series, grid }: QuantileAggregation,
  evaluation: Evaluation,
): Work<VectorValue> {
  annotate(expr, quantiles, evaluation);
  const result: GridSeries[] = [];
  for (const { labels, members } of groupSeries(series, expr)) {
    const out = createSeries(labels, grid, evaluation);
    const scratch = new Float64Array(members.length);
    for (let step = 0; step < grid.count; step += 1) {
      const size = gather(members, step, scratch);
      if (size === 0) continue;
      out.values[step] = quantileOf(quantiles[step] ?? 0, scratch.subarray(0, size));
      out.present[step] = 1;
      if (evaluation.budget.spend(size)) yield;
    }
    result.push({ ...out, dropName: members.some((member) => member.dropName) });
  }
  return vectorOf(result);
}

/** Collects the values of a step; gives how many there are. */
function gather(members: readonly GridSeries[], step: number, into: Float64Array): number {
  let size = 0;
  for (const { values, present } of members) {
    if (present[step] === 0) continue;
    into[size] = values[step] ?? 0;
    size += 1;
  }
  return size;
}

function annotate(
  { param }: Aggregation,
  quantiles: Float64Array,
  { annotations }: Evaluation,
): void {
  if (param === undefined) return;
  const warn = (quantile: number): void =>
    annotations.warn(invalidQuantile(quantile), param.position);
  if (quantiles.some(Number.isNaN)) warn(Number.NaN);
  const numbers = quantiles.filter((quantile) => !Number.isNaN(quantile));
  const highest = numbers.reduce((a, b) => Math.max(a, b), 0);
  const lowest = numbers.reduce((a, b) => Math.min(a, b), 0);
  if (highest > 1) warn(highest);
  if (lowest < 0) warn(lowest);
}
