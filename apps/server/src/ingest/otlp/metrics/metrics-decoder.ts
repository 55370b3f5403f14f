import { createLabels, type Labels, METRIC_NAME } from '@hubpulse/model';
import type { IngestLimits } from '../../limits.ts';
import type { MetricMetadata } from '../../metric-metadata.ts';
import { ProtobufReader } from '../../protobuf.ts';
import { Refusal } from '../../refusal.ts';
import { eachMessage } from '../nested-message.ts';
import { EXPONENTIAL_ATTRIBUTE_TAG, ExponentialPoint } from './exponential-point.ts';
import { ExponentialSeries, notNewer } from './exponential-series.ts';
import { HISTOGRAM_ATTRIBUTE_TAG, HistogramPoint } from './histogram-point.ts';
import type { Metric } from './metric.ts';
import { readMetric } from './metric-field.ts';
import type { MetricKind } from './metric-name.ts';
import { KeyKind, MetricTable, type Range, type ResourceEntry } from './metric-table.ts';
import { NUMBER_ATTRIBUTE_TAG, NumberPoint } from './number-point.ts';
import type { PointBatch } from './point-batch.ts';
import { PointFields } from './point-field.ts';
import { type AskedPoint, PointSeries } from './point-series.ts';
import { SUMMARY_ATTRIBUTE_TAG, SummaryPoint } from './summary-point.ts';

/** Fields of `ExportMetricsServiceRequest`, `ResourceMetrics` and `ScopeMetrics`. */
const RESOURCE_METRICS_TAG = 0x0a;
const RESOURCE_TAG = 0x0a;
const SCOPE_METRICS_TAG = 0x12;
const SCOPE_TAG = 0x0a;
const METRIC_TAG = 0x12;

/** Field 1 of every kind of data. */
const POINT_TAG = 0x0a;

const EMPTY: Range = { start: 0, end: 0 };
const ONE_SERIES = [{ suffix: '' }] as const;

/** What a request holds beside its samples. */
export interface DecodedMetrics {
  /** Data points, taken and refused. */
  readonly points: number;
  readonly exemplars: number;
}

/** Decodes `ExportMetricsServiceRequest` into a batch. */
export class MetricsDecoder {
  readonly #batch: PointBatch;
  readonly #reader = new ProtobufReader();
  readonly #table: MetricTable;
  readonly #series: PointSeries;
  readonly #exponential: ExponentialSeries;
  readonly #fields = new PointFields();
  readonly #number = new NumberPoint();
  readonly #histogram = new HistogramPoint();
  readonly #exponentialPoint = new ExponentialPoint();
  readonly #summary = new SummaryPoint();
  #points = 0;
  #exemplars = 0;
  /** The newest time of a resource's points. */
  #newestMs = 0;

  constructor({
    batch,
    limits,
    metadata,
  }: {
    batch: PointBatch;
    limits: IngestLimits;
    metadata: MetricMetadata;
  }) {
    this.#batch = batch;
    this.#table = new MetricTable({ batch, limits, metadata });
    this.#series = new PointSeries({ batch, limits });
    this.#exponential = new ExponentialSeries({ batch, series: this.#series });
  }

  /**
   * Reads every data point into the batch, which has begun.
   *
   * @throws Refusal `malformed`, `too_large`, `label_limit`
   */
  decode(bytes: Uint8Array): DecodedMetrics {
    const reader = this.#reader;
    this.#points = 0;
    this.#exemplars = 0;
    this.#table.open(bytes);
    reader.open(bytes);
    eachMessage(reader, RESOURCE_METRICS_TAG, () => this.#readResourceMetrics());
    return { points: this.#points, exemplars: this.#exemplars };
  }

  #readResourceMetrics(): void {
    const reader = this.#reader;
    const { at } = reader;
    const resource = this.#table.resource(findMessage(reader, RESOURCE_TAG));
    this.#newestMs = 0;
    reader.at = at;
    eachMessage(reader, SCOPE_METRICS_TAG, () => this.#readScopeMetrics(resource));
    if (this.#newestMs > 0) this.#table.pushInfo(resource, this.#newestMs);
  }

  #readScopeMetrics(resource: ResourceEntry): void {
    const reader = this.#reader;
    const { at } = reader;
    const scope = this.#table.scope(findMessage(reader, SCOPE_TAG));
    reader.at = at;
    eachMessage(reader, METRIC_TAG, () => {
      const found = readMetric(reader);
      if (found === undefined) return;
      const metric = this.#table.metric(resource, scope, found.head);
      this.#readPoints(metric, found.data);
    });
  }

  #readPoints(metric: Metric, data: Range): void {
    const reader = this.#reader;
    const outerEnd = reader.end;
    const read = READERS[metric.kind];
    reader.at = data.start;
    reader.end = data.end;
    while (reader.at < data.end) {
      const tag = reader.readVarint();
      if (tag !== POINT_TAG) {
        reader.skip(tag);
        continue;
      }
      const end = reader.readLength();
      reader.end = end;
      this.#points++;
      read(this, metric);
      reader.at = end;
      reader.end = data.end;
    }
    reader.end = outerEnd;
    reader.at = outerEnd;
  }

  /** Reads a number, of a gauge or a sum. */
  readNumber(metric: Metric): void {
    const point = this.#number;
    const fields = this.#fields;
    const batch = this.#batch;
    point.read(this.#reader, fields);
    const attributes = this.#beginKey(metric, NUMBER_ATTRIBUTE_TAG);
    if (!this.#isTimely(metric)) return;
    if (!fields.isStale && !this.#hasGoodValue(metric)) return;
    const slot = this.#firstSlot({ metric, attributes, fields, shapes: () => ONE_SERIES });
    if (slot === 0) return;
    if (fields.isStale) {
      batch.pushStale(slot, fields.tMs);
    } else if (metric.isDelta) {
      this.#addUp(slot, point.value);
    } else if (point.isDouble) {
      const row = batch.columns.length;
      batch.columns.push(fields.tMs, point.lowBits, point.highBits);
      batch.columns.setRef(slot, row, row + 1);
    } else {
      batch.columns.pushValue(slot, fields.tMs, point.value);
    }
  }

  /** Reads a histogram with explicit bounds. */
  readHistogram(metric: Metric): void {
    const point = this.#histogram;
    const fields = this.#fields;
    point.read(this.#reader, fields);
    const attributes = this.#beginKey(metric, HISTOGRAM_ATTRIBUTE_TAG, point);
    if (!this.#isTimely(metric)) return;
    if (!fields.isStale && !point.isComplete()) {
      this.#batch.refuse(incomplete(point.counts.length, point.bounds.length));
      return;
    }
    const shapes = (): ReturnType<HistogramPoint['shapes']> => point.shapes();
    const first = this.#firstSlot({ metric, attributes, fields, shapes });
    if (first === 0) return;
    const { length } = point.bounds;
    let count = 0;
    for (let i = 0; i < length; i++) {
      count += point.counts.values[i] as number;
      this.#put(metric, first + i, count);
    }
    this.#put(metric, first + length, point.count);
    this.#put(metric, first + length + 1, point.count);
    if (point.hasSum) this.#put(metric, first + length + 2, point.sum);
  }

  /** Reads an exponential histogram. */
  readExponential(metric: Metric): void {
    this.#exponentialPoint.read(this.#reader, this.#fields);
    const attributes = this.#beginKey(metric, EXPONENTIAL_ATTRIBUTE_TAG, {
      appendShape: (key) => key.appendByte(Number(this.#exponentialPoint.hasSum)),
    });
    if (!this.#isTimely(metric)) return;
    this.#exponential.push({ metric, attributes, fields: this.#fields }, this.#exponentialPoint);
  }

  /** Reads a summary. */
  readSummary(metric: Metric): void {
    const point = this.#summary;
    const fields = this.#fields;
    point.read(this.#reader, fields);
    const attributes = this.#beginKey(metric, SUMMARY_ATTRIBUTE_TAG, point);
    if (!this.#isTimely(metric)) return;
    const shapes = (): ReturnType<SummaryPoint['shapes']> => point.shapes();
    const first = this.#series.firstSlot({ metric, attributes, fields, shapes });
    if (first === 0) return;
    const { length } = point.quantiles;
    for (let i = 0; i < length; i++) this.#put(metric, first + i, point.values.values[i] as number);
    this.#put(metric, first + length, point.count);
    this.#put(metric, first + length + 1, point.sum);
  }

  /** Puts the key of the point at hand together. */
  #beginKey(
    metric: Metric,
    tag: number,
    shape?: Pick<HistogramPoint, 'appendShape'>,
  ): AskedPoint['attributes'] {
    const { key } = this.#batch;
    key.begin(KeyKind.POINT, metric.id);
    shape?.appendShape(key);
    const start = key.length;
    this.#fields.appendAttributes(key, this.#reader);
    this.#exemplars += this.#fields.exemplars;
    return { start, tag };
  }

  #isTimely(metric: Metric): boolean {
    const { tMs } = this.#fields;
    if (!this.#batch.isInTime(tMs, () => nameOnly(metric))) return false;
    if (tMs > this.#newestMs) this.#newestMs = tMs;
    return true;
  }

  #hasGoodValue({ kind, isDelta }: Metric): boolean {
    const { hasValue, value } = this.#number;
    const isGood = !isDelta || (Number.isFinite(value) && (kind !== 'counter' || value >= 0));
    if (hasValue && isGood) return true;
    const got = hasValue ? `a delta of ${value}` : 'a data point without a value';
    this.#batch.refuse(
      new Refusal('malformed', `got ${got}; want a number, and of a counter none below zero`),
    );
    return false;
  }

  /** The first slot of a point whose values may be deltas; 0 for one that was refused. */
  #firstSlot(point: AskedPoint): number {
    const slot = this.#series.firstSlot(point);
    const { isStale, tMs } = point.fields;
    if (slot === 0 || !point.metric.isDelta || isStale) return slot;
    if (tMs > this.#batch.slots.time(slot)) return slot;
    this.#batch.refuse(notNewer());
    return 0;
  }

  #put({ isDelta }: Metric, slot: number, value: number): void {
    const { tMs, isStale } = this.#fields;
    if (isStale) this.#batch.pushStale(slot, tMs);
    else if (isDelta) this.#addUp(slot, value);
    else this.#batch.columns.pushValue(slot, tMs, value);
  }

  #addUp(slot: number, delta: number): void {
    const { slots, columns } = this.#batch;
    const { tMs } = this.#fields;
    const total = slots.total(slot) + delta;
    slots.set(slot, total, tMs);
    columns.pushValue(slot, tMs, total);
  }
}

/** How the points of each kind are read. */
const READERS: Readonly<Record<MetricKind, (decoder: MetricsDecoder, metric: Metric) => void>> = {
  gauge: (decoder, metric) => decoder.readNumber(metric),
  sum: (decoder, metric) => decoder.readNumber(metric),
  counter: (decoder, metric) => decoder.readNumber(metric),
  histogram: (decoder, metric) => decoder.readHistogram(metric),
  exponential_histogram: (decoder, metric) => decoder.readExponential(metric),
  summary: (decoder, metric) => decoder.readSummary(metric),
};

/** The last message of a field in what is left of a message; empty where there is none. */
function findMessage(reader: ProtobufReader, tag: number): Range {
  let found = EMPTY;
  eachMessage(reader, tag, () => {
    found = { start: reader.at, end: reader.end };
    reader.at = reader.end;
  });
  return found;
}

/** What a message about a point calls it, before its labels are known. */
function nameOnly({ name, shared }: Metric): Labels {
  return createLabels([[METRIC_NAME, name], ...shared]);
}

function incomplete(counts: number, bounds: number): Refusal {
  return new Refusal(
    'malformed',
    `got a histogram with ${counts} counts for ${bounds} bounds; want one more than bounds`,
  );
}
