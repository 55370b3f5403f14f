import type { Labels, SeriesColumns } from '@hubpulse/model';
import type { InstantResult, RangeResult } from '@hubpulse/promql';
import { JsonBytes } from './json-bytes.ts';

/** An answer leaves in pieces of about this size: a millisecond's work, with room for a series in memory of 64 KB. */
const PIECE_BYTES = 60 * 1024;

/**
 * Writes type and result of an answer as two members of an object, and yields a piece whenever one is full: an answer of a
 * million points is never in memory as a whole. Times are Unix seconds, values are strings, as Prometheus writes them.
 */
export function* resultMembers(
  json: JsonBytes,
  result: InstantResult | RangeResult,
): Generator<Buffer> {
  json.raw(`"resultType":"${result.type}","result":`);
  if (result.type === 'matrix') yield* writeMatrix(json, result);
  else if (result.type === 'vector') yield* writeVector(json, result);
  else if (result.type === 'scalar') writePair(json, result.tMs, result.value);
  else {
    writeTime(json, result.tMs);
    json.string(result.value);
    json.raw(']');
  }
}

/** Samples with their own times: a range selector asked for at one instant. */
type OwnTimes = Extract<InstantResult, { type: 'matrix' }>;

function* writeMatrix(json: JsonBytes, result: RangeResult | OwnTimes): Generator<Buffer> {
  json.raw('[');
  if (isRange(result)) {
    const times = timesOf(result.tMs);
    for (const [i, { labels, values, present }] of result.series.entries()) {
      openSeries(json, labels, i);
      yield* writeSteps(json, { times, values, present });
      json.raw(']}');
    }
  } else {
    for (const [i, series] of result.series.entries()) {
      openSeries(json, series.labels, i);
      yield* writeSamples(json, series);
      json.raw(']}');
    }
  }
  json.raw(']');
}

function isRange(result: RangeResult | OwnTimes): result is RangeResult {
  return typeof result.tMs !== 'number';
}

function openSeries(json: JsonBytes, labels: Labels, index: number): void {
  json.raw(index === 0 ? '{"metric":' : ',{"metric":');
  writeMetric(json, labels);
  json.raw(',"values":[');
}

/** What stands between two values, `"],[1700000000,"`: the same in every series, so it is written once. */
interface TimeTexts {
  readonly bytes: Uint8Array;
  /** Where the text of each step begins, and at last where all of them end. */
  readonly starts: Uint32Array;
}

/** Bytes of such a text that end the pair before; the first pair of a series begins without. */
const END_OF_PAIR = '"],';

function timesOf(tMs: Float64Array): TimeTexts {
  const json = new JsonBytes();
  const starts = new Uint32Array(tMs.length + 1);
  for (let step = 0; step < tMs.length; step++) {
    starts[step] = json.length;
    json.raw(END_OF_PAIR);
    writeTime(json, tMs[step] as number);
    json.raw('"');
  }
  starts[tMs.length] = json.length;
  return { bytes: json.take(), starts };
}

interface Steps {
  readonly times: TimeTexts;
  readonly values: Float64Array;
  readonly present: Uint8Array;
}

function* writeSteps(json: JsonBytes, { times, values, present }: Steps): Generator<Buffer> {
  const { bytes, starts } = times;
  let skipped = END_OF_PAIR.length;
  for (let step = 0; step < values.length; step++) {
    if (present[step] === 0) continue;
    json.copy(bytes, (starts[step] as number) + skipped, starts[step + 1] as number);
    json.number(values[step] as number);
    skipped = 0;
    if (json.length >= PIECE_BYTES) yield json.take();
  }
  if (skipped === 0) json.raw('"]');
}

function* writeSamples(json: JsonBytes, { tMs, values }: SeriesColumns): Generator<Buffer> {
  for (let row = 0; row < tMs.length; row++) {
    if (row > 0) json.raw(',');
    writePair(json, tMs[row] as number, values[row] as number);
    if (json.length >= PIECE_BYTES) yield json.take();
  }
}

function* writeVector(
  json: JsonBytes,
  { tMs, samples }: Extract<InstantResult, { type: 'vector' }>,
): Generator<Buffer> {
  json.raw('[');
  for (const [i, { labels, value }] of samples.entries()) {
    json.raw(i === 0 ? '{"metric":' : ',{"metric":');
    writeMetric(json, labels);
    json.raw(',"value":');
    writePair(json, tMs, value);
    json.raw('}');
    if (json.length >= PIECE_BYTES) yield json.take();
  }
  json.raw(']');
}

/** Numbers of JSON know neither NaN nor infinities, so values stand in quotes. */
function writePair(json: JsonBytes, tMs: number, value: number): void {
  writeTime(json, tMs);
  json.raw('"');
  json.number(value);
  json.raw('"]');
}

function writeTime(json: JsonBytes, tMs: number): void {
  json.raw('[');
  json.number(tMs / 1000);
  json.raw(',');
}

function writeMetric(json: JsonBytes, labels: Labels): void {
  json.raw('{');
  for (let i = 0; i < labels.length; i++) {
    const [name, value] = labels[i] as Labels[number];
    if (i > 0) json.raw(',');
    json.string(name);
    json.raw(':');
    json.string(value);
  }
  json.raw('}');
}

/** A label set as a JSON object; built by hand, since a label may be called `__proto__`. */
export function metricJson(labels: Labels): string {
  return `{${labels.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;
}
