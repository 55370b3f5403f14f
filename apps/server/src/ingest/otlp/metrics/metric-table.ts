import type { Label, Labels } from '@hubpulse/model';
import { createLabels, METRIC_NAME } from '@hubpulse/model';
import type { IngestLimits } from '../../limits.ts';
import type { MetricMetadata } from '../../metric-metadata.ts';
import { ProtobufReader } from '../../protobuf.ts';
import { decodeText } from '../attribute-field.ts';
import { readResource, readScope, targetInfoLabels, targetLabels } from '../resource.ts';
import type { Metric } from './metric.ts';
import { type MetricKind, metricNameOf, unitNameOf } from './metric-name.ts';
import type { PointBatch } from './point-batch.ts';

/** What keys of the batch's cache may be of. */
export const KeyKind = { RESOURCE: 1, SCOPE: 2, METRIC: 3, POINT: 4 } as const;

/** The name under which what is known of a resource is stored. */
const TARGET_INFO = 'target_info';

/** How often `target_info` is written: well within the five minutes after which a series counts as gone. */
const INFO_INTERVAL_MS = 60_000;

/** A part of a message: from `start` to before `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A resource that was seen. */
export interface ResourceEntry {
  readonly id: number;
  readonly shared: readonly Label[];
  readonly info: Labels;
  /** The slot of its `target_info`. */
  readonly slot: number;
}

/** A scope that was seen. */
interface ScopeEntry {
  readonly id: number;
  readonly label: Label;
}

/** What a metric says of itself, as ranges of the message. */
export interface MetricHead {
  readonly name: Range;
  readonly description: Range;
  readonly unit: Range;
  readonly kind: MetricKind;
  readonly isDelta: boolean;
}

const KINDS: readonly MetricKind[] = [
  'gauge',
  'sum',
  'counter',
  'histogram',
  'exponential_histogram',
  'summary',
];

/** How Prometheus calls the types. */
const TYPES: Readonly<Record<MetricKind, 'gauge' | 'counter' | 'histogram' | 'summary'>> = {
  gauge: 'gauge',
  sum: 'gauge',
  counter: 'counter',
  histogram: 'histogram',
  exponential_histogram: 'histogram',
  summary: 'summary',
};

/** Makes an entry of its number and its slot. */
type Make<T> = (id: number, slot: number) => T;

/** Knows resources, scopes and metrics by their bytes, so that one that was seen costs no string. */
export class MetricTable {
  readonly #batch: PointBatch;
  readonly #limits: IngestLimits;
  readonly #metadata: MetricMetadata;
  readonly #reader = new ProtobufReader();
  #bytes = new Uint8Array(0) as Uint8Array;
  #resources: ResourceEntry[] = [];
  #scopes: ScopeEntry[] = [];
  #metrics: Metric[] = [];
  #generation = 0;

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
    this.#limits = limits;
    this.#metadata = metadata;
  }

  /** Begins a request. */
  open(bytes: Uint8Array): void {
    this.#bytes = bytes;
    if (this.#generation === this.#batch.generation) return;
    this.#generation = this.#batch.generation;
    this.#resources = [];
    this.#scopes = [];
    this.#metrics = [];
  }

  /** The resource whose message is in a range. @throws Refusal `malformed` */
  resource(range: Range): ResourceEntry {
    this.#beginKey(KeyKind.RESOURCE, range);
    return this.#find(this.#resources, (id, slot) => {
      const attributes = readResource(this.#readerOf(range));
      return {
        id,
        shared: targetLabels(attributes),
        info: this.#fit([[METRIC_NAME, TARGET_INFO], ...targetInfoLabels(attributes)]),
        slot,
      };
    });
  }

  /** The scope whose message is in a range. @throws Refusal `malformed` */
  scope(range: Range): ScopeEntry {
    this.#beginKey(KeyKind.SCOPE, range);
    return this.#find(this.#scopes, (id) => ({
      id,
      label: ['otel_scope_name', readScope(this.#readerOf(range)).name],
    }));
  }

  /** A metric of a scope of a resource. @throws Refusal `malformed` */
  metric(resource: ResourceEntry, scope: ScopeEntry, head: MetricHead): Metric {
    const { key } = this.#batch;
    key.begin(KeyKind.METRIC, resource.id);
    key.appendWord(scope.id);
    key.appendByte(2 * KINDS.indexOf(head.kind) + Number(head.isDelta));
    key.appendWord(head.name.end - head.name.start);
    key.append(this.#bytes, head.name.start, head.name.end);
    key.append(this.#bytes, head.unit.start, head.unit.end);
    return this.#find(this.#metrics, (id) => {
      const unit = this.#textIn(head.unit);
      const name = metricNameOf(this.#textIn(head.name), unit, head.kind);
      this.#metadata.record(name, {
        type: TYPES[head.kind],
        help: this.#textIn(head.description),
        unit: unitNameOf(unit),
      });
      const { kind, isDelta } = head;
      return { id, kind, isDelta, name, shared: [...resource.shared, scope.label] };
    });
  }

  /** Adds `target_info` of a resource with points up to `tMs`, unless it was written within the last minute. */
  pushInfo({ slot, info }: ResourceEntry, tMs: number): void {
    const { slots, columns } = this.#batch;
    if (Math.abs(tMs - slots.time(slot)) < INFO_INTERVAL_MS) return;
    if (!this.#batch.isDescribed(slot)) this.#batch.describe(slot, [info], 0);
    columns.pushValue(slot, tMs, 1);
    slots.set(slot, 1, tMs);
  }

  #beginKey(kind: number, range: Range): void {
    const { key } = this.#batch;
    key.begin(kind, 0);
    key.append(this.#bytes, range.start, range.end);
  }

  /** The entry of the batch's key. Each takes a slot, so that entries are bounded as slots are. */
  #find<T>(entries: T[], make: Make<T>): T {
    const known = this.#batch.find();
    if (known !== 0) return entries[known - 1] as T;
    const entry = make(entries.length + 1, this.#batch.slots.take(1));
    this.#batch.learn(entries.push(entry));
    return entry;
  }

  #readerOf({ start, end }: Range): ProtobufReader {
    this.#reader.open(this.#bytes, start, end);
    return this.#reader;
  }

  #textIn(range: Range): string {
    return decodeText(this.#bytes, range.start, range.end);
  }

  /** As many labels as a series may have; what is too long is left out, since nobody sent it as a label. */
  #fit(labels: readonly Label[]): Labels {
    const { maxLabels, maxLabelBytes } = this.#limits;
    const short = createLabels(labels).filter(
      ([name, value]) =>
        Buffer.byteLength(name) <= maxLabelBytes && Buffer.byteLength(value) <= maxLabelBytes,
    );
    const isKept = new Set([METRIC_NAME, 'job', 'instance']);
    const first = short.filter(([name]) => isKept.has(name));
    const others = short.filter(([name]) => !isKept.has(name));
    return createLabels([...first, ...others.slice(0, Math.max(0, maxLabels - first.length))]);
  }
}
