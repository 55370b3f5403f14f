import type { Label } from '@hubpulse/model';
import type { MetricFamily, MetricPoint, MetricSource } from './metric-family.ts';
import { formatNumber } from './metric-family.ts';

/** One finished request of our own HTTP server. */
export interface FinishedRequest {
  readonly method: string;
  /** Pattern of the route, never the raw URL; empty when none matched. */
  readonly route: string;
  readonly statusCode: number;
  readonly durationSeconds: number;
}

/** Counts requests, and gives them as `http.server.request.duration`. */
export interface RequestMetrics {
  record(request: FinishedRequest): void;
  readonly source: MetricSource;
}

/** Bounds of `http.server.request.duration` in seconds, from OpenTelemetry's semantic conventions for HTTP metrics. */
const BOUNDS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** The methods that the semantic conventions know; any other is `_OTHER`, so that a sender cannot make series. */
const METHODS = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'QUERY',
  'TRACE',
]);

interface Histogram {
  readonly labels: readonly Label[];
  /** Observations in each bucket, not cumulative; the last holds those over every bound. */
  readonly buckets: number[];
  sum: number;
}

/** @param scheme `http` or `https`: how clients reach the server. */
export function createRequestMetrics(scheme: 'http' | 'https' = 'http'): RequestMetrics {
  const histograms = new Map<string, Histogram>();

  const histogramOf = ({ method, route, statusCode }: FinishedRequest): Histogram => {
    const knownMethod = METHODS.has(method) ? method : '_OTHER';
    const key = `${knownMethod} ${statusCode} ${route}`;
    const histogram = histograms.get(key) ?? {
      labels: [
        ['http_request_method', knownMethod],
        ['http_response_status_code', String(statusCode)],
        ...(route === '' ? [] : [['http_route', route] as const]),
        ['url_scheme', scheme],
      ],
      buckets: Array.from({ length: BOUNDS_SECONDS.length + 1 }, () => 0),
      sum: 0,
    };
    histograms.set(key, histogram);
    return histogram;
  };

  return {
    record(request) {
      const histogram = histogramOf(request);
      const bound = BOUNDS_SECONDS.findIndex((seconds) => request.durationSeconds <= seconds);
      const bucket = bound === -1 ? BOUNDS_SECONDS.length : bound;
      histogram.buckets[bucket] = (histogram.buckets[bucket] ?? 0) + 1;
      histogram.sum += request.durationSeconds;
    },
    source: () => [requestFamily([...histograms.values()])],
  };
}

function requestFamily(histograms: readonly Histogram[]): MetricFamily {
  return {
    name: 'http_server_request_duration_seconds',
    type: 'histogram',
    help: 'Duration of requests to the Hubpulse server, in seconds; the live stream is left out.',
    points: histograms.flatMap(histogramPoints),
  };
}

function histogramPoints({ labels, buckets, sum }: Histogram): MetricPoint[] {
  let count = 0;
  const points = buckets.map((observations, index): MetricPoint => {
    count += observations;
    const bound = formatNumber(BOUNDS_SECONDS[index] ?? Number.POSITIVE_INFINITY);
    return { suffix: '_bucket', labels: [...labels, ['le', bound]], value: count };
  });
  return [
    ...points,
    { suffix: '_sum', labels, value: sum },
    { suffix: '_count', labels, value: count },
  ];
}
