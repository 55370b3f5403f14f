import {
  compileMatcher,
  type Labels,
  labelsKey,
  labelValue,
  type Matcher,
  METRIC_NAME,
  type SeriesColumns,
} from '@hubpulse/model';
import type { SeriesSelection, SeriesSource } from '@hubpulse/promql';
import type { MetricStore } from '../store/port.ts';
import { type Recorded, type RecordedPoint, withPoint } from './recorded-series.ts';
import { SHARED_LABEL } from './shared-parts.ts';

/** 16 MB for each group that is being evaluated. The built-in rules read a few thousand. */
const MAX_KEPT_SAMPLES = 1_000_000;

const NO_SAMPLES = new Float64Array(0);

/**
 * What the rules of a group see during one evaluation: the store, and over it the results of the rules before, which are
 * not written yet. What two rules select is read once,
 * as long as it is not much.
 */
export class GroupSource implements SeriesSource {
  readonly #store: Pick<MetricStore, 'select'>;
  readonly #tMs: number;
  readonly #maxKeptSamples: number;
  #keptSamples = 0;
  readonly #reads = new Map<string, Promise<SeriesColumns[]>>();
  readonly #shared = new Map<string, SeriesColumns[]>();
  readonly #points = new Map<string, Map<string, RecordedPoint>>();

  /**
   * @param tMs The time that the results have.
   * @param maxKeptSamples Samples that are kept for later rules.
   */
  constructor(
    store: Pick<MetricStore, 'select'>,
    tMs: number,
    maxKeptSamples: number = MAX_KEPT_SAMPLES,
  ) {
    this.#store = store;
    this.#tMs = tMs;
    this.#maxKeptSamples = maxKeptSamples;
  }

  /** Adds a result; a later one of the same series takes the place of an earlier one. */
  add(key: string, point: RecordedPoint): void {
    const name = labelValue(point.labels, METRIC_NAME);
    const sameName = this.#points.get(name) ?? new Map<string, RecordedPoint>();
    this.#points.set(name, sameName.set(key, point));
  }

  /** Whether a rule before gave this series a value. */
  hasValue(key: string, labels: Labels): boolean {
    const point = this.#points.get(labelValue(labels, METRIC_NAME))?.get(key);
    return point?.value !== undefined;
  }

  /** All results. */
  points(): RecordedPoint[] {
    const all: RecordedPoint[] = [];
    for (const points of this.#points.values())
      for (const point of points.values()) all.push(point);
    return all;
  }

  /** Gives the result of a shared part, for planned expressions to select. */
  share(key: string, samples: readonly Recorded[]): void {
    const columns = samples.map(({ labels, value }) => ({
      labels,
      tMs: Float64Array.of(this.#tMs),
      values: Float64Array.of(value),
    }));
    this.#shared.set(key, columns);
  }

  hasShared(key: string): boolean {
    return this.#shared.has(key);
  }

  async select(selection: SeriesSelection): Promise<SeriesColumns[]> {
    const { matchers, fromMs, toMs } = selection;
    const [first] = matchers;
    if (first?.name === SHARED_LABEL) return this.#shared.get(first.value) ?? [];
    const isWithin = fromMs <= this.#tMs && this.#tMs <= toMs;
    const found = isWithin ? this.#find(matchers) : new Map<string, RecordedPoint>();
    const stored = await this.#read(selection);
    if (found.size === 0) return stored;
    const joined: SeriesColumns[] = [];
    for (const columns of stored) {
      const key = labelsKey(columns.labels);
      const point = found.get(key);
      found.delete(key);
      joined.push(point === undefined ? columns : withPoint(columns, this.#tMs, point.value));
    }
    const fresh = [...found.values()].map(({ labels, value }) =>
      withPoint({ labels, tMs: NO_SAMPLES, values: NO_SAMPLES }, this.#tMs, value),
    );
    return [...joined, ...fresh];
  }

  #read(selection: SeriesSelection): Promise<SeriesColumns[]> {
    const key = JSON.stringify([selection.matchers, selection.fromMs, selection.toMs]);
    const known = this.#reads.get(key);
    if (known !== undefined) return known;
    const read = this.#store.select(selection);
    this.#reads.set(key, read);
    read.then(
      (columns) => this.#keep(key, columns),
      () => this.#reads.delete(key),
    );
    return read;
  }

  /** Lets go of what would take too much memory until the evaluation ends. */
  #keep(key: string, columns: readonly SeriesColumns[]): void {
    const samples = columns.reduce((sum, { tMs }) => sum + tMs.length, 0);
    if (this.#keptSamples + samples > this.#maxKeptSamples) this.#reads.delete(key);
    else this.#keptSamples += samples;
  }

  /** The results that match, as they are now: those of later rules are not among them. */
  #find(matchers: readonly Matcher[]): Map<string, RecordedPoint> {
    if (this.#points.size === 0) return new Map();
    const tests = matchers.map((matcher) => ({
      name: matcher.name,
      accepts: compileMatcher(matcher),
    }));
    const candidates = this.#candidates(matchers);
    return new Map(
      candidates.filter(([, { labels }]) =>
        tests.every(({ name, accepts }) => accepts(labelValue(labels, name))),
      ),
    );
  }

  #candidates(matchers: readonly Matcher[]): [string, RecordedPoint][] {
    const named = matchers.find(({ name, op }) => name === METRIC_NAME && op === '=');
    if (named !== undefined) return [...(this.#points.get(named.value) ?? [])];
    const all: [string, RecordedPoint][] = [];
    for (const points of this.#points.values()) for (const entry of points) all.push(entry);
    return all;
  }
}
