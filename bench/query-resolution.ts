/**
 * What queries over long ranges cost at each resolution, PromQL over the embedded store without HTTP: 100 series × 8 days ×
 * 15 s by default (4.6 M samples), medians of interleaved rounds. Where a query becomes "long" follows from it; see
 * `apps/server/src/query/resolution.ts`.
 *
 * Run: npm run bench -- query-resolution [series] [days]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Labels, labelValue, METRIC_NAME } from '@hubpulse/model';
import { systemClock } from '../apps/server/src/clock.ts';
import { createPromqlQuery } from '../apps/server/src/query/promql-query.ts';
import { findResolution } from '../apps/server/src/query/resolution.ts';
import { openEmbeddedStore } from '../apps/server/src/store/embedded/embedded-store.ts';
import { machine, median } from './machine.ts';
import { createWorkload, HOUR_MS, STEP_MS } from './rig/workload.ts';

const [seriesCount = 100, days = 8] = process.argv.slice(2).map(Number);
const METRIC = 'cpu_usage_percent';
const METRICS_A_HOST = 20;
const START_MS = Date.UTC(2026, 0, 1);
const DAY_MS = 24 * HOUR_MS;
const STEPS_A_SEAL = (2 * HOUR_MS) / STEP_MS;
const ROUNDS = 5;

const directory = mkdtempSync(join(tmpdir(), 'hubpulse-bench-'));
const store = await openEmbeddedStore({ directory, clock: systemClock });
// One metric of as many hosts: functions over ranges drop the name.
const workload = createWorkload(METRICS_A_HOST * seriesCount, START_MS);
const isWanted = (labels: Labels): boolean => labelValue(labels, METRIC_NAME) === METRIC;
const places = [...workload.labels.keys()].filter((i) => isWanted(workload.labels[i] ?? []));
const refs = places.map((i) => store.intern(workload.labels[i] ?? []));

for (let first = 0; first < (days * DAY_MS) / STEP_MS; first += STEPS_A_SEAL) {
  const rows = STEPS_A_SEAL * refs.length;
  const batch = {
    refs: new Uint32Array(rows),
    tMs: new Float64Array(rows),
    values: new Float64Array(rows),
  };
  for (let row = 0; row < rows; row++) {
    const place = row % refs.length;
    const series = places[place] ?? 0;
    batch.refs[row] = refs[place] ?? 0;
    batch.tMs[row] = workload.timeOf(series, first + Math.floor(row / refs.length));
    batch.values[row] = workload.nextValue(series);
  }
  // oxlint-disable-next-line no-await-in-loop -- One piece of time after the other.
  await store.append(batch);
  // oxlint-disable-next-line no-await-in-loop
  await store.seal();
}

const promql = createPromqlQuery({ store, maxSamples: 100_000_000 });
const QUERIES = [`sum(${METRIC})`, `avg_over_time(${METRIC}[1h])`, `sum(rate(${METRIC}[5h]))`];
const NAMES = ['raw', '1m', '1h'] as const;
const lengths = [1, 2, 4, 8].filter((length) => length <= days);
console.log(`${machine()}\n\n${seriesCount} series, a sample each 15 s, steps of 1 h; ms`);
console.log(`\n| query | days | M samples | ${NAMES.join(' | ')} |\n|---|---|---|---|---|---|`);
for (const query of QUERIES) {
  for (const length of lengths) {
    const times = new Map(NAMES.map((name) => [name, [] as number[]]));
    const range = { startMs: START_MS, endMs: START_MS + length * DAY_MS, stepMs: HOUR_MS };
    for (let round = 0; round < ROUNDS; round++) {
      for (const name of NAMES) {
        const before = performance.now();
        const limits = { signal: AbortSignal.timeout(120_000), resolution: findResolution(name) };
        // oxlint-disable-next-line no-await-in-loop -- One at a time is what is measured.
        await promql.range(query, range, limits);
        times.get(name)?.push(performance.now() - before);
      }
    }
    const samples = (seriesCount * length * DAY_MS) / STEP_MS / 1e6;
    const cells = NAMES.map((name) => median(times.get(name) ?? []).toFixed(0));
    console.log(`| \`${query}\` | ${length} | ${samples.toFixed(1)} | ${cells.join(' | ')} |`);
  }
}
await store.close();
rmSync(directory, { recursive: true });
