import {
  type Labels,
  labelsKey,
  labelValue,
  type Matcher,
  METRIC_NAME,
  type RollupColumns,
} from '@hubpulse/model';
import {
  evaluateInstant,
  evaluateRange,
  type InstantResult,
  planSelections,
  type QueryOptions,
  type RangeResult,
  type SeriesSource,
  type SourceSeries,
} from '@hubpulse/promql';
import type { MetricStore } from '../store/port.ts';
import type { ReadResolution, ResolutionChoice } from './resolution.ts';
import { createParser } from './parsed-queries.ts';
import { lendSamples } from './sample-loan.ts';

/** Limits of one query. */
export interface QueryLimits {
  /** How old a sample may be to stand for an instant, in milliseconds; default 5 minutes. */
  readonly lookbackMs?: number | undefined;
  /** What to read; left out, the choice decides. */
  readonly resolution?: ReadResolution | undefined;
  /** Ends the query early. */
  readonly signal: AbortSignal;
}

/** The steps of a range query, Unix milliseconds, both ends inclusive. */
export interface QueryRange {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

/** An answer, and what it was computed from. */
export type Answered<T> = T & { readonly resolution: ReadResolution };

/** PromQL over the store. Rejects with a `PromqlError` or a `StoreError`. */
export interface PromqlQuery {
  instant(query: string, tMs: number, limits: QueryLimits): Promise<Answered<InstantResult>>;
  range(query: string, range: QueryRange, limits: QueryLimits): Promise<Answered<RangeResult>>;
  /** The label sets that match any of the selectors, whatever their age; all of them without a selector. */
  series(selectors: readonly (readonly Matcher[])[]): Labels[];
  /** The names of the labels of the series that `series` gives, sorted. */
  labelNames(selectors: readonly (readonly Matcher[])[]): string[];
  /** The values of one label among the series that `series` gives, sorted. */
  labelValues(selectors: readonly (readonly Matcher[])[], name: string): string[];
}

/** Matches every series, since each has a name. */
const EVERYTHING: readonly Matcher[] = [{ name: METRIC_NAME, op: '!=', value: '' }];

/**
 * Makes the queries; a `maxSamples` of 10 million bounds one query to about 160 MB.
 *
 * @param choose What a query reads that does not say so; samples when there is no choice.
 */
export function createPromqlQuery({
  store,
  maxSamples = 10_000_000,
  choose = () => 'raw',
}: {
  store: MetricStore;
  maxSamples?: number;
  choose?: ResolutionChoice;
}): PromqlQuery {
  const parse = createParser();
  /** Decides what is read, and lends it to an evaluation. */
  const answer = async <T>(
    { query, range, limits }: Question,
    evaluate: (options: QueryOptions) => Promise<T>,
  ): Promise<Answered<T>> => {
    const { lookbackMs, signal } = limits;
    const expr = parse(query);
    const resolution =
      limits.resolution ?? choose(planSelections({ query: expr, ...range, lookbackMs }));
    const loan = lendSamples(sourceOf(store, resolution));
    try {
      const result = await evaluate({
        query: expr,
        source: loan.source,
        bucketMs: resolution === 'raw' ? undefined : resolution,
        maxSamples,
        signal,
        ...(lookbackMs === undefined ? {} : { lookbackMs }),
      });
      return { ...result, resolution };
    } finally {
      loan.end();
    }
  };
  const seriesOf = (selectors: readonly (readonly Matcher[])[]): Labels[] => {
    const found = (selectors.length === 0 ? [EVERYTHING] : selectors).flatMap((matchers) =>
      store.series(matchers),
    );
    return selectors.length > 1 ? withoutTwins(found) : found;
  };
  return {
    instant: (query, tMs, limits) => {
      const range = { startMs: tMs, endMs: tMs, stepMs: 1 };
      return answer({ query, range, limits }, (options) => evaluateInstant({ tMs, ...options }));
    },
    range: (query, range, limits) =>
      answer({ query, range, limits }, (options) => evaluateRange({ ...range, ...options })),
    series: seriesOf,
    labelNames: (selectors) =>
      selectors.length === 0 ? store.labelNames() : labelNamesOf(seriesOf(selectors)),
    labelValues: (selectors, name) =>
      selectors.length === 0 ? store.labelValues(name) : labelValuesOf(seriesOf(selectors), name),
  };
}

/** What is asked. */
interface Question {
  readonly query: string;
  readonly range: QueryRange;
  readonly limits: QueryLimits;
}

function sourceOf(store: MetricStore, resolution: ReadResolution): SeriesSource {
  if (resolution === 'raw') return { select: (selection) => store.select(selection) };
  return {
    select: async (selection) => {
      const columns = await store.selectRollups({ ...selection, resolutionMs: resolution });
      return columns.map(toSourceSeries);
    },
  };
}

function toSourceSeries({ labels, tMs, last, min, max, sum, count }: RollupColumns): SourceSeries {
  return { labels, tMs, values: last, buckets: { min, max, sum, count } };
}

/** Two selectors may match the same series: it is listed once. */
function withoutTwins(found: readonly Labels[]): Labels[] {
  return [...new Map(found.map((labels) => [labelsKey(labels), labels])).values()];
}

function labelNamesOf(series: readonly Labels[]): string[] {
  return [...new Set(series.flatMap((labels) => labels.map(([name]) => name)))].toSorted();
}

function labelValuesOf(series: readonly Labels[], name: string): string[] {
  const values = new Set(series.map((labels) => labelValue(labels, name)));
  values.delete('');
  return [...values].toSorted();
}
