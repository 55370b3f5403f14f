import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../../apps/server/src/clock.ts';
import { openEmbeddedStore } from '../../apps/server/src/store/embedded/embedded-store.ts';
import { eventually } from '../../test/harness/eventually.ts';
import { ask, sendShards } from './client.ts';
import { cpuSeconds } from './process-cost.ts';
import { type MeasuredServer, type ServerPair, startServers } from './servers.ts';
import { createWorkload, HOUR_MS, STEP_MS } from './workload.ts';
import { createRequestEncoder, type EncodeRequest } from './write-request.ts';

/** What a server that has run for a while keeps in memory; the rest is in compressed chunks. */
const HEAD_MS = 2 * HOUR_MS;

/** Steps that are sent at the same time: 15 minutes, less than what Prometheus takes out of order among series. */
const STEPS_PER_BLOCK = 60;

const CONNECTIONS = 4;

const MINUTE_MS = 60_000;

/** A server is at rest when it uses less than a twentieth of a core for two seconds. */
const REST_MS = 2000;
const MAX_REST_SHARE = 0.05;

/** Samples stand this long before whole multiples of the step, as scrapes do: at no instant that a query names. */
const PHASE_MS = 7000;

/** Prometheus looks once a minute whether it should compact, and a day takes a few looks. */
const COMPACTION_LIMIT_MS = 300_000;

/** Both servers with the same samples, as after running for a while. */
export interface LoadedServers {
  readonly servers: ServerPair;
  readonly startMs: number;
  /** The time of the last step. */
  readonly endMs: number;
  readonly samples: number;
}

/**
 * Starts both servers and sends them `hours` of a workload up to now. All but the last two hours are then sealed here, and
 * compacted there.
 */
export async function startLoaded(series: number, hours: number): Promise<LoadedServers> {
  const startMs = Math.floor((Date.now() - hours * HOUR_MS) / MINUTE_MS) * MINUTE_MS - PHASE_MS;
  const steps = (hours * HOUR_MS) / STEP_MS;
  const sealedSteps = Math.max(0, steps - HEAD_MS / STEP_MS);
  const encode = createRequestEncoder(createWorkload(series, startMs));
  const first = await startServers();
  await send(first, encode, { series, from: 0, to: sealedSteps });
  const servers = await first.restart(seal);
  await send(servers, encode, { series, from: sealedSteps, to: steps });
  await compacted(servers.theirs);
  for (const server of servers.both) await atRest(server);
  return { servers, startMs, endMs: startMs + (steps - 1) * STEP_MS, samples: series * steps };
}

async function send(
  { both }: ServerPair,
  encode: EncodeRequest,
  { series, from, to }: { readonly series: number; readonly from: number; readonly to: number },
): Promise<void> {
  const width = series / CONNECTIONS;
  for (let firstStep = from; firstStep < to; firstStep += STEPS_PER_BLOCK) {
    const steps = Math.min(STEPS_PER_BLOCK, to - firstStep);
    const shards = Array.from({ length: CONNECTIONS }, (_, shard) => [
      encode({
        fromSeries: shard * width,
        toSeries: (shard + 1) * width,
        firstStep,
        steps,
        samplesPerSeries: steps,
      }),
    ]);
    // oxlint-disable-next-line no-await-in-loop -- Blocks are in the order of time.
    await Promise.all(both.map(({ url }) => sendShards(url, shards)));
  }
}

async function seal(directory: string): Promise<void> {
  const store = await openEmbeddedStore({ directory, clock: systemClock });
  await store.seal();
  await store.close();
}

/** Waits until a server has ended what it does by itself after such a load: compaction, roll-ups, collecting garbage. */
async function atRest({ name, pid }: MeasuredServer): Promise<void> {
  await eventually(
    `a ${name} at rest`,
    async () => {
      const before = cpuSeconds(pid);
      await pause(REST_MS);
      return cpuSeconds(pid) - before < (MAX_REST_SHARE * REST_MS) / 1000;
    },
    COMPACTION_LIMIT_MS,
  );
}

/** Waits until Prometheus' head is no longer than it is in a server that runs. */
async function compacted({ url }: MeasuredServer): Promise<void> {
  await eventually(
    'a Prometheus that has compacted its head',
    async () => {
      const { text } = await ask({ url: `${url}/metrics` });
      const figure = (name: string): number =>
        Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text())?.[1]);
      const head =
        figure('prometheus_tsdb_head_max_time') - figure('prometheus_tsdb_head_min_time');
      return head <= 3 * HOUR_MS + MINUTE_MS;
    },
    COMPACTION_LIMIT_MS,
  );
}
