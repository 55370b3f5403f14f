import type { Labels } from '@hubpulse/model';
import type { SourceSeries } from '../source.ts';
import type { RangeSelector, Subquery } from '../syntax/ast.ts';
import { type Evaluation, fixedTime, referenceTimes, type Work } from './evaluation.ts';
import { withoutStaleMarkers } from './stale-marker.ts';
import { endOf, type Grid, type GridSeries, timeOfStep } from './value.ts';

/** The samples that the windows of a range vector reach over, without stale markers. */
export interface RangeSeries {
  readonly labels: Labels;
  readonly dropName: boolean;
  readonly tMs: Float64Array;
  readonly values: Float64Array;
  /** How many samples each row stands for, where rows are buckets and `values` a figure over all samples of each. */
  readonly counts?: Float64Array | undefined;
}

/** A range vector over a grid: at step `i` it holds the samples with `ends[i] - rangeMs < t <= ends[i]`. */
export interface RangeVector {
  readonly rangeMs: number;
  readonly ends: Float64Array;
  readonly series: Iterable<RangeSeries>;
}

/** The samples of one series in each window: those from `from[i]` up to, not including, `to[i]`. */
export interface WindowBounds {
  readonly from: Uint32Array;
  readonly to: Uint32Array;
}

/** Where a range vector is evaluated, and by which function; none for its samples themselves. */
export interface RangePlace {
  readonly grid: Grid;
  readonly func: string | undefined;
}

/** Evaluates a range selector or a subquery to the samples of its windows. */
export function* evaluateRangeVector(
  expr: RangeSelector | Subquery,
  { grid, func }: RangePlace,
  evaluation: Evaluation,
): Work<RangeVector> {
  return expr.kind === 'range'
    ? selectRange(expr, { grid, func }, evaluation)
    : yield* evaluateSubquery(expr, grid, evaluation);
}

function selectRange(
  expr: RangeSelector,
  { grid, func }: RangePlace,
  evaluation: Evaluation,
): RangeVector {
  const selected = evaluation.selected.get(expr.selector);
  return {
    rangeMs: selected?.windowMs ?? expr.rangeMs,
    ends: referenceTimes(expr.selector, grid, evaluation),
    series: lazily(selected?.series ?? [], (columns) => rangeSeriesOf(columns, func)),
  };
}

/** Converts one after the other, so that only one is held. */
function* lazily<T>(
  items: readonly T[],
  convert: (item: T) => RangeSeries,
): Generator<RangeSeries> {
  for (const item of items) yield convert(item);
}

/** Functions over every sample, with the column of a bucket that stands for its samples; for others its last one does. */
const BUCKET_COLUMNS: ReadonlyMap<string, 'min' | 'max' | 'sum'> = new Map([
  ['absent_over_time', 'sum'],
  ['avg_over_time', 'sum'],
  ['count_over_time', 'sum'],
  ['max_over_time', 'max'],
  ['min_over_time', 'min'],
  ['present_over_time', 'sum'],
  ['sum_over_time', 'sum'],
]);

/** Whether a function is computed from all that a bucket holds, and so is exact over whole buckets. */
export function readsWholeBuckets(func: string): boolean {
  return BUCKET_COLUMNS.has(func);
}

function rangeSeriesOf(columns: SourceSeries, func: string | undefined): RangeSeries {
  const { labels, tMs, buckets } = columns;
  const column = BUCKET_COLUMNS.get(func ?? '');
  if (buckets === undefined || column === undefined)
    return { labels, dropName: false, ...withoutStaleMarkers(columns) };
  const { count: counts, [column]: values } = buckets;
  if (!counts.includes(0)) return { labels, dropName: false, tMs, values, counts };
  const holds = (_: number, row: number): boolean => counts[row] !== 0;
  return {
    labels,
    dropName: false,
    tMs: tMs.filter(holds),
    values: values.filter(holds),
    counts: counts.filter(holds),
  };
}

function* evaluateSubquery(expr: Subquery, grid: Grid, evaluation: Evaluation): Work<RangeVector> {
  const ends = referenceTimes(expr, grid, evaluation);
  const inner = subqueryGrid(expr, grid, evaluation);
  if (inner.count === 0) return { rangeMs: expr.rangeMs, ends, series: [] };
  // Every step is held at least once; too many are refused before anything is made for them.
  evaluation.budget.take(inner.count);
  const value = yield* evaluation.evaluate(expr.expr, inner);
  const series = value.type === 'vector' ? value.series : [];
  return {
    rangeMs: expr.rangeMs,
    ends,
    series: lazily(series, (one) => samplesOf(one, inner)),
  };
}

/** The instants of a subquery: those multiples of its step that lie in any of its windows. */
export function subqueryGrid(
  expr: Subquery,
  grid: Grid,
  evaluation: Pick<Evaluation, 'queryStartMs' | 'queryEndMs' | 'subqueryStepMs'>,
): Grid {
  const stepMs = expr.stepMs ?? evaluation.subqueryStepMs;
  const fixedMs = fixedTime(expr, evaluation);
  const firstEndMs = (fixedMs ?? grid.startMs) - expr.offsetMs;
  const lastEndMs = (fixedMs ?? endOf(grid)) - expr.offsetMs;
  const startMs = (Math.floor((firstEndMs - expr.rangeMs) / stepMs) + 1) * stepMs;
  return { startMs, stepMs, count: Math.max(0, Math.floor((lastEndMs - startMs) / stepMs) + 1) };
}

/** The present steps of a series as samples. */
function samplesOf(series: GridSeries, grid: Grid): RangeSeries {
  const { labels, dropName, values, present } = series;
  const isPresent = (_: number, step: number): boolean => present[step] === 1;
  const times = Float64Array.from({ length: grid.count }, (_, step) => timeOfStep(grid, step));
  return { labels, dropName, tMs: times.filter(isPresent), values: values.filter(isPresent) };
}

/** Finds the samples of all windows in one sweep. */
export function boundsOf(tMs: Float64Array, { ends, rangeMs }: RangeVector): WindowBounds {
  const from = new Uint32Array(ends.length);
  const to = new Uint32Array(ends.length);
  let first = 0;
  let next = 0;
  for (let step = 0; step < ends.length; step += 1) {
    const end = ends[step] ?? 0;
    while (next < tMs.length && (tMs[next] ?? 0) <= end) next += 1;
    while (first < next && (tMs[first] ?? 0) <= end - rangeMs) first += 1;
    from[step] = first;
    to[step] = next;
  }
  return { from, to };
}
