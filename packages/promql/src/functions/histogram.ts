import { type Labels, labelsKey, labelValue, METRIC_NAME } from '@hubpulse/model';
import { forMetric, invalidQuantile } from '../engine/annotations.ts';
import { createSeries, dropName, type Evaluation, type Work } from '../engine/evaluation.ts';
import { dropLabels, groupBy } from '../engine/label-set.ts';
import {
  type Grid,
  type GridSeries,
  joinSameLabels,
  type Value,
  vectorOf,
} from '../engine/value.ts';
import type { Call, Expr } from '../syntax/ast.ts';
import { quote } from '../syntax/quotation.ts';
import {
  addBucket,
  type Buckets,
  bucketFraction,
  bucketQuantile,
  createBuckets,
  isComplete,
  mendCounts,
} from './bucket.ts';
import {
  argumentAt,
  scalarArgument,
  type VectorFunction,
  vectorArgument,
} from './vector-function.ts';

/** Functions of classic histograms. */
export const HISTOGRAM_FUNCTIONS: ReadonlyMap<string, VectorFunction> = new Map<
  string,
  VectorFunction
>([
  ['histogram_fraction', histogramFraction],
  ['histogram_quantile', histogramQuantile],
]);

const BUCKET_LABEL: ReadonlySet<string> = new Set(['le']);

const NOT_MONOTONIC =
  'input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)';

function* histogramQuantile(call: Call, grid: Grid, evaluation: Evaluation): Work<Value> {
  const { annotations } = evaluation;
  const quantiles = yield* scalarArgument(argumentAt(call, 0), grid, evaluation);
  for (const quantile of new Set(quantiles)) {
    const isQuantile = quantile >= 0 && quantile <= 1;
    if (!isQuantile) annotations.warn(invalidQuantile(quantile), argumentAt(call, 0).position);
  }
  const arg = argumentAt(call, 1);
  return yield* overHistograms(arg, grid, evaluation, (buckets, step, labels) => {
    const quantile = quantiles[step] ?? 0;
    const isQuantile = quantile >= 0 && quantile <= 1;
    if (mendCounts(buckets) && isQuantile && isComplete(buckets)) {
      const name = evaluation.delayedNameRemoval ? labelValue(labels, METRIC_NAME) : '';
      annotations.inform(`${NOT_MONOTONIC}${forMetric(name)}`, arg.position);
    }
    return bucketQuantile(quantile, buckets);
  });
}

function* histogramFraction(call: Call, grid: Grid, evaluation: Evaluation): Work<Value> {
  const lower = yield* scalarArgument(argumentAt(call, 0), grid, evaluation);
  const upper = yield* scalarArgument(argumentAt(call, 1), grid, evaluation);
  return yield* overHistograms(argumentAt(call, 2), grid, evaluation, (buckets, step) =>
    bucketFraction(buckets, lower[step] ?? 0, upper[step] ?? 0),
  );
}

/** Computes one value of a histogram at a step. */
type Statistic = (buckets: Buckets, step: number, labels: Labels) => number;

// oxlint-disable-next-line max-params -- the callback reads best at the end of the two calls
function* overHistograms(
  arg: Expr,
  grid: Grid,
  evaluation: Evaluation,
  statistic: Statistic,
): Work<Value> {
  const series = yield* vectorArgument(arg, grid, evaluation);
  const result: GridSeries[] = [];
  for (const bucketSeries of histogramsOf(series, arg, evaluation)) {
    const labels = dropLabels(bucketSeries[0]?.series.labels ?? [], BUCKET_LABEL);
    const out = { ...createSeries(labels, grid, evaluation), ...dropName(labels, evaluation) };
    const buckets = createBuckets(bucketSeries.length);
    for (let step = 0; step < grid.count; step += 1) {
      fill(buckets, bucketSeries, step);
      if (buckets.size === 0) continue;
      out.values[step] = statistic(buckets, step, labels);
      out.present[step] = 1;
    }
    result.push(out);
    if (evaluation.budget.spend(grid.count * bucketSeries.length)) yield;
  }
  return vectorOf(joinSameLabels(result));
}

/** A series that counts the observations up to a bound. */
interface BucketSeries {
  readonly bound: number;
  readonly series: GridSeries;
}

/** The buckets of each histogram, by ascending bounds. */
function histogramsOf(
  series: readonly GridSeries[],
  arg: Expr,
  { annotations }: Evaluation,
): BucketSeries[][] {
  const buckets: BucketSeries[] = [];
  for (const one of series) {
    const text = labelValue(one.labels, 'le');
    const bound = parseBound(text);
    if (bound === undefined) {
      const what = `bucket label "le" is missing or has a malformed value of ${quote(text)}`;
      annotations.warn(`${what}${forMetric(labelValue(one.labels, METRIC_NAME))}`, arg.position);
    } else buckets.push({ bound, series: one });
  }
  const keyOf = (bucket: BucketSeries): string =>
    labelsKey(dropLabels(bucket.series.labels, BUCKET_LABEL));
  return [...groupBy(buckets, keyOf).values()].map((histogram) =>
    // Two infinite bounds differ by NaN.
    histogram.toSorted((a, b) => (a.bound === b.bound ? 0 : a.bound - b.bound)),
  );
}

/** A bucket's bound as Go reads it; `undefined` when it is no number. */
function parseBound(text: string): number | undefined {
  if (/^[+-]?inf(?:inity)?$/i.test(text)) {
    return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  const isNumber = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text);
  return isNumber ? Number(text) : undefined;
}

function fill(buckets: Buckets, from: readonly BucketSeries[], step: number): void {
  buckets.size = 0;
  for (const { bound, series } of from) {
    if (series.present[step] === 1) addBucket(buckets, bound, series.values[step] ?? 0);
  }
}
