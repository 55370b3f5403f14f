/**
 * Measures the embedded store alone, without HTTP: appends with one fsync for each commit, sealing, selections, bytes
 * per sample, memory.
 *
 * Workload A is 2,000 series × 24 h × 15 s (11.5 M samples): gauges with 0 to 3 decimals, counters, one series in ten
 * of full precision; half of the series with exact time stamps, half a few milliseconds off. Default: a tenth of its series.
 *
 * Run: npm run bench -- store-append [series]
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Matcher, SampleBatch } from '@hubpulse/model';
import { systemClock } from '../apps/server/src/clock.ts';
import {
  type EmbeddedStore,
  openEmbeddedStore,
} from '../apps/server/src/store/embedded/embedded-store.ts';
import { machine, median } from './machine.ts';
import { createWorkload, HOUR_MS, STEP_MS } from './rig/workload.ts';

const seriesCount = Number(process.argv[2] ?? 200);
if (!(seriesCount >= 100)) throw new Error(`got ${process.argv[2]} series; want 100 or more`);

const START_MS = Date.UTC(2026, 0, 15);
const STEPS = (24 * HOUR_MS) / STEP_MS;
const STEPS_PER_SEAL = (2 * HOUR_MS) / STEP_MS;
const BATCH_ROWS = 2000;
/** As many as a server has in flight when several senders write. */
const CONCURRENT_APPENDS = 8;
const ROUNDS = 15;

/** The rows of some consecutive steps, all series each. */
function batchOf(firstStep: number, steps: number): SampleBatch {
  const rows = steps * refs.length;
  const batch = {
    refs: new Uint32Array(rows),
    tMs: new Float64Array(rows),
    values: new Float64Array(rows),
  };
  let row = 0;
  for (let step = firstStep; step < firstStep + steps; step++) {
    for (const [series, ref] of refs.entries()) {
      batch.refs[row] = ref;
      batch.tMs[row] = workload.timeOf(series, step);
      batch.values[row] = workload.nextValue(series);
      row++;
    }
  }
  return batch;
}

interface Cost {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

async function timed(work: () => Promise<unknown>): Promise<Cost> {
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { seconds: (performance.now() - startMs) / 1000, cpuSeconds: (user + system) / 1e6 };
}

/** Appends batches, `CONCURRENT_APPENDS` at a time. */
async function appendAll(store: EmbeddedStore, batches: readonly SampleBatch[]): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let batch = batches[next++]; batch !== undefined; batch = batches[next++]) {
      // oxlint-disable-next-line no-await-in-loop -- A sender waits for its answer.
      await store.append(batch);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_APPENDS }, worker));
}

async function selectMs(
  store: EmbeddedStore,
  matchers: readonly Matcher[],
  [fromMs, toMs]: readonly [number, number],
): Promise<{ ms: number; samples: number }> {
  const times: number[] = [];
  let samples = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const startMs = performance.now();
    // oxlint-disable-next-line no-await-in-loop -- One at a time is what is measured.
    const found = await store.select({ matchers, fromMs, toMs });
    times.push(performance.now() - startMs);
    samples = found.reduce((sum, { tMs }) => sum + tMs.length, 0);
  }
  return { ms: median(times), samples };
}

const directory = mkdtempSync(join(tmpdir(), 'hubpulse-bench-'));
const open = (): Promise<EmbeddedStore> => openEmbeddedStore({ directory, clock: systemClock });
let store = await open();
const workload = createWorkload(seriesCount, START_MS);
const refs = workload.labels.map((labels) => store.intern(labels));

const appends: Cost[] = [];
const seals: Cost[] = [];
const stepsPerBatch = Math.max(1, Math.floor(BATCH_ROWS / seriesCount));
for (let step = 0; step < STEPS; step += STEPS_PER_SEAL) {
  const batches: SampleBatch[] = [];
  for (let at = step; at < step + STEPS_PER_SEAL; at += stepsPerBatch) {
    batches.push(batchOf(at, Math.min(stepsPerBatch, step + STEPS_PER_SEAL - at)));
  }
  // oxlint-disable-next-line no-await-in-loop -- Two hours after the other.
  appends.push(await timed(() => appendAll(store, batches)));
  // oxlint-disable-next-line no-await-in-loop
  seals.push(await timed(() => store.seal()));
}

const samples = STEPS * seriesCount;
const total = (costs: readonly Cost[], key: keyof Cost): number =>
  costs.reduce((sum, cost) => sum + cost[key], 0);
const perMillion = (costs: readonly Cost[]): string =>
  ((total(costs, 'cpuSeconds') / samples) * 1e6).toFixed(2);
const lines: [string, string][] = [
  ['appends, samples/s', (samples / total(appends, 'seconds')).toFixed(0)],
  ['appends, CPU-s per million samples', perMillion(appends)],
  ['sealing, samples/s', (samples / total(seals, 'seconds')).toFixed(0)],
  ['sealing, CPU-s per million samples', perMillion(seals)],
];

const endMs = START_MS + 24 * HOUR_MS - 1;
const metric: Matcher = { name: '__name__', op: '=', value: 'cpu_usage_percent' };
const host: Matcher = { name: 'host', op: '=', value: 'host-3' };
const hundred: Matcher[] = [
  { name: 'host', op: '=~', value: 'host-[0-9]' },
  { name: '__name__', op: '=~', value: '[a-k].*|la.*|lo.*' },
];
const queries: [string, Matcher[], [number, number]][] = [
  ['1 series × 1 h', [metric, host], [endMs - HOUR_MS, endMs]],
  ['1 series × 24 h', [metric, host], [START_MS, endMs]],
  ['100 series × 24 h', hundred, [START_MS, endMs]],
];
for (const [name, matchers, range] of queries) {
  // oxlint-disable-next-line no-await-in-loop
  const { ms, samples: found } = await selectMs(store, matchers, range);
  lines.push([`select ${name} (${found} samples), ms`, ms.toFixed(2)]);
}
lines.push(['RSS, MB', (process.memoryUsage.rss() / 1e6).toFixed(0)]);
await store.close();
const reopened = await timed(async () => {
  store = await open();
});
const fileBytes = (pattern: RegExp): number =>
  readdirSync(directory)
    .filter((name) => pattern.test(name))
    .reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
lines.push(['bytes per sample, sealed', (fileBytes(/^\d/u) / samples).toFixed(2)]);
lines.push(['head file after the last seal, MB', (fileBytes(/^head/u) / 1e6).toFixed(1)]);
lines.push(['open, ms', (reopened.seconds * 1000).toFixed(0)]);
await store.close();
rmSync(directory, { recursive: true });

console.log(`${machine()}\n\n| ${seriesCount} series × 24 h × 15 s | |\n|---|---|`);
for (const [name, value] of lines) console.log(`| ${name} | ${value} |`);
