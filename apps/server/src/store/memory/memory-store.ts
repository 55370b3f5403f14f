import {
  compileMatcher,
  type Labels,
  labelsKey,
  labelValue,
  type Matcher,
  type RollupColumns,
  type SampleBatch,
  type SeriesColumns,
  type SeriesRef,
  MAX_TIME_MS,
} from '@hubpulse/model';
import {
  type Deleted,
  type Deletion,
  MAX_SELECTED_SAMPLES,
  type MetricStore,
  type RollupSelection,
  type Selection,
  StoreError,
  type StoreStats,
} from '../port.ts';
import { rollUp } from '../roll-up.ts';

/** A series with its samples by time; values as their 64 bits, which keep what a NaN carries. */
interface StoredSeries {
  readonly labels: Labels;
  readonly name: string;
  readonly samples: Map<number, bigint>;
}

/**
 * Creates a store that keeps everything in plain maps and nothing on disk: for tests, and as the oracle that others are
 * compared with. As simple as the contract allows; every query looks at every series.
 */
export function createMemoryStore(): MetricStore {
  return new MemoryStore();
}

class MemoryStore implements MetricStore {
  /** By ref less one. */
  readonly #interned: StoredSeries[] = [];
  readonly #refs = new Map<string, SeriesRef>();
  readonly #counts = {
    appendedSamples: 0,
    appendedBatches: 0,
    failedAppends: 0,
    selectedSamples: 0,
    deletedSamples: 0,
  };
  #closed = false;

  intern(labels: Labels): SeriesRef {
    const name = labelsKey(labels);
    const known = this.#refs.get(name);
    if (known !== undefined) return known;
    const ref = this.#interned.push({ labels, name, samples: new Map() });
    this.#refs.set(name, ref);
    return ref;
  }

  find(labels: Labels): SeriesRef | undefined {
    return this.#refs.get(labelsKey(labels));
  }

  async append(batch: SampleBatch): Promise<void> {
    try {
      this.#assertOpen();
      this.#check(batch);
    } catch (error) {
      this.#counts.failedAppends++;
      throw error;
    }
    const bits = new BigUint64Array(batch.values.slice().buffer);
    for (const [row, ref] of batch.refs.entries()) {
      this.#interned[ref - 1]?.samples.set(batch.tMs[row] as number, bits[row] as bigint);
    }
    this.#counts.appendedBatches++;
    this.#counts.appendedSamples += batch.refs.length;
  }

  async select(selection: Selection): Promise<SeriesColumns[]> {
    return this.#bounded(selection, (series) => toColumns(series, selection));
  }

  async selectRollups(selection: RollupSelection): Promise<RollupColumns[]> {
    return this.#bounded(selection, (series) => toBuckets(series, selection));
  }

  async delete(deletion: Deletion): Promise<Deleted> {
    this.#assertOpen();
    checkSelection(deletion, 0);
    let series = 0;
    let samples = 0;
    for (const found of this.#find(deletion.matchers)) {
      const { tMs } = toColumns(found, deletion);
      for (const time of tMs) found.samples.delete(time);
      series += tMs.length > 0 ? 1 : 0;
      samples += tMs.length;
    }
    this.#counts.deletedSamples += samples;
    return { series, samples };
  }

  #bounded<T extends { readonly tMs: Float64Array }>(
    selection: Selection,
    read: (series: StoredSeries) => T,
  ): T[] {
    this.#assertOpen();
    const { matchers, maxSamples = MAX_SELECTED_SAMPLES } = selection;
    checkSelection(selection, maxSamples);
    const columns = this.#find(matchers)
      .map((series) => read(series))
      .filter(({ tMs }) => tMs.length > 0);
    const samples = columns.reduce((sum, { tMs }) => sum + tMs.length, 0);
    if (samples > maxSamples) {
      throw new StoreError(
        'too_many_samples',
        `got ${samples} samples; want at most ${maxSamples}`,
      );
    }
    this.#counts.selectedSamples += samples;
    return columns;
  }

  series(matchers: readonly Matcher[]): Labels[] {
    return this.#find(matchers).map(({ labels }) => labels);
  }

  labelNames(): string[] {
    const names = this.#held().flatMap(({ labels }) => labels.map(([name]) => name));
    return [...new Set(names)].toSorted();
  }

  labelValues(name: string): string[] {
    const values = new Set(this.#held().map(({ labels }) => labelValue(labels, name)));
    values.delete('');
    return [...values].toSorted();
  }

  stats(): StoreStats {
    return {
      series: this.#held().length,
      headSamples: 0,
      diskBytes: 0,
      tierBytes: { head: 0, raw: 0, '1m': 0, '1h': 0 },
      rolledDays: 0,
      unrolledDays: 0,
      ...this.#counts,
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #assertOpen(): void {
    if (this.#closed) throw new StoreError('closed', 'the store was closed');
  }

  #check({ refs, tMs, values }: SampleBatch): void {
    if (refs.length !== tMs.length || refs.length !== values.length) {
      const got = `${refs.length} refs, ${tMs.length} times and ${values.length} values`;
      throw new StoreError('invalid', `got ${got}; want columns of one length`);
    }
    for (const ref of refs) {
      if (this.#interned[ref - 1] === undefined) {
        throw new StoreError('invalid', `got the series ref ${ref}; want one that intern() gave`);
      }
    }
    const bad = tMs.find((time) => !Number.isInteger(time) || Math.abs(time) > MAX_TIME_MS);
    if (bad === undefined) return;
    throw new StoreError('invalid', `got the time ${bad}; want whole milliseconds within ±8.64e15`);
  }

  #held(): StoredSeries[] {
    return this.#interned.filter(({ samples }) => samples.size > 0);
  }

  #find(matchers: readonly Matcher[]): StoredSeries[] {
    const tests = matchers.map((matcher) => ({ name: matcher.name, accepts: compile(matcher) }));
    return this.#held()
      .filter(({ labels }) => tests.every(({ name, accepts }) => accepts(labelValue(labels, name))))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }
}

function checkSelection({ matchers, fromMs, toMs }: Selection, maxSamples: number): void {
  if (matchers.length === 0) throw new StoreError('invalid', 'got no matchers; want at least one');
  if (Number.isNaN(fromMs) || Number.isNaN(toMs)) {
    throw new StoreError('invalid', `got the range ${fromMs} to ${toMs}; want two times`);
  }
  if (Number.isNaN(maxSamples) || maxSamples < 0) {
    throw new StoreError('invalid', `got maxSamples ${maxSamples}; want 0 or more`);
  }
}

function toColumns({ labels, samples }: StoredSeries, { fromMs, toMs }: Selection): SeriesColumns {
  const times = [...samples.keys()].filter((time) => time >= fromMs && time <= toMs);
  const tMs = Float64Array.from(times).toSorted();
  const bits = BigUint64Array.from(tMs, (time) => samples.get(time) as bigint);
  return { labels, tMs, values: new Float64Array(bits.buffer) };
}

function toBuckets(series: StoredSeries, selection: RollupSelection): RollupColumns {
  const { fromMs, toMs, resolutionMs } = selection;
  const everything = { ...selection, fromMs: -MAX_TIME_MS, toMs: MAX_TIME_MS };
  const { labels, ...columns } = rollUp(toColumns(series, everything), resolutionMs);
  const isWithin = (_: number, i: number): boolean => {
    const time = columns.tMs[i] as number;
    return time >= fromMs && time <= toMs;
  };
  return {
    labels,
    tMs: columns.tMs.filter(isWithin),
    last: columns.last.filter(isWithin),
    min: columns.min.filter(isWithin),
    max: columns.max.filter(isWithin),
    sum: columns.sum.filter(isWithin),
    count: columns.count.filter(isWithin),
  };
}

function compile(matcher: Matcher): (value: string) => boolean {
  try {
    return compileMatcher(matcher);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError('invalid', `got a bad pattern: ${reason}; want a regular expression`, {
      cause,
    });
  }
}
