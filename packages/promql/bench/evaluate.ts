/**
 * What queries over a day cost: 100 series, 24 h, a sample each 15 s; steps of 1 minute. Prints the median of interleaved
 * rounds for each query, parsing included, reading from memory. Run it on an idle machine:
 *
 *   npm run bench -- promql/evaluate [rounds]
 */
import { createLabels, type SeriesColumns } from '@hubpulse/model';
import { cpus, release } from 'node:os';
import { evaluateRange, type SeriesSource } from '../src/index.ts';

const DEFAULT_ROUNDS = 9;
const SERIES = 100;
const DAY_MS = 86_400_000;
const INTERVAL_MS = 15_000;
const STEP_MS = 60_000;
const START_MS = Date.UTC(2026, 0, 1);

const QUERIES: readonly string[] = [
  'requests_total',
  'rate(requests_total[5m])',
  'sum by (job) (rate(requests_total[5m]))',
  'quantile(0.95, rate(requests_total[5m]))',
  'histogram_quantile(0.95, sum by (le) (rate(requests_total[5m])))',
  'topk(10, rate(requests_total[5m]))',
  'requests_total / on (instance) group_left () requests_total',
  'max_over_time(requests_total[1h])',
  'avg_over_time(requests_total[1h])',
];

const source = createSource();
const rounds = Number(process.argv[2] ?? DEFAULT_ROUNDS);
const times = new Map(QUERIES.map((query) => [query, [] as number[]]));
for (let round = 0; round < rounds; round += 1) {
  for (const query of QUERIES) {
    const before = performance.now();
    const range = { startMs: START_MS, endMs: START_MS + DAY_MS, stepMs: STEP_MS };
    await evaluateRange({ query, source, ...range });
    times.get(query)?.push(performance.now() - before);
  }
}
console.log(`${cpus()[0]?.model} x ${cpus().length}, Linux ${release()}, Node ${process.version}`);
console.log(`${SERIES} series, 24 h, every 15 s; steps of 1 min; median of ${rounds} rounds`);
for (const [query, taken] of times) {
  const median = taken.toSorted((a, b) => a - b)[Math.floor(taken.length / 2)] ?? Number.NaN;
  console.log(`${median.toFixed(1).padStart(8)} ms  ${query}`);
}

/** Counters with a reset now and then, each a bucket of some histogram. */
function createSource(): SeriesSource {
  const count = DAY_MS / INTERVAL_MS;
  const series: SeriesColumns[] = Array.from({ length: SERIES }, (_, i) => {
    const tMs = Float64Array.from({ length: count }, (__, k) => START_MS + k * INTERVAL_MS);
    const values = Float64Array.from({ length: count }, (__, k) => ((k * (i + 7)) % 100_003) + i);
    const le = i % 10 === 9 ? '+Inf' : String(i % 10);
    const labels = { instance: `host-${i}`, job: `job-${i % 5}`, le, __name__: 'requests_total' };
    return { labels: createLabels(labels), tMs, values };
  });
  return { select: () => Promise.resolve(series) };
}
