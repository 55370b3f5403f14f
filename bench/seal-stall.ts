/**
 * Measures how long appends and small selections wait while a seal runs, beside the same load without one.
 *
 * Each round fills the head, loads the store for two seconds without a seal, then for as long as a seal takes. The load:
 * an append of 2,000 rows each 100 ms, and five minutes of one series each 20 ms. Two heads: 2,000 series × 2 h × 15 s, and
 * 20,000 series up to the 4 million samples at which the store seals by itself.
 *
 * Run: npm run bench -- seal-stall [rounds]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SampleBatch } from '@hubpulse/model';
import { systemClock } from '../apps/server/src/clock.ts';
import {
  type EmbeddedStore,
  openEmbeddedStore,
} from '../apps/server/src/store/embedded/embedded-store.ts';
import { machine } from './machine.ts';
import { createWorkload, STEP_MS, type Workload } from './rig/workload.ts';

const rounds = Number(process.argv[2] ?? 5);
if (!(rounds >= 1)) throw new Error(`got ${process.argv[2]} rounds; want 1 or more`);

const START_MS = Date.UTC(2026, 0, 15);
const APPEND_ROWS = 2000;
const APPEND_EVERY_MS = 100;
const SELECT_EVERY_MS = 20;
const SELECTED_MS = 300_000;
const CALM_MS = 2000;
/** More than a head of this benchmark ever holds: seals begin when they are asked for. */
const MAX_HEAD_SAMPLES = 20_000_000;

const HEADS = [
  { series: 2000, steps: 480 },
  { series: 20_000, steps: 200 },
];

/** Milliseconds that each call took. */
interface Latencies {
  readonly appends: number[];
  readonly selects: number[];
}

class Load {
  readonly #store: EmbeddedStore;
  readonly #workload: Workload;
  readonly #refs: Uint32Array;
  #step = 0;

  constructor(store: EmbeddedStore, series: number) {
    this.#store = store;
    this.#workload = createWorkload(series, START_MS);
    this.#refs = Uint32Array.from(this.#workload.labels, (labels) => store.intern(labels));
  }

  async fill(steps: number): Promise<void> {
    for (let i = 0; i < steps; i++) {
      // oxlint-disable-next-line no-await-in-loop -- Memory stays bounded.
      await this.#store.append(this.#rows(this.#refs.length));
    }
  }

  /** Appends and selects until `end` settles. */
  async during(end: Promise<unknown>): Promise<Latencies> {
    const latencies: Latencies = { appends: [], selects: [] };
    const ended = new AbortController();
    const stop = end.finally(() => ended.abort());
    const calls = [
      every(APPEND_EVERY_MS, ended.signal, () =>
        timed(latencies.appends, this.#store.append(this.#rows(APPEND_ROWS))),
      ),
      every(SELECT_EVERY_MS, ended.signal, () => timed(latencies.selects, this.#select())),
    ];
    await Promise.all([stop, ...calls]);
    return latencies;
  }

  /** The next step of the first `count` series. */
  #rows(count: number): SampleBatch {
    const refs = this.#refs.slice(0, count);
    const step = this.#step++;
    return {
      refs,
      tMs: Float64Array.from(refs, (_, series) => this.#workload.timeOf(series, step)),
      values: Float64Array.from(refs, (_, series) => this.#workload.nextValue(series)),
    };
  }

  #select(): Promise<unknown> {
    const toMs = START_MS + this.#step * STEP_MS;
    const labels = this.#workload.labels[this.#step % APPEND_ROWS] ?? [];
    const matchers = labels.map(([name, value]) => ({ name, op: '=' as const, value }));
    return this.#store.select({ matchers, fromMs: toMs - SELECTED_MS, toMs });
  }
}

/** Starts a call at each multiple of `intervalMs`, whether or not those before have ended; waits for all. */
async function every(
  intervalMs: number,
  signal: AbortSignal,
  call: () => Promise<void>,
): Promise<void> {
  const calls: Promise<void>[] = [];
  let nextMs = performance.now();
  while (!signal.aborted) {
    calls.push(call());
    nextMs += intervalMs;
    // oxlint-disable-next-line no-await-in-loop -- This is the clock of the load.
    await sleep(Math.max(0, nextMs - performance.now()));
  }
  await Promise.all(calls);
}

async function timed(into: number[], call: Promise<unknown>): Promise<void> {
  const startMs = performance.now();
  await call;
  into.push(performance.now() - startMs);
}

function summary(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN).toFixed(
      1,
    );
  return `${at(0.5)} | ${at(0.99)} | ${at(1)} | ${sorted.length}`;
}

console.log(`${machine()}\n`);
console.log('| head | calls | p50, ms | p99, ms | max, ms | calls |\n|---|---|---|---|---|---|');
for (const { series, steps } of HEADS) {
  const directory = mkdtempSync(join(tmpdir(), 'hubpulse-bench-'));
  // oxlint-disable-next-line no-await-in-loop -- One store after the other.
  const store = await openEmbeddedStore({
    directory,
    clock: systemClock,
    maxHeadSamples: MAX_HEAD_SAMPLES,
  });
  const load = new Load(store, series);
  const calm: Latencies = { appends: [], selects: [] };
  const sealing: Latencies = { appends: [], selects: [] };
  const add = (into: Latencies, { appends, selects }: Latencies): void => {
    into.appends.push(...appends);
    into.selects.push(...selects);
  };
  let sealMs = 0;
  for (let round = 0; round < rounds; round++) {
    /* oxlint-disable no-await-in-loop -- Rounds follow each other. */
    await load.fill(steps);
    add(calm, await load.during(sleep(CALM_MS)));
    const startMs = performance.now();
    add(sealing, await load.during(store.seal()));
    sealMs += performance.now() - startMs;
    /* oxlint-enable no-await-in-loop */
  }
  // oxlint-disable-next-line no-await-in-loop
  await store.close();
  rmSync(directory, { recursive: true });
  const head = `${series} series × ${steps}`;
  console.log(`| ${head} | appends, no seal | ${summary(calm.appends)} |`);
  console.log(
    `| ${head} | appends, seal of ${(sealMs / rounds).toFixed(0)} ms | ${summary(sealing.appends)} |`,
  );
  console.log(`| ${head} | selects, no seal | ${summary(calm.selects)} |`);
  console.log(`| ${head} | selects, seal | ${summary(sealing.selects)} |`);
}
