import type { SeriesColumns } from '@hubpulse/model';
import { createAnnotations } from './engine/annotations.ts';
import { createBudget, MAX_SAMPLES } from './engine/budget.ts';
import { drive, throwIfAborted, untilAborted } from './engine/driver.ts';
import { evaluate } from './engine/evaluate.ts';
import { createSeries, type Evaluation, type Work } from './engine/evaluation.ts';
import { fetchAll, planFetches } from './engine/fetch.ts';
import { findInvariants } from './engine/invariant.ts';
import { compareLabels, NO_LABELS, withoutMetadata } from './engine/label-set.ts';
import {
  type Grid,
  type GridSeries,
  joinSameLabels,
  timeOfStep,
  type Value,
} from './engine/value.ts';
import { boundsOf, evaluateRangeVector } from './engine/window.ts';
import { PromqlError } from './errors.ts';
import {
  checkInteger,
  gridOf,
  type InstantOptions,
  LOOKBACK_MS,
  type QueryOptions,
  type RangeOptions,
  SUBQUERY_STEP_MS,
} from './query-options.ts';
import type { InstantResult, Notes, RangeResult } from './result.ts';
import { type Expr, typeOf, withoutParens } from './syntax/ast.ts';
import { parse } from './syntax/parse.ts';

/**
 * Evaluates a query at one instant.
 *
 * @throws PromqlError; errors of the source pass unchanged.
 */
export async function evaluateInstant(options: InstantOptions): Promise<InstantResult> {
  const { tMs } = options;
  checkInteger('tMs', tMs);
  const grid: Grid = { startMs: tMs, stepMs: 1, count: 1 };
  const expr = parsed(options);
  const evaluation = await prepare(expr, { grid, endMs: tMs }, options);
  const result = await drive(instantResult(expr, grid, evaluation), options.signal);
  return { ...result, tMs, ...notesOf(evaluation) };
}

/**
 * Evaluates a query at every step of a range.
 *
 * @throws PromqlError; `bad_data` too for an expression that is no scalar or instant vector. Errors of the source pass
 * unchanged.
 */
export async function evaluateRange(options: RangeOptions): Promise<RangeResult> {
  const grid = gridOf(options);
  const expr = parsed(options);
  checkType(expr);
  const evaluation = await prepare(expr, { grid, endMs: options.endMs }, options);
  const value = await drive(evaluate(expr, grid, evaluation), options.signal);
  const series = seriesOf(value, grid, evaluation).map(({ labels, values, present }) => ({
    labels,
    values,
    present,
  }));
  return {
    type: 'matrix',
    tMs: Float64Array.from({ length: grid.count }, (_, step) => timeOfStep(grid, step)),
    series: series.toSorted((a, b) => compareLabels(a.labels, b.labels)),
    ...notesOf(evaluation),
  };
}

function parsed({ query }: QueryOptions): Expr {
  return typeof query === 'string' ? parse(query) : query;
}

function checkType(expr: Expr): void {
  const type = typeOf(expr);
  if (type === 'vector' || type === 'scalar') return;
  const got = type === 'matrix' ? 'range vector' : type;
  throw new PromqlError(
    'bad_data',
    `invalid expression type "${got}" for range query, must be Scalar or instant Vector`,
    { position: expr.position },
  );
}

/** Reads what the query needs. What `end()` names is the end that was asked for, also where no step lies on it. */
async function prepare(
  expr: Expr,
  { grid, endMs }: { readonly grid: Grid; readonly endMs: number },
  options: QueryOptions,
): Promise<Evaluation> {
  const { source, signal } = options;
  throwIfAborted(signal);
  const budget = createBudget(options.maxSamples ?? MAX_SAMPLES);
  const times = {
    queryStartMs: grid.startMs,
    queryEndMs: endMs,
    lookbackMs: options.lookbackMs ?? LOOKBACK_MS,
    subqueryStepMs: options.subqueryStepMs ?? SUBQUERY_STEP_MS,
    bucketMs: options.bucketMs,
  };
  const fetches = planFetches(expr, grid, times);
  const selected = await untilAborted(fetchAll(fetches, source, budget), signal);
  const evaluation: Evaluation = {
    ...times,
    delayedNameRemoval: options.delayedNameRemoval ?? false,
    annotations: createAnnotations(),
    budget,
    samplesRead: budget.held,
    selected,
    invariants: findInvariants(expr),
    evaluate: (inner, innerGrid) => evaluate(inner, innerGrid, evaluation),
  };
  return evaluation;
}

function notesOf({ annotations, budget, samplesRead }: Evaluation): Notes {
  return {
    warnings: annotations.warnings(),
    infos: annotations.infos(),
    stats: { samplesRead, samplesPeak: budget.peak },
  };
}

/** The series of a value as they leave the engine. */
function seriesOf(value: Value, grid: Grid, evaluation: Evaluation): readonly GridSeries[] {
  if (value.type === 'string') return [];
  if (value.type === 'scalar') {
    const { present, ...series } = createSeries(NO_LABELS, grid, evaluation);
    return [{ ...series, values: value.values, present: present.fill(1) }];
  }
  if (!evaluation.delayedNameRemoval) return value.series;
  const named = value.series.map((series) =>
    series.dropName ? { ...series, labels: withoutMetadata(series.labels) } : series,
  );
  return joinSameLabels(named);
}

type BareResult = InstantResult extends infer R
  ? R extends unknown
    ? Omit<R, 'tMs' | keyof Notes>
    : never
  : never;

function* instantResult(expr: Expr, grid: Grid, evaluation: Evaluation): Work<BareResult> {
  const inner = withoutParens(expr);
  if (inner.kind === 'range' || inner.kind === 'subquery') {
    return yield* matrixResult(inner, grid, evaluation);
  }
  const value = yield* evaluate(expr, grid, evaluation);
  if (value.type === 'string') return value;
  if (value.type === 'scalar') return { type: 'scalar', value: value.values[0] ?? Number.NaN };
  const samples = seriesOf(value, grid, evaluation).map(({ labels, values }) => ({
    labels,
    value: values[0] ?? Number.NaN,
  }));
  return { type: 'vector', samples };
}

/** The samples of the one window of a range vector. */
function* matrixResult(
  expr: Extract<Expr, { kind: 'range' | 'subquery' }>,
  grid: Grid,
  evaluation: Evaluation,
): Work<BareResult> {
  const range = yield* evaluateRangeVector(expr, { grid, func: undefined }, evaluation);
  const series: SeriesColumns[] = [];
  for (const { labels, dropName, tMs, values } of range.series) {
    const { from, to } = boundsOf(tMs, range);
    if (from[0] === to[0]) continue;
    series.push({
      labels: dropName ? withoutMetadata(labels) : labels,
      tMs: tMs.slice(from[0], to[0]),
      values: values.slice(from[0], to[0]),
    });
  }
  return { type: 'matrix', series: series.toSorted((a, b) => compareLabels(a.labels, b.labels)) };
}
