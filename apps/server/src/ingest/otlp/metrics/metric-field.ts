import type { ProtobufReader } from '../../protobuf.ts';
import { Refusal } from '../../refusal.ts';
import type { MetricKind } from './metric-name.ts';
import type { MetricHead, Range } from './metric-table.ts';

/** Fields of `Metric`. */
const NAME_TAG = 0x0a;
const DESCRIPTION_TAG = 0x12;
const UNIT_TAG = 0x1a;

/** Those of them that hold the data. */
const DATA_KINDS: ReadonlyMap<number, MetricKind> = new Map([
  [0x2a, 'gauge'],
  [0x3a, 'sum'],
  [0x4a, 'histogram'],
  [0x52, 'exponential_histogram'],
  [0x5a, 'summary'],
]);

/** Fields of `Sum`, `Histogram` and `ExponentialHistogram`. */
const TEMPORALITY_TAG = 0x10;
const MONOTONIC_TAG = 0x18;

/** `AggregationTemporality`. */
const DELTA = 1;
const CUMULATIVE = 2;

/** A metric of a message, and where its data is. */
export interface FoundMetric {
  readonly head: MetricHead;
  readonly data: Range;
}

const EMPTY: Range = { start: 0, end: 0 };

/**
 * Reads a `Metric` but for its data points.
 *
 * @param reader Stands at the start of the message, which reaches to its end; afterwards it stands behind it.
 * @returns `undefined` for one without data of a kind that we know.
 * @throws Refusal `malformed`
 */
export function readMetric(reader: ProtobufReader): FoundMetric | undefined {
  const head = { name: EMPTY, description: EMPTY, unit: EMPTY };
  let kind: MetricKind | undefined;
  let data = EMPTY;
  while (reader.at < reader.end) {
    const tag = reader.readVarint();
    const dataKind = DATA_KINDS.get(tag);
    if (dataKind !== undefined) {
      kind = dataKind;
      data = readRange(reader);
    } else if (tag === NAME_TAG) head.name = readRange(reader);
    else if (tag === DESCRIPTION_TAG) head.description = readRange(reader);
    else if (tag === UNIT_TAG) head.unit = readRange(reader);
    else reader.skip(tag);
  }
  return kind === undefined
    ? undefined
    : { head: { ...head, ...detailsOf(reader, kind, data) }, data };
}

function readRange(reader: ProtobufReader): Range {
  const end = reader.readLength();
  const range = { start: reader.at, end };
  reader.at = end;
  return range;
}

/** What the data says of itself, which stands behind its points. */
function detailsOf(
  reader: ProtobufReader,
  kind: MetricKind,
  data: Range,
): Pick<MetricHead, 'kind' | 'isDelta'> {
  if (kind === 'gauge' || kind === 'summary') return { kind, isDelta: false };
  const { at, end } = reader;
  reader.at = data.start;
  reader.end = data.end;
  let temporality = 0;
  let isMonotonic = false;
  while (reader.at < reader.end) {
    const tag = reader.readVarint();
    if (tag === TEMPORALITY_TAG) temporality = reader.readVarint();
    else if (tag === MONOTONIC_TAG && kind === 'sum') isMonotonic = reader.readVarint() !== 0;
    else reader.skip(tag);
  }
  reader.at = at;
  reader.end = end;
  return { kind: isMonotonic ? 'counter' : kind, isDelta: isDelta(temporality) };
}

function isDelta(temporality: number): boolean {
  if (temporality === DELTA || temporality === CUMULATIVE) return temporality === DELTA;
  throw new Refusal(
    'malformed',
    `got the aggregation temporality ${temporality}; want 1 (delta) or 2 (cumulative)`,
  );
}
