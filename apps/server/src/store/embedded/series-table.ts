import {
  type Labels,
  labelsKey,
  labelValue,
  type Matcher,
  METRIC_NAME,
  type SeriesRef,
} from '@hubpulse/model';
import { StoreError } from '../port.ts';
import type { StoredSeries } from './protocol.ts';
import { type IndexedSeries, SeriesIndex } from './series-index.ts';
import { refOfKey, seriesKey } from './series-key.ts';

/** Refs are unsigned 32-bit integers and never given twice. */
const MAX_REF = 2 ** 32 - 1;

/** What is known of a ref, one byte each: appends look at it for every row. */
const State = {
  UNKNOWN: 0,
  /** Interned; no acknowledged batch has named it, so the next one must bring its labels along. */
  INTERNED: 1,
  DURABLE: 2,
} as const;

/** A series with its key on disk. */
export interface InternedSeries extends IndexedSeries {
  readonly key: number;
}

/** Every series of the store by labels and by ref. Those that are durable can be found. */
export class SeriesTable {
  readonly #index = new SeriesIndex<InternedSeries>();
  readonly #byName = new Map<string, InternedSeries>();
  /** Interned, but not durable. */
  readonly #fresh = new Map<SeriesRef, InternedSeries>();
  #states = new Uint8Array(1024);
  #nextRef: SeriesRef;
  #named: { readonly labels: Labels; readonly name: string } | undefined;

  constructor(stored: Iterable<StoredSeries>, nextRef: SeriesRef) {
    this.#nextRef = nextRef;
    for (const { key, labels: name } of stored) {
      const labels = JSON.parse(name) as Labels;
      this.#addDurable({ ref: refOfKey(key), key, labels, name });
    }
  }

  /** Series that are durable. */
  get size(): number {
    return this.#index.size;
  }

  intern(labels: Labels): SeriesRef {
    const name = this.#nameOf(labels);
    const known = this.#byName.get(name);
    if (known !== undefined) return known.ref;
    const ref = this.#nextRef;
    if (ref > MAX_REF) {
      throw new StoreError(
        'invalid',
        `got more than ${MAX_REF} series; want fewer; start a new data directory`,
      );
    }
    this.#nextRef = ref + 1;
    const series = { ref, key: seriesKey(ref, labelValue(labels, METRIC_NAME)), labels, name };
    this.#byName.set(name, series);
    this.#fresh.set(ref, series);
    this.#setState(ref, State.INTERNED);
    return ref;
  }

  /** The ref of a series that was interned or is durable. */
  refOf(labels: Labels): SeriesRef | undefined {
    return this.#byName.get(this.#nameOf(labels))?.ref;
  }

  /**
   * The series of a batch that are not durable yet.
   *
   * @throws StoreError `invalid` for a ref that was never given.
   */
  freshIn(refs: Uint32Array): InternedSeries[] {
    const fresh = new Set<SeriesRef>();
    for (const ref of refs) {
      const state = this.#states[ref] ?? State.UNKNOWN;
      if (state === State.UNKNOWN) {
        throw new StoreError(
          'invalid',
          `got the series ref ${ref}; want one that intern() of this store gave`,
        );
      }
      if (state === State.INTERNED) fresh.add(ref);
    }
    return Array.from(fresh, (ref) => this.#fresh.get(ref) as InternedSeries);
  }

  /** Makes series findable after a batch that named them was acknowledged. */
  becameDurable(series: readonly InternedSeries[]): void {
    for (const one of series) if (this.#fresh.delete(one.ref)) this.#addDurable(one);
  }

  /**
   * Takes series of which nothing remains out of sight. Their refs stay good; the next batch that names one brings its
   * labels along again.
   */
  forget(keys: Float64Array): void {
    for (const key of keys) {
      const ref = refOfKey(key);
      const series = this.#index.get(ref);
      if (series === undefined) continue;
      this.#index.remove(ref);
      this.#fresh.set(ref, series);
      this.#setState(ref, State.INTERNED);
    }
  }

  /** Takes back what `forget` did, for series that have samples after all. */
  restore(keys: Float64Array): void {
    this.becameDurable(
      Array.from(keys, (key) => this.#fresh.get(refOfKey(key))).filter((one) => one !== undefined),
    );
  }

  /** The names of the durable series' labels, sorted. */
  labelNames(): string[] {
    return this.#index.labelNames();
  }

  /** The values that a label has in durable series, sorted. */
  labelValues(name: string): string[] {
    return this.#index.labelValues(name);
  }

  /** The durable series that match, in order of `labelsKey`. @throws StoreError `invalid` for a bad pattern */
  find(matchers: readonly Matcher[]): InternedSeries[] {
    try {
      return this.#index.find(matchers);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw new StoreError(
        'invalid',
        `got a bad pattern: ${error.message}; want a regular expression`,
        {
          cause: error,
        },
      );
    }
  }

  /** Whoever asks for the ref of a label set that is not known mostly interns it next: its name is made once. */
  #nameOf(labels: Labels): string {
    if (this.#named?.labels !== labels) this.#named = { labels, name: labelsKey(labels) };
    return this.#named.name;
  }

  #addDurable(series: InternedSeries): void {
    this.#byName.set(series.name, series);
    this.#index.add(series);
    this.#setState(series.ref, State.DURABLE);
  }

  #setState(ref: SeriesRef, state: number): void {
    if (ref >= this.#states.length) {
      const grown = new Uint8Array(Math.max(ref + 1, 2 * this.#states.length));
      grown.set(this.#states);
      this.#states = grown;
    }
    this.#states[ref] = state;
  }
}
