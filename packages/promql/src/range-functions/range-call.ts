import { labelValue, METRIC_NAME, printDuration } from '@hubpulse/model';
import { invalidQuantile } from '../engine/annotations.ts';
import { windowShare } from '../engine/bucket-window.ts';
import { createSeries, dropName, type Evaluation, type Work } from '../engine/evaluation.ts';
import {
  type Grid,
  type GridSeries,
  hasValues,
  joinSameLabels,
  timeOfStep,
  type VectorValue,
  vectorOf,
} from '../engine/value.ts';
import {
  boundsOf,
  evaluateRangeVector,
  type RangeSeries,
  type RangeVector,
} from '../engine/window.ts';
import { type Call, type Expr, typeOf, withoutParens } from '../syntax/ast.ts';
import { quote } from '../syntax/quotation.ts';
import { changes, countOverTime, lastOverTime, presentOverTime, resets } from './counting.ts';
import { maxOverTime, minOverTime } from './extreme.ts';
import type { Kernel, KernelInput, KernelOutput, Window, WindowKernel } from './kernel.ts';
import { avgOverTime, stddevOverTime, stdvarOverTime, sumOverTime } from './moments.ts';
import { quantileOverTime } from './quantile-over-time.ts';
import { delta, idelta, increase, irate, rate } from './rate.ts';
import { deriv, predictLinear } from './regression.ts';

const KERNELS: ReadonlyMap<string, Kernel> = new Map([
  ['avg_over_time', avgOverTime],
  ['changes', changes],
  ['count_over_time', countOverTime],
  ['delta', delta],
  ['deriv', deriv],
  ['idelta', idelta],
  ['increase', increase],
  ['irate', irate],
  ['last_over_time', lastOverTime],
  ['max_over_time', maxOverTime],
  ['min_over_time', minOverTime],
  ['predict_linear', predictLinear],
  ['present_over_time', presentOverTime],
  ['quantile_over_time', quantileOverTime],
  ['rate', rate],
  ['resets', resets],
  ['stddev_over_time', stddevOverTime],
  ['stdvar_over_time', stdvarOverTime],
  ['sum_over_time', sumOverTime],
]);

/** Window computations visit this many samples between two pauses. */
const SAMPLES_A_SLICE = 100_000;

/** Finds how a function of a range vector computes; `undefined` for other functions. */
export function findKernel(name: string): Kernel | undefined {
  return KERNELS.get(name);
}

/** Evaluates a call of a function that takes a range vector. */
export function* callRangeFunction(
  call: Call,
  { kernel, grid }: { readonly kernel: Kernel; readonly grid: Grid },
  evaluation: Evaluation,
): Work<VectorValue> {
  const param = yield* evaluateParam(call, grid, evaluation);
  const arg = rangeArgumentOf(call);
  const { name: func } = call.signature;
  const range = yield* evaluateRangeVector(arg, { grid, func }, evaluation);
  const share = windowShare(func, arg.rangeMs, range.rangeMs);
  const times = Float64Array.from({ length: grid.count }, (_, step) => timeOfStep(grid, step));
  const result: GridSeries[] = [];
  for (const series of range.series) {
    const labels = labelsAfter(call, series, evaluation);
    const out = { ...createSeries(series.labels, grid, evaluation), ...labels };
    const input = { ...boundsOf(series.tMs, range), ...inputOf(series, range), times, param };
    yield* run(kernel, input, out);
    if (share !== 1) scale(out.values, share);
    annotate(call, { input, out, series }, evaluation);
    result.push(out);
    if (evaluation.budget.spend(series.tMs.length + grid.count)) yield;
  }
  if (range.rangeMs !== arg.rangeMs && result.length > 0) explainWindow(arg, range, evaluation);
  return vectorOf(joinSameLabels(result.filter(hasValues)));
}

function scale(values: Float64Array, factor: number): void {
  for (let step = 0; step < values.length; step += 1) values[step] = (values[step] ?? 0) * factor;
}

function explainWindow(
  { rangeMs, position }: Extract<Expr, { kind: 'range' | 'subquery' }>,
  range: RangeVector,
  { annotations, bucketMs = 0 }: Evaluation,
): void {
  const [asked, taken, width] = [rangeMs, range.rangeMs, bucketMs].map(printDuration);
  annotations.inform(
    `the window of ${asked} was answered from ${taken}, since samples are read in buckets of ${width}`,
    position,
  );
}

/** The range vector among a call's arguments. */
export function rangeArgumentOf(call: Call): Extract<Expr, { kind: 'range' | 'subquery' }> {
  for (const arg of call.args.map(withoutParens)) {
    if (arg.kind === 'range' || arg.kind === 'subquery') return arg;
  }
  throw new Error(`BUG: ${call.signature.name}() has no range vector; want one after type checks`);
}

function* evaluateParam(call: Call, grid: Grid, evaluation: Evaluation): Work<Float64Array> {
  const arg = call.args.find((one) => typeOf(one) === 'scalar');
  const value = arg === undefined ? undefined : yield* evaluation.evaluate(arg, grid);
  return value?.type === 'scalar' ? value.values : new Float64Array();
}

function inputOf(
  { tMs, values, counts }: RangeSeries,
  { ends, rangeMs }: RangeVector,
): Pick<KernelInput, 'tMs' | 'values' | 'counts' | 'ends' | 'rangeMs'> {
  return { tMs, values, counts, ends, rangeMs };
}

/** `last_over_time` gives values of the metric itself, and so keeps its name. */
function labelsAfter(
  call: Call,
  series: RangeSeries,
  evaluation: Evaluation,
): Pick<GridSeries, 'labels' | 'dropName'> {
  if (call.signature.name !== 'last_over_time') return dropName(series.labels, evaluation);
  return { labels: series.labels, dropName: series.dropName };
}

function* run(kernel: Kernel, input: KernelInput, out: KernelOutput): Work<void> {
  if (kernel.kind === 'sweep') {
    kernel.run(input, out);
    return;
  }
  for (let step = 0; step < input.from.length;) {
    step = runSlice(kernel, { input, out }, step);
    if (step < input.from.length) yield;
  }
}

/** Computes windows from a step on until the slice is full; gives the step after the last. */
function runSlice(
  { minSamples, compute }: WindowKernel,
  { input, out }: { readonly input: KernelInput; readonly out: KernelOutput },
  first: number,
): number {
  const window: Window = { from: 0, to: 0, step: first };
  for (
    let visited = 0;
    window.step < input.from.length && visited < SAMPLES_A_SLICE;
    window.step += 1
  ) {
    const { step } = window;
    window.from = input.from[step] ?? 0;
    window.to = input.to[step] ?? 0;
    const size = window.to - window.from;
    visited += size;
    if (size < minSamples) continue;
    out.values[step] = compute(input, window);
    out.present[step] = 1;
  }
  return window.step;
}

interface Outcome {
  readonly input: KernelInput;
  readonly out: GridSeries;
  readonly series: RangeSeries;
}

function annotate(call: Call, { input, out, series }: Outcome, { annotations }: Evaluation): void {
  const { name } = call.signature;
  const [arg] = call.args;
  if (arg === undefined) return;
  if (name === 'quantile_over_time') {
    for (const [step, quantile] of input.param.entries()) {
      const isQuantile = quantile >= 0 && quantile <= 1;
      if (!isQuantile && out.present[step] === 1) {
        annotations.warn(invalidQuantile(quantile), arg.position);
      }
    }
  }
  const metric = labelValue(series.labels, METRIC_NAME);
  const isCounterName = /_(?:total|sum|count|bucket)$/.test(metric);
  if (
    (name === 'rate' || name === 'increase') &&
    metric !== '' &&
    !isCounterName &&
    hasValues(out)
  ) {
    const text = 'metric might not be a counter, name does not end in _total/_sum/_count/_bucket:';
    annotations.inform(`${text} ${quote(metric)}`, arg.position);
  }
}
