/**
 * Measures how cost grows with the number of series: 2,000, 20,000 and 200,000, each sent for the first time, then again and
 * again; one query for all of a metric, one for a single series; memory. Hubpulse and Prometheus in the same run.
 *
 * Run: npm run bench -- growth [--quick]
 */
import { machine, median } from './machine.ts';
import { ask, sendShards } from './rig/client.ts';
import { cpuSeconds, residentMb } from './rig/process-cost.ts';
import { type MeasuredServer, startServers } from './rig/servers.ts';
import { table } from './rig/table.ts';
import { createWorkload, HOUR_MS, STEP_MS } from './rig/workload.ts';
import { createRequestEncoder, type EncodeRequest } from './rig/write-request.ts';

const isQuick = process.argv.includes('--quick');
const COUNTS = isQuick ? [2000, 20_000] : [2000, 20_000, 200_000];
const SAMPLES_OF_KNOWN = isQuick ? 200_000 : 1_000_000;
const MIN_STEPS = 5;
const CONNECTIONS = 4;
const QUERY_ROUNDS = 15;
const MAX_SAMPLES_PER_REQUEST = 10_000;

interface Sending {
  samples: number;
  seconds: number;
  cpu: number;
}

const rows: (string | number)[][] = [];
// oxlint-disable-next-line no-await-in-loop -- One after the other.
for (const count of COUNTS) rows.push(...(await measure(count)));
console.log(`${machine()}\n`);
console.log(
  table(
    [
      'series',
      'server',
      'new series/s',
      'CPU-s per million new',
      'known: samples/s',
      'known: CPU-s per million',
      'one metric of all hosts, ms',
      'one series, ms',
      'RSS, MB',
    ],
    rows,
  ),
);

async function measure(count: number): Promise<(string | number)[][]> {
  const servers = await startServers();
  const startMs = Date.now() - 8 * HOUR_MS;
  const encode = createRequestEncoder(createWorkload(count, startMs));
  try {
    const steps = Math.max(MIN_STEPS, SAMPLES_OF_KNOWN / count);
    const fresh = await sendTo(servers.both, () => stepBodies(encode, count, 0));
    const known = fresh.map((): Sending => ({ samples: 0, seconds: 0, cpu: 0 }));
    const stepsPerRound = Math.max(1, Math.floor(100_000 / count));
    for (let step = 1; step <= steps; step += stepsPerRound) {
      // oxlint-disable-next-line no-await-in-loop -- Time goes on.
      const sent = await sendTo(servers.both, () =>
        joined(
          Array.from({ length: stepsPerRound }, (_, i) => stepBodies(encode, count, step + i)),
        ),
      );
      for (const [i, one] of sent.entries()) add(known[i] as Sending, one, stepsPerRound);
    }
    const endMs = startMs + steps * STEP_MS;
    const queries = await query(servers.both, endMs);
    return servers.both.map(({ name, pid }, i) => [
      count,
      name,
      ...ratesOf(fresh[i] as Sending),
      ...ratesOf(known[i] as Sending),
      ...(queries[i] ?? []),
      residentMb(pid).now,
    ]);
  } finally {
    await servers.remove();
  }

  function ratesOf({ samples, seconds, cpu }: Sending): number[] {
    return [samples / seconds, (cpu / samples) * 1e6];
  }

  async function sendTo(
    both: readonly MeasuredServer[],
    encodeAll: () => Uint8Array[][],
  ): Promise<Sending[]> {
    const shards = encodeAll();
    const sent: Sending[] = [];
    for (const { url, pid } of both) {
      const cpuBefore = cpuSeconds(pid);
      const before = performance.now();
      // oxlint-disable-next-line no-await-in-loop -- One server after the other.
      await sendShards(url, shards);
      const seconds = (performance.now() - before) / 1000;
      sent.push({ samples: count, seconds, cpu: cpuSeconds(pid) - cpuBefore });
    }
    return sent;
  }
}

function add(to: Sending, { samples, seconds, cpu }: Sending, steps: number): void {
  to.samples += samples * steps;
  to.seconds += seconds;
  to.cpu += cpu;
}

/** One sample of every series; each connection has series of its own. */
function stepBodies(encode: EncodeRequest, count: number, firstStep: number): Uint8Array[][] {
  const width = count / CONNECTIONS;
  return Array.from({ length: CONNECTIONS }, (_, shard) => {
    const bodies: Uint8Array[] = [];
    const end = (shard + 1) * width;
    for (let fromSeries = shard * width; fromSeries < end; fromSeries += MAX_SAMPLES_PER_REQUEST) {
      const toSeries = Math.min(end, fromSeries + MAX_SAMPLES_PER_REQUEST);
      bodies.push(encode({ fromSeries, toSeries, firstStep, steps: 1 }));
    }
    return bodies;
  });
}

function joined(steps: readonly Uint8Array[][][]): Uint8Array[][] {
  return Array.from({ length: CONNECTIONS }, (_, shard) =>
    steps.flatMap((one) => one[shard] ?? []),
  );
}

async function query(both: readonly MeasuredServer[], endMs: number): Promise<number[][]> {
  const found: number[][] = both.map(() => []);
  for (const expression of [
    'sum by (cluster) (cpu_usage_percent)',
    'cpu_usage_percent{host="host-42"}',
  ]) {
    const times: number[][] = both.map(() => []);
    const parameters = new URLSearchParams({ query: expression, time: String(endMs / 1000) });
    for (let round = 0; round < QUERY_ROUNDS; round++) {
      for (const [i, { url }] of both.entries()) {
        // oxlint-disable-next-line no-await-in-loop -- One server after the other.
        times[i]?.push((await ask({ url: `${url}/api/v1/query?${parameters.toString()}` })).ms);
      }
    }
    for (const [i, ms] of times.entries()) found[i]?.push(median(ms));
  }
  return found;
}
