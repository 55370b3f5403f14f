/**
 * Measures a server that takes in 20,000 samples/s (20,000 series, 10 requests a second) while queries run: memory, CPU, the delay
 * of our event loop, how long the queries and the requests take. Hubpulse and Prometheus one after the other, each with
 * workload A (2,000 series × 24 h × 15 s) in its store.
 *
 * Run: npm run bench -- load [--quick]
 */
import { setTimeout as pause } from 'node:timers/promises';
import { machine, median } from './machine.ts';
import { ask, remoteWrite } from './rig/client.ts';
import { startLoaded } from './rig/day.ts';
import { cpuSeconds, residentMb } from './rig/process-cost.ts';
import { benchQueries, type BenchQuery } from './rig/queries.ts';
import type { MeasuredServer } from './rig/servers.ts';
import { table } from './rig/table.ts';
import { createWorkload, STEP_MS } from './rig/workload.ts';
import { createRequestEncoder } from './rig/write-request.ts';

const isQuick = process.argv.includes('--quick');
const HOURS = isQuick ? 7 : 24;
/** Longer than two windows of the event loop's figure, so that nothing of before is in it. */
const SECONDS = isQuick ? 20 : 130;
const SERIES = 20_000;
const REQUESTS_PER_SECOND = 10;
/** Between two queries of the one client that asks. */
const PAUSE_MS = 50;

interface Figures {
  readonly server: MeasuredServer;
  readonly loopDelayMs: number | undefined;
  readonly restMb: number;
  readonly cpuShare: number;
  readonly writesMs: number[];
  readonly queriesMs: number[];
  readonly lateWrites: number;
}

const bodies = encodeBodies();
const { servers, endMs } = await startLoaded(2000, HOURS);
try {
  const queries = benchQueries(endMs);
  const figures: Figures[] = [];
  // oxlint-disable-next-line no-await-in-loop -- One server after the other.
  for (const server of servers.both) figures.push(await measure(server, queries));
  console.log(`${machine()}\n${SERIES} samples/s for ${SECONDS} s\n`);
  console.log(
    table(
      ['', 'server', 'got'],
      figures.flatMap(rowsOf).toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)),
    ),
  );
} finally {
  await servers.remove();
}

/** Each second one sample of each series; what is sent in a second is 15 s of the workload. */
function encodeBodies(): Uint8Array[] {
  const startMs = Date.now() - SECONDS * STEP_MS;
  const encode = createRequestEncoder(createWorkload(SERIES, startMs, 'load'));
  const width = SERIES / REQUESTS_PER_SECOND;
  return Array.from({ length: SECONDS * REQUESTS_PER_SECOND }, (_, i) => {
    const fromSeries = (i % REQUESTS_PER_SECOND) * width;
    const firstStep = Math.floor(i / REQUESTS_PER_SECOND);
    return encode({ fromSeries, toSeries: fromSeries + width, firstStep, steps: 1 });
  });
}

async function measure(server: MeasuredServer, queries: readonly BenchQuery[]): Promise<Figures> {
  const restMb = residentMb(server.pid).now;
  const queriesMs: number[] = [];
  const over = new AbortController();
  const asking = (async () => {
    for (let i = 0; !over.signal.aborted; i++) {
      const { path } = queries[i % queries.length] as BenchQuery;
      // oxlint-disable-next-line no-await-in-loop -- One client asks one thing after the other.
      queriesMs.push((await ask({ url: server.url + path })).ms);
      // oxlint-disable-next-line no-await-in-loop
      await pause(PAUSE_MS);
    }
  })();
  const cpuBefore = cpuSeconds(server.pid);
  const { writesMs, lateWrites } = await write(server);
  const cpuShare = (cpuSeconds(server.pid) - cpuBefore) / SECONDS;
  const loopDelayMs = await loopDelay(server);
  over.abort();
  await asking;
  return { server, loopDelayMs, restMb, cpuShare, writesMs, queriesMs, lateWrites };
}

async function write(server: MeasuredServer): Promise<{ writesMs: number[]; lateWrites: number }> {
  const startMs = performance.now();
  const writesMs: number[] = [];
  let lateWrites = 0;
  for (const [i, body] of bodies.entries()) {
    const dueMs = startMs + (i * 1000) / REQUESTS_PER_SECOND;
    const earlyMs = dueMs - performance.now();
    // oxlint-disable-next-line no-await-in-loop -- Requests are sent at their times.
    if (earlyMs > 0) await pause(earlyMs);
    else if (earlyMs < -1000 / REQUESTS_PER_SECOND) lateWrites++;
    const sentMs = performance.now();
    // oxlint-disable-next-line no-await-in-loop
    await remoteWrite(server.url, body);
    writesMs.push(performance.now() - sentMs);
  }
  return { writesMs, lateWrites };
}

/** What our server says of itself; nothing of Go's scheduler compares to it. */
async function loopDelay({ name, url }: MeasuredServer): Promise<number | undefined> {
  if (name === 'Prometheus') return undefined;
  const { text } = await ask({ url: `${url}/metrics` });
  return Number(/^hubpulse_event_loop_delay_p99_seconds (\S+)$/m.exec(text())?.[1]) * 1000;
}

function rowsOf({ server, ...figures }: Figures): (string | number)[][] {
  const { now, peak } = residentMb(server.pid);
  const { writesMs, queriesMs } = figures;
  const rows: [string, number | undefined][] = [
    ['event-loop delay p99, ms', figures.loopDelayMs],
    ['RSS before, MB', figures.restMb],
    ['RSS at the end, MB', now],
    ['RSS peak since the start, MB', peak],
    ['CPU, cores', figures.cpuShare],
    ['request of 2,000 samples: median, ms', median(writesMs)],
    ['request of 2,000 samples: p99, ms', p99(writesMs)],
    ['requests sent over 100 ms late', figures.lateWrites],
    ['queries answered', queriesMs.length],
    ['queries: median, ms', median(queriesMs)],
    ['queries: p99, ms', p99(queriesMs)],
  ];
  return rows.flatMap(([what, value]) => (value === undefined ? [] : [[what, server.name, value]]));
}

function p99(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(0.99 * sorted.length) - 1] ?? Number.NaN;
}
