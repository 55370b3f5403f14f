import { labelValue, METRIC_NAME, type SeriesColumns } from '@hubpulse/model';
import { type Bucket, histogramQuantile } from '../query/histogram.ts';
import { increaseOf } from '../query/steps.ts';
import type { MetricStore } from '../store/port.ts';
import type { RecordedFigure } from './recorded-figure.ts';

/** The window of the service signals: the specification's "of the last minute". */
const WINDOW_MS = 60_000;

const MS_PER_SECOND = 1000;
const PERCENT = 100;

/** The quantiles that are recorded; p95 is also the signal `api_response_time`. */
const QUANTILES = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;

/**
 * The signals of every service that has `http_server_request_duration_seconds`, from its increase over the last minute.
 * A service without a request in that minute gets no figure but its rates, which are 0.
 */
export async function serviceSignals(store: MetricStore, tMs: number): Promise<RecordedFigure[]> {
  const window = { fromMs: tMs - WINDOW_MS, toMs: tMs };
  const [buckets, counts] = await Promise.all([
    store.select({ ...window, matchers: [named('http_server_request_duration_seconds_bucket')] }),
    store.select({ ...window, matchers: [named('http_server_request_duration_seconds_count')] }),
  ]);
  return [
    ...[...byJob(buckets)].flatMap(([job, series]) => latencyFigures(job, series)),
    ...[...byJob(counts)].flatMap(([job, series]) => requestFigures(job, series)),
  ];
}

const named = (value: string) => ({ name: METRIC_NAME, op: '=', value }) as const;

function byJob(series: readonly SeriesColumns[]): Map<string, SeriesColumns[]> {
  return Map.groupBy(series, ({ labels }) => labelValue(labels, 'job'));
}

function latencyFigures(job: string, series: readonly SeriesColumns[]): RecordedFigure[] {
  const buckets = sumBuckets(series);
  const figures = Object.entries(QUANTILES).map(([name, quantile]) => ({
    labels: { [METRIC_NAME]: `job:http_server_request_duration_seconds:${name}_1m`, job },
    value: histogramQuantile(quantile, buckets),
  }));
  const p95 = histogramQuantile(QUANTILES.p95, buckets) * MS_PER_SECOND;
  const signal = { labels: { [METRIC_NAME]: 'api_response_time', job }, value: p95 };
  return [...figures, signal].filter(({ value }) => !Number.isNaN(value));
}

/** Adds up the buckets of all routes and instances of a service. */
function sumBuckets(series: readonly SeriesColumns[]): Bucket[] {
  const counts = new Map<number, number>();
  for (const columns of series) {
    const upperBound = parseBound(labelValue(columns.labels, 'le'));
    counts.set(upperBound, (counts.get(upperBound) ?? 0) + increase(columns));
  }
  return [...counts]
    .map(([upperBound, count]) => ({ upperBound, count }))
    .filter(({ upperBound }) => !Number.isNaN(upperBound))
    .toSorted((a, b) => a.upperBound - b.upperBound);
}

function parseBound(le: string): number {
  return le === '+Inf' ? Number.POSITIVE_INFINITY : Number.parseFloat(le);
}

function requestFigures(job: string, series: readonly SeriesColumns[]): RecordedFigure[] {
  const byClass = new Map<string, number>();
  for (const columns of series) {
    const statusClass = statusClassOf(labelValue(columns.labels, 'http_response_status_code'));
    byClass.set(statusClass, (byClass.get(statusClass) ?? 0) + increase(columns));
  }
  const total = [...byClass.values()].reduce((sum, count) => sum + count, 0);
  const rates = [...byClass].map(([statusClass, count]) => ({
    labels: {
      [METRIC_NAME]: 'job:http_server_requests:rate_1m',
      job,
      http_response_status_class: statusClass,
    },
    value: count / (WINDOW_MS / MS_PER_SECOND),
  }));
  if (total === 0) return rates;
  const errorRate = ((byClass.get('5xx') ?? 0) / total) * PERCENT;
  return [...rates, { labels: { [METRIC_NAME]: 'error_rate', job }, value: errorRate }];
}

/** The class of a status code; a request that ended without one failed on the server's side. */
function statusClassOf(code: string): string {
  return /^[1-5]\d\d$/.test(code) ? `${code.charAt(0)}xx` : '5xx';
}

/** What a counter grew by within its samples. */
function increase({ values }: SeriesColumns): number {
  let sum = 0;
  for (let row = 1; row < values.length; row++) {
    const grown = increaseOf(values[row - 1] ?? 0, values[row] ?? 0);
    if (!Number.isNaN(grown)) sum += grown;
  }
  return sum;
}
