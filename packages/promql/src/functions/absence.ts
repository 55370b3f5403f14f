import { createLabels, type Labels, METRIC_NAME } from '@hubpulse/model';
import { createSeries, type Evaluation, type Work } from '../engine/evaluation.ts';
import { NO_LABELS } from '../engine/label-set.ts';
import { type Grid, type Value, vectorOf } from '../engine/value.ts';
import { boundsOf, evaluateRangeVector } from '../engine/window.ts';
import { rangeArgumentOf } from '../range-functions/range-call.ts';
import { type Call, type Expr, withoutParens } from '../syntax/ast.ts';
import { argumentAt, type VectorFunction, vectorArgument } from './vector-function.ts';

/** Functions that say where there is nothing. */
export const ABSENCE_FUNCTIONS: ReadonlyMap<string, VectorFunction> = new Map<
  string,
  VectorFunction
>([
  ['absent', absent],
  ['absent_over_time', absentOverTime],
]);

function* absent(call: Call, grid: Grid, evaluation: Evaluation): Work<Value> {
  const arg = argumentAt(call, 0);
  const found = new Uint8Array(grid.count);
  for (const series of yield* vectorArgument(arg, grid, evaluation)) {
    for (let step = 0; step < grid.count; step += 1) found[step] ||= series.present[step] ?? 0;
  }
  return whereMissing(found, { labels: labelsOf(arg), grid }, evaluation);
}

function* absentOverTime(call: Call, grid: Grid, evaluation: Evaluation): Work<Value> {
  const arg = rangeArgumentOf(call);
  const range = yield* evaluateRangeVector(arg, { grid, func: call.signature.name }, evaluation);
  const found = new Uint8Array(grid.count);
  for (const { tMs } of range.series) {
    const { from, to } = boundsOf(tMs, range);
    for (let step = 0; step < grid.count; step += 1) if (from[step] !== to[step]) found[step] = 1;
    if (evaluation.budget.spend(tMs.length + grid.count)) yield;
  }
  return whereMissing(found, { labels: labelsOf(arg), grid }, evaluation);
}

function whereMissing(
  found: Uint8Array,
  { labels, grid }: { readonly labels: Labels; readonly grid: Grid },
  evaluation: Evaluation,
): Value {
  const series = createSeries(labels, grid, evaluation);
  const present = found.map((isFound) => 1 - isFound);
  return vectorOf([{ ...series, values: series.values.fill(1), present }]);
}

/** The labels that the selector fixes by `=`. One that it names again is left out, as Prometheus does. */
function labelsOf(expr: Expr): Labels {
  const inner = withoutParens(expr);
  const selector = inner.kind === 'range' ? inner.selector : inner;
  if (selector.kind !== 'selector') return NO_LABELS;
  const fixed = new Map<string, string>();
  const seen = new Set<string>();
  for (const { name, op, value } of selector.matchers) {
    if (name === METRIC_NAME) continue;
    if (op === '=' && !seen.has(name)) fixed.set(name, value);
    else fixed.delete(name);
    if (op === '=') seen.add(name);
  }
  return createLabels(fixed);
}
