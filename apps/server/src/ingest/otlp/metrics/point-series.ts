import { createHash } from 'node:crypto';
import { type Labels, labelsKey } from '@hubpulse/model';
import type { LabelLimits } from '../../label-rules.ts';
import { ProtobufReader } from '../../protobuf.ts';
import { Refusal } from '../../refusal.ts';
import { readAttributes } from '../attribute-field.ts';
import { type Metric, type SeriesShape, seriesLabels } from './metric.ts';
import type { PointBatch } from './point-batch.ts';
import type { PointFields } from './point-field.ts';

/** Where the attributes of the point at hand are in its key, and their tag. */
export interface KeyedAttributes {
  readonly start: number;
  readonly tag: number;
}

/** A point whose series are asked for. */
export interface AskedPoint {
  readonly metric: Metric;
  readonly attributes: KeyedAttributes;
  readonly fields: PointFields;
  /** Its series; only called when they are not known. @throws Refusal for a point that has no valid ones. */
  readonly shapes: () => readonly SeriesShape[];
}

/** Finds the series of data points, and describes those that are new. */
export class PointSeries {
  readonly #batch: PointBatch;
  readonly #limits: LabelLimits;
  readonly #reader = new ProtobufReader();
  /** First slots of points that are added up, by their label sets: a sender may order attributes in many ways. */
  #added = new Map<string, number>();
  #generation = 0;

  constructor({ batch, limits }: { batch: PointBatch; limits: LabelLimits }) {
    this.#batch = batch;
    this.#limits = limits;
  }

  /**
   * The first slot of the series of the batch's key; those that follow are in the next slots. What the point cannot have is
   * refused.
   *
   * @returns 0 for a point that was refused.
   */
  firstSlot(point: AskedPoint): number {
    const known = this.#batch.find();
    if (known !== 0 && this.#batch.isDescribed(known)) return known;
    const labels = this.labels(point);
    return labels === undefined ? 0 : this.#describe(point, labels, known);
  }

  /** The label sets of a point's series; `undefined` for a point that was refused. @throws Refusal `malformed` */
  labels({ metric, attributes: { start, tag }, shapes }: AskedPoint): Labels[] | undefined {
    const { key } = this.#batch;
    this.#reader.open(key.bytes, start, key.length);
    const attributes = readAttributes(this.#reader, tag);
    try {
      return seriesLabels(metric, attributes, { shapes: shapes(), limits: this.#limits });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#batch.refuse(error);
      return undefined;
    }
  }

  /** Writes the zero from which the series of a point that was just described begin to count. */
  beginAtZero(
    { metric, fields }: Pick<AskedPoint, 'metric' | 'fields'>,
    first: number,
    labels: readonly Labels[],
  ): void {
    const zeroMs = this.#batch.zeroTime(labels[0] as Labels, {
      startMs: fields.startMs,
      tMs: fields.tMs,
      isAddedUp: metric.isDelta,
    });
    if (zeroMs === undefined || fields.isStale) return;
    for (let i = 0; i < labels.length; i++) this.#batch.columns.pushValue(first + i, zeroMs, 0);
  }

  #describe(point: AskedPoint, labels: readonly Labels[], known: number): number {
    const first = known === 0 ? this.#take(point.metric, labels) : known;
    if (known === 0) this.#batch.learn(first);
    if (this.#batch.isDescribed(first)) return first;
    this.#batch.describe(first, labels);
    if (COUNTING.has(point.metric.kind)) this.beginAtZero(point, first, labels);
    return first;
  }

  #take({ isDelta }: Metric, labels: readonly Labels[]): number {
    if (!isDelta) return this.#batch.slots.take(labels.length);
    if (this.#generation !== this.#batch.generation) this.#added = new Map();
    this.#generation = this.#batch.generation;
    const name = digestOf(labels);
    const first = this.#added.get(name) ?? this.#batch.slots.take(labels.length);
    this.#added.set(name, first);
    return first;
  }
}

/** A short name of label sets. Nobody can make two that are equal, so it stands for them. */
function digestOf(labels: readonly Labels[]): string {
  return createHash('sha256').update(labelsKey(labels.flat())).digest('base64');
}

/** Kinds whose series only grow, so that they begin at zero. */
const COUNTING: ReadonlySet<string> = new Set(['counter', 'histogram', 'exponential_histogram']);
