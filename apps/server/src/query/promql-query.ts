import { type Labels, labelsKey, labelValue, type Matcher, METRIC_NAME } from '@hubpulse/model';
import {
  evaluateInstant,
  evaluateRange,
  type InstantResult,
  type RangeResult,
  type SeriesSource,
} from '@hubpulse/promql';
import type { MetricStore } from '../store/port.ts';
import { lendSamples } from './sample-loan.ts';

/** Limits of one query. */
export interface QueryLimits {
  /** How old a sample may be to stand for an instant, in milliseconds; default 5 minutes. */
  readonly lookbackMs?: number | undefined;
  /** Ends the query early. */
  readonly signal: AbortSignal;
}

/** The steps of a range query, Unix milliseconds, both ends inclusive. */
export interface QueryRange {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

/** PromQL over the store. Rejects with a `PromqlError` or a `StoreError`. */
export interface PromqlQuery {
  instant(query: string, tMs: number, limits: QueryLimits): Promise<InstantResult>;
  range(query: string, range: QueryRange, limits: QueryLimits): Promise<RangeResult>;
  /** The label sets that match any of the selectors, whatever their age; all of them without a selector. */
  series(selectors: readonly (readonly Matcher[])[]): Labels[];
  /** The names of the labels of the series that `series` gives, sorted. */
  labelNames(selectors: readonly (readonly Matcher[])[]): string[];
  /** The values of one label among the series that `series` gives, sorted. */
  labelValues(selectors: readonly (readonly Matcher[])[], name: string): string[];
}

/** Matches every series, since each has a name. */
const EVERYTHING: readonly Matcher[] = [{ name: METRIC_NAME, op: '!=', value: '' }];

/** Makes the queries; a `maxSamples` of 10 million bounds one query to about 160 MB. */
export function createPromqlQuery({
  store,
  maxSamples = 10_000_000,
}: {
  store: MetricStore;
  maxSamples?: number;
}): PromqlQuery {
  const limitsOf = ({ lookbackMs, signal }: QueryLimits) => ({
    maxSamples,
    signal,
    ...(lookbackMs === undefined ? {} : { lookbackMs }),
  });
  const withSamples = async <T>(evaluate: (source: SeriesSource) => Promise<T>): Promise<T> => {
    const loan = lendSamples(store);
    try {
      return await evaluate(loan.source);
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
    instant: (query, tMs, limits) =>
      withSamples((source) => evaluateInstant({ query, tMs, source, ...limitsOf(limits) })),
    range: (query, range, limits) =>
      withSamples((source) => evaluateRange({ query, ...range, source, ...limitsOf(limits) })),
    series: seriesOf,
    labelNames: (selectors) =>
      selectors.length === 0 ? store.labelNames() : labelNamesOf(seriesOf(selectors)),
    labelValues: (selectors, name) =>
      selectors.length === 0 ? store.labelValues(name) : labelValuesOf(seriesOf(selectors), name),
  };
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
