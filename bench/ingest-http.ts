/**
 * Measures ingest through HTTP: remote write 1.0 to Hubpulse and to Prometheus in the same run, round by round, over
 * connections that each wait for their answers. Bodies are made before the clock runs. Each sample names its series, as
 * Prometheus sends them; all series are known after the first round, which does not count.
 *
 * Run: npm run bench -- ingest-http [--quick]
 */
import { machine, median } from './machine.ts';
import { sendShards } from './rig/client.ts';
import { cpuSeconds, residentMb } from './rig/process-cost.ts';
import { type MeasuredServer, startServers } from './rig/servers.ts';
import { table } from './rig/table.ts';
import { createWorkload, HOUR_MS } from './rig/workload.ts';
import { createRequestEncoder, type EncodeRequest } from './rig/write-request.ts';

const isQuick = process.argv.includes('--quick');
const ROUNDS = isQuick ? 2 : 12;
const SAMPLES_PER_ROUND = isQuick ? 100_000 : 400_000;
/** A few senders at once; each has a whole number of requests and of series in a round. */
const CONNECTIONS = 5;

interface Case {
  readonly name: string;
  readonly series: number;
  readonly samplesPerRequest: number;
}

const CASES: readonly Case[] = [
  { name: 'A', series: 2000, samplesPerRequest: 2000 },
  { name: 'A', series: 2000, samplesPerRequest: 20_000 },
  { name: 'B', series: 20_000, samplesPerRequest: 2000 },
  { name: 'B', series: 20_000, samplesPerRequest: 20_000 },
];

interface Figures {
  readonly rates: number[];
  cpu: number;
  readonly residentMb: number;
}

console.log(`${machine()}\n`);
const head = [
  'workload, samples a request',
  'server',
  'samples/s, median',
  'CPU-s per million samples',
  'RSS at the end, MB',
];
const rows: (string | number)[][] = [];
const ratios: string[] = [];
for (const one of CASES) {
  // oxlint-disable-next-line no-await-in-loop -- Cases at the same time would measure each other.
  const [ours, theirs] = await measure(one);
  const name = `${one.name}, ${one.samplesPerRequest}`;
  for (const [server, { rates, cpu, residentMb: mb }] of [
    ['Hubpulse', ours],
    ['Prometheus', theirs],
  ] as const) {
    rows.push([name, server, median(rates), cpu, mb]);
  }
  const ratio = median(ours.rates) / median(theirs.rates);
  ratios.push(
    `${name}: ${ratio.toFixed(1)} times the rate, ${(theirs.cpu / ours.cpu).toFixed(1)} times less CPU`,
  );
}
console.log(table(head, rows));
console.log(`\n${ratios.join('\n')}`);

async function measure({ series, samplesPerRequest }: Case): Promise<[Figures, Figures]> {
  const servers = await startServers();
  const encode = createRequestEncoder(createWorkload(series, Date.now() - 20 * HOUR_MS));
  const figures = servers.both.map((): Figures => ({ rates: [], cpu: 0, residentMb: 0 }));
  try {
    const stepsPerRound = SAMPLES_PER_ROUND / series;
    for (let round = 0; round <= ROUNDS; round++) {
      const shards = shardsOf(encode, {
        series,
        samplesPerRequest,
        firstStep: round * stepsPerRound,
      });
      for (const [i, server] of servers.both.entries()) {
        // oxlint-disable-next-line no-await-in-loop -- One server after the other.
        const { rate, cpu } = await timeRound(server, shards);
        if (round === 0) continue;
        figures[i]?.rates.push(rate);
        (figures[i] as Figures).cpu += cpu / ROUNDS;
      }
    }
    return servers.both.map(({ pid }, i) => ({
      ...(figures[i] as Figures),
      residentMb: residentMb(pid).now,
    })) as [Figures, Figures];
  } finally {
    await servers.remove();
  }
}

async function timeRound(
  server: MeasuredServer,
  shards: readonly (readonly Uint8Array[])[],
): Promise<{ rate: number; cpu: number }> {
  const cpuBefore = cpuSeconds(server.pid);
  const startMs = performance.now();
  await sendShards(server.url, shards);
  const seconds = (performance.now() - startMs) / 1000;
  const cpu = cpuSeconds(server.pid) - cpuBefore;
  return { rate: SAMPLES_PER_ROUND / seconds, cpu: (cpu / SAMPLES_PER_ROUND) * 1e6 };
}

/** The bodies of one round: each connection has series of its own, and sends them step by step. */
function shardsOf(
  encode: EncodeRequest,
  {
    series,
    samplesPerRequest,
    firstStep,
  }: { series: number; samplesPerRequest: number; firstStep: number },
): Uint8Array[][] {
  const width = series / CONNECTIONS;
  const requests = SAMPLES_PER_ROUND / CONNECTIONS / samplesPerRequest;
  return Array.from({ length: CONNECTIONS }, (_, shard) => {
    const from = shard * width;
    return width <= samplesPerRequest
      ? Array.from({ length: requests }, (__, i) => {
          const steps = samplesPerRequest / width;
          return encode({
            fromSeries: from,
            toSeries: from + width,
            firstStep: firstStep + i * steps,
            steps,
          });
        })
      : Array.from({ length: requests }, (__, i) => {
          const parts = width / samplesPerRequest;
          const fromSeries = from + (i % parts) * samplesPerRequest;
          const step = firstStep + Math.floor(i / parts);
          return encode({
            fromSeries,
            toSeries: fromSeries + samplesPerRequest,
            firstStep: step,
            steps: 1,
          });
        });
  });
}
