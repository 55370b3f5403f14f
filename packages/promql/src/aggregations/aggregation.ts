import { createSeries, type Evaluation, type Work } from '../engine/evaluation.ts';
import { type Grid, type GridSeries, type VectorValue, vectorOf } from '../engine/value.ts';
import type { Aggregation } from '../syntax/ast.ts';
import { countValues } from './count-values.ts';
import { groupSeries, type SeriesGroup } from './group.ts';
import { aggregateQuantile } from './quantile.ts';
import { type CreateReducer, REDUCERS } from './reducer.ts';
import { selectExtremes } from './top.ts';

/** Evaluates an aggregation. */
export function* evaluateAggregation(
  expr: Aggregation,
  grid: Grid,
  evaluation: Evaluation,
): Work<VectorValue> {
  const param = expr.param === undefined ? undefined : yield* evaluation.evaluate(expr.param, grid);
  const value = yield* evaluation.evaluate(expr.expr, grid);
  const series = value.type === 'vector' ? value.series : [];
  if (param?.type === 'string') {
    return yield* countValues({ expr, label: param.value, series, grid }, evaluation);
  }
  const params = param?.type === 'scalar' ? param.values : new Float64Array();
  if (expr.op === 'topk' || expr.op === 'bottomk') {
    return yield* selectExtremes({ expr, counts: params, series, grid }, evaluation);
  }
  if (expr.op === 'quantile') {
    return yield* aggregateQuantile({ expr, quantiles: params, series, grid }, evaluation);
  }
  return yield* reduce(expr, { series, grid }, evaluation);
}

function* reduce(
  expr: Aggregation,
  { series, grid }: { readonly series: readonly GridSeries[]; readonly grid: Grid },
  evaluation: Evaluation,
): Work<VectorValue> {
  const createReducer = REDUCERS[expr.op];
  if (createReducer === undefined) throw new Error(`BUG: no aggregation ${expr.op}; want one`);
  const result: GridSeries[] = [];
  for (const group of groupSeries(series, expr)) {
    result.push(yield* reduceGroup(group, { createReducer, grid }, evaluation));
  }
  return vectorOf(result);
}

function* reduceGroup(
  { labels, members }: SeriesGroup,
  { createReducer, grid }: { readonly createReducer: CreateReducer; readonly grid: Grid },
  evaluation: Evaluation,
): Work<GridSeries> {
  const out = createSeries(labels, grid, evaluation);
  const reducer = createReducer(grid.count);
  for (const member of members) {
    reducer.add(member);
    for (let step = 0; step < grid.count; step += 1) {
      out.present[step] = (out.present[step] ?? 0) | (member.present[step] ?? 0);
    }
    if (evaluation.budget.spend(grid.count)) yield;
  }
  reducer.finish(out.values);
  return { ...out, dropName: members.some((member) => member.dropName) };
}
