/**
 * Measures queries through HTTP on workload A (2,000 series × 24 h × 15 s), Hubpulse beside Prometheus in the same run, round by
 * round, after checking that both give the same answers. A time is from the question to the last byte of the answer.
 *
 * Run: npm run bench -- query-http [--quick]
 */
import { machine, median } from './machine.ts';
import { differenceOf } from './rig/agreement.ts';
import { ask } from './rig/client.ts';
import { startLoaded } from './rig/day.ts';
import { cpuSeconds } from './rig/process-cost.ts';
import { benchQueries, type BenchQuery } from './rig/queries.ts';
import type { MeasuredServer } from './rig/servers.ts';
import { table } from './rig/table.ts';

const isQuick = process.argv.includes('--quick');
const HOURS = isQuick ? 7 : 24;
const WARM_UP_ROUNDS = isQuick ? 3 : 10;
const ROUNDS = isQuick ? 5 : 40;

interface Timing {
  readonly ms: number[];
  cpuSeconds: number;
  bytes: number;
}

const { servers, endMs, samples } = await startLoaded(2000, HOURS);
console.log(`${machine()}\n2,000 series × ${HOURS} h: ${samples} samples; ${ROUNDS} rounds\n`);
try {
  for (const encoding of ['identity', 'gzip']) {
    // oxlint-disable-next-line no-await-in-loop -- One after the other.
    console.log(`${await measureAll(benchQueries(endMs), encoding)}\n`);
  }
} finally {
  await servers.remove();
}

async function measureAll(queries: readonly BenchQuery[], encoding: string): Promise<string> {
  const rows: (string | number)[][] = [];
  for (const query of queries) {
    // oxlint-disable-next-line no-await-in-loop -- One after the other.
    const [ours, theirs] = await measure(query, encoding);
    const ratio = median(theirs.ms) / median(ours.ms);
    const cpuMs = ({ cpuSeconds: used }: Timing): string => ((used / ROUNDS) * 1000).toFixed(1);
    rows.push([
      query.name,
      ...[ours, theirs].map(({ ms }) => `${median(ms).toFixed(2)} (${p95(ms).toFixed(2)})`),
      `${ratio.toFixed(2)}${ratio < (query.isHeavy ? 2 : 1) ? ' ✗' : ''}`,
      `${cpuMs(ours)} / ${cpuMs(theirs)}`,
      `${ours.bytes} / ${theirs.bytes}`,
    ]);
  }
  const head = [
    `${encoding}: query`,
    'Hubpulse, ms (p95)',
    'Prometheus, ms (p95)',
    'times as fast',
    'CPU, ms',
    'bytes',
  ];
  return table(head, rows);
}

async function measure(query: BenchQuery, encoding: string): Promise<[Timing, Timing]> {
  const timings = servers.both.map((): Timing => ({ ms: [], cpuSeconds: 0, bytes: 0 })) as [
    Timing,
    Timing,
  ];
  const texts: string[] = [];
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    for (const [i, server] of servers.both.entries()) {
      // oxlint-disable-next-line no-await-in-loop -- One after the other.
      const { ms, cpu, bytes, text } = await timeOne(server, query, encoding);
      if (round === -1) texts.push(text());
      if (round < 0) continue;
      const timing = timings[i] as Timing;
      timing.ms.push(ms);
      timing.cpuSeconds += cpu;
      timing.bytes = bytes;
    }
  }
  const difference = differenceOf(texts[0] ?? '', texts[1] ?? '');
  if (difference !== undefined) throw new Error(`${query.name}: the answers differ: ${difference}`);
  return timings;
}

async function timeOne(
  { url, pid }: MeasuredServer,
  { path }: BenchQuery,
  encoding: string,
): Promise<{ ms: number; cpu: number; bytes: number; text: () => string }> {
  const before = cpuSeconds(pid);
  const answer = await ask({ url: url + path, headers: { 'accept-encoding': encoding } });
  return { ...answer, cpu: cpuSeconds(pid) - before };
}

function p95(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(0.95 * sorted.length) - 1] ?? Number.NaN;
}
