import { HOUR_MS } from './workload.ts';

/** A question to the HTTP API, the same to both servers. */
export interface BenchQuery {
  readonly name: string;
  /** Whether it visits so much that twice Prometheus' speed is the aim, not the same. */
  readonly isHeavy: boolean;
  readonly path: string;
}

const MINUTE_MS = 60_000;

/** The queries of the benchmark on a workload with 100 hosts that ends at `endMs`. */
export function benchQueries(endMs: number): BenchQuery[] {
  // No sample lies on a whole minute: Prometheus before 3.0 counts the left end of a window in, we do as later ones.
  const end = Math.floor(endMs / MINUTE_MS) * MINUTE_MS;
  const light = (name: string, path: string): BenchQuery => ({ name, isHeavy: false, path });
  const heavy = (name: string, path: string): BenchQuery => ({ name, isHeavy: true, path });
  const instant = (query: string): string => pathOf('query', { query, time: end / 1000 });
  const range = (query: string, hours: number): string => {
    // The first window would begin before the first sample.
    const start = end - hours * HOUR_MS + 5 * MINUTE_MS;
    return pathOf('query_range', { query, start: start / 1000, end: end / 1000, step: 60 });
  };
  return [
    light('last value of 100 series', instant('cpu_usage_percent')),
    light('one series, 1 h raw', instant('cpu_usage_percent{host="host-42"}[1h]')),
    heavy(
      '100 series × 24 h, 1-minute averages',
      range('avg_over_time(cpu_usage_percent[1m])', 24),
    ),
    heavy('p95 over 100 hosts, 24 h at 1 min', range('quantile(0.95, cpu_usage_percent)', 24)),
    heavy('rate per host, 6 h at 1 min', range('sum by (host) (rate(http_requests_total[5m]))', 6)),
    light('top 10 by the last hour', instant('topk(10, avg_over_time(cpu_usage_percent[1h]))')),
    light('label values', pathOf('label/host/values', {})),
    light(
      'label values of one metric',
      pathOf('label/host/values', { 'match[]': 'cpu_usage_percent' }),
    ),
  ];
}

function pathOf(name: string, parameters: Readonly<Record<string, string | number>>): string {
  const entries = Object.entries(parameters).map(([key, value]) => [key, String(value)]);
  return `/api/v1/${name}?${new URLSearchParams(entries).toString()}`;
}
