import type { Labels } from '@hubpulse/model';
import type { InstantResult, RangeResult } from '@hubpulse/promql';
import { formatNumber } from '../../self/metric-family.ts';

/**
 * The `data` of an answer as pieces of JSON text, so that a large one is sent while it is made: an answer of a million
 * points is never one string. Times are Unix seconds, values are strings, as Prometheus writes them.
 */
export function* resultJson(result: InstantResult | RangeResult): Generator<string> {
  yield `{"resultType":"${result.type}","result":`;
  if (result.type === 'matrix') yield* matrixJson(result);
  else if (result.type === 'vector') yield* vectorJson(result);
  else
    yield pairJson(
      result.tMs,
      result.type === 'scalar' ? formatNumber(result.value) : result.value,
    );
  yield '}';
}

/** Samples with their own times: a range selector asked for at one instant. */
type OwnTimes = Extract<InstantResult, { type: 'matrix' }>;

function* matrixJson(result: RangeResult | OwnTimes): Generator<string> {
  yield '[';
  let separator = '';
  for (const series of isRange(result) ? gridSeries(result) : ownSeries(result)) {
    yield separator + series;
    separator = ',';
  }
  yield ']';
}

function isRange(result: RangeResult | OwnTimes): result is RangeResult {
  return typeof result.tMs !== 'number';
}

/** Series over the shared steps of a range query. */
function* gridSeries({ tMs, series }: RangeResult): Generator<string> {
  for (const { labels, values, present } of series) {
    const pairs: string[] = [];
    for (let step = 0; step < tMs.length; step++) {
      if (present[step] === 1)
        pairs.push(pairJson(tMs[step] ?? 0, formatNumber(values[step] ?? Number.NaN)));
    }
    yield `{"metric":${metricJson(labels)},"values":[${pairs.join(',')}]}`;
  }
}

function* ownSeries({ series }: OwnTimes): Generator<string> {
  for (const { labels, tMs, values } of series) {
    const pairs = Array.from(values, (value, row) => pairJson(tMs[row] ?? 0, formatNumber(value)));
    yield `{"metric":${metricJson(labels)},"values":[${pairs.join(',')}]}`;
  }
}

function* vectorJson({
  tMs,
  samples,
}: Extract<InstantResult, { type: 'vector' }>): Generator<string> {
  yield '[';
  let separator = '';
  for (const { labels, value } of samples) {
    yield `${separator}{"metric":${metricJson(labels)},"value":${pairJson(tMs, formatNumber(value))}}`;
    separator = ',';
  }
  yield ']';
}

/** Numbers of JSON know neither NaN nor infinities, so values stand in quotes. */
function pairJson(tMs: number, value: string): string {
  return `[${tMs / 1000},${JSON.stringify(value)}]`;
}

/** A label set as a JSON object; built by hand, since a label may be called `__proto__`. */
export function metricJson(labels: Labels): string {
  return `{${labels.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;
}
