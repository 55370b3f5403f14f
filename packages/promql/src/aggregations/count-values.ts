import { createSeries, type Evaluation, type Work } from '../engine/evaluation.ts';
import { setLabels } from '../engine/label-set.ts';
import { type Grid, type GridSeries, type VectorValue, vectorOf } from '../engine/value.ts';
import { executionError } from '../errors.ts';
import type { Aggregation } from '../syntax/ast.ts';
import { printFloat, quote } from '../syntax/quotation.ts';
import { type Grouping, keyOfGroup, labelsOfGroup } from './group.ts';

interface CountValues {
  readonly expr: Aggregation;
  /** The label that takes the values. */
  readonly label: string;
  readonly series: readonly GridSeries[];
  readonly grid: Grid;
}

/**
 * Counts how often each value occurs in a group at each step.
 *
 * @throws PromqlError `execution` when the label's name is no text.
 */
export function* countValues(
  { expr, label, series, grid }: CountValues,
  evaluation: Evaluation,
): Work<VectorValue> {
  if (label === '' || !label.isWellFormed()) {
    throw executionError(`invalid label name ${quote(label)}`);
  }
  const grouping: Grouping = {
    without: expr.without,
    grouping: expr.without ? expr.grouping : [...expr.grouping, label],
  };
  const keyOf = keyOfGroup(grouping);
  const counts = new Map<string, GridSeries>();
  for (const one of series) {
    const counterOf = memoized((value) => {
      const labels = setLabels(one.labels, [[label, printFloat(value)]]);
      const key = keyOf(labels);
      const known = counts.get(key);
      if (known !== undefined) return known;
      const created = createSeries(labelsOfGroup(labels, grouping), grid, evaluation);
      counts.set(key, created);
      return created;
    });
    for (let step = 0; step < grid.count; step += 1) {
      if (one.present[step] === 0) continue;
      const counter = counterOf(one.values[step] ?? 0);
      counter.values[step] = (counter.values[step] ?? 0) + 1;
      counter.present[step] = 1;
    }
    if (evaluation.budget.spend(grid.count)) yield;
  }
  return vectorOf([...counts.values()]);
}

/** Values repeat: their labels are made once for each series. */
function memoized(compute: (value: number) => GridSeries): (value: number) => GridSeries {
  const known = new Map<number, GridSeries>();
  return (value) => {
    const found = known.get(value) ?? compute(value);
    known.set(value, found);
    return found;
  };
}
