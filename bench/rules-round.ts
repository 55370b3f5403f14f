/**
 * Measures one round of 1,000 alert-like queries over 2,000 series: through HTTP, ten at a time, to Hubpulse and to Prometheus in
 * the same run; and inside of a process over the embedded store, as rules are evaluated, one after another.
 *
 * Run: npm run bench -- rules-round [--quick]
 */
import { systemClock } from '../apps/server/src/clock.ts';
import { createPromqlQuery } from '../apps/server/src/query/promql-query.ts';
import { openEmbeddedStore } from '../apps/server/src/store/embedded/embedded-store.ts';
import { machine, median } from './machine.ts';
import { ask } from './rig/client.ts';
import { startLoaded } from './rig/day.ts';
import { cpuSeconds } from './rig/process-cost.ts';
import type { MeasuredServer } from './rig/servers.ts';
import { table } from './rig/table.ts';

const isQuick = process.argv.includes('--quick');
const ROUNDS = isQuick ? 3 : 15;
const HOURS = 4;
const HOSTS = 100;
const CONCURRENCY = 10;

/** What people alert on, for one host each. */
const TEMPLATES: readonly ((host: string) => string)[] = [
  (host) => `cpu_usage_percent{${host}} > 80`,
  (host) => `avg_over_time(cpu_usage_percent{${host}}[5m]) > 80`,
  (host) => `memory_usage_percent{${host}} > 90`,
  (host) => `max_over_time(memory_usage_percent{${host}}[10m]) > 90`,
  (host) => `disk_usage_percent{${host}} > 90`,
  (host) => `predict_linear(disk_usage_percent{${host}}[1h], 14400) > 100`,
  (host) =>
    `sum(rate(http_errors_total{${host}}[5m])) / sum(rate(http_requests_total{${host}}[5m])) > 0.05`,
  (host) => `rate(llm_tokens_total{${host}}[5m]) > 50`,
  (host) => `avg_over_time(latency_milliseconds{${host}}[5m]) > 500`,
  (host) => `absent(load_average{${host}})`,
];

const QUERIES = TEMPLATES.flatMap((template) =>
  Array.from({ length: HOSTS }, (_, host) => template(`host="host-${host}"`)),
);

interface Round {
  readonly ms: number;
  readonly cpuMs: number;
}

const loaded = await startLoaded(2000, HOURS);
const tMs = loaded.endMs;
const columns = new Map<string, Round[]>();
try {
  for (let round = -2; round < ROUNDS; round++) {
    for (const server of loaded.servers.both) {
      // oxlint-disable-next-line no-await-in-loop -- One server after the other.
      note(`${server.name} through HTTP`, round, await overHttp(server));
    }
  }
  const servers = await loaded.servers.restart(async (directory) => {
    const store = await openEmbeddedStore({ directory, clock: systemClock });
    // oxlint-disable-next-line no-await-in-loop -- One round after the other.
    for (let round = -2; round < ROUNDS; round++)
      note('Hubpulse in one process', round, await inside(store));
    await store.close();
  });
  await servers.remove();
} catch (error) {
  await loaded.servers.remove();
  throw error;
}
console.log(`${machine()}\n${QUERIES.length} queries a round, ${ROUNDS} rounds\n`);
console.log(
  table(
    ['', 'a round, ms: median', 'most', 'CPU, ms'],
    Array.from(columns, ([name, rounds]) => [
      name,
      median(rounds.map(({ ms }) => ms)),
      Math.max(...rounds.map(({ ms }) => ms)),
      median(rounds.map(({ cpuMs }) => cpuMs)),
    ]),
  ),
);

/** Rounds below 0 warm up. */
function note(name: string, round: number, figures: Round): void {
  if (round < 0) return;
  columns.set(name, [...(columns.get(name) ?? []), figures]);
}

async function overHttp({ url, pid }: MeasuredServer): Promise<Round> {
  const cpuBefore = cpuSeconds(pid);
  const startMs = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let query = QUERIES[next++]; query !== undefined; query = QUERIES[next++]) {
      const parameters = new URLSearchParams({ query, time: String(tMs / 1000) });
      // oxlint-disable-next-line no-await-in-loop -- A worker asks one thing after the other.
      await ask({ url: `${url}/api/v1/query?${parameters.toString()}` });
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  const ms = performance.now() - startMs;
  return { ms, cpuMs: (cpuSeconds(pid) - cpuBefore) * 1000 };
}

async function inside(store: Awaited<ReturnType<typeof openEmbeddedStore>>): Promise<Round> {
  const promql = createPromqlQuery({ store });
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  for (const query of QUERIES) {
    // oxlint-disable-next-line no-await-in-loop -- Rules are evaluated one after another.
    await promql.instant(query, tMs, { signal: AbortSignal.timeout(10_000) });
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  return { ms: performance.now() - startMs, cpuMs: (user + system) / 1000 };
}
