import { createLabels, METRIC_NAME } from '@hubpulse/model';
import type { Clock } from '../clock.ts';
import type { MetricStore } from '../store/port.ts';

/** Whether the store takes a write and gives it back; `reason` says what failed. */
export type Readiness =
  | { readonly ready: true }
  | { readonly ready: false; readonly reason: string };

/** A store that has not answered by then is as good as down for whoever asks. */
const TIMEOUT_MS = 2000;

/** Answers within this time are reused: each check is a durable write, and anybody may ask. */
const REUSE_MS = 1000;

const PROBE = createLabels({
  [METRIC_NAME]: 'hubpulse_readiness_probe_timestamp_seconds',
  job: 'hubpulse',
});

/** Makes the check behind `/readyz`: writes a sample, reads it, at most once a second however often it is asked. */
export function createReadiness({
  store,
  clock,
}: {
  store: MetricStore;
  clock: Clock;
}): () => Promise<Readiness> {
  let last: Promise<Readiness> | undefined;
  let lastMs = Number.NEGATIVE_INFINITY;
  return () => {
    if (last !== undefined && clock.monotonicMs() - lastMs < REUSE_MS) return last;
    lastMs = clock.monotonicMs();
    last = withTimeout(checkStore(store, clock.nowMs()), clock);
    return last;
  };
}

async function checkStore(store: MetricStore, tMs: number): Promise<Readiness> {
  try {
    const value = tMs / 1000;
    await store.append({
      refs: Uint32Array.of(store.intern(PROBE)),
      tMs: Float64Array.of(tMs),
      values: Float64Array.of(value),
    });
    const matchers = PROBE.map(([name, text]) => ({ name, op: '=' as const, value: text }));
    const [series] = await store.select({ matchers, fromMs: tMs, toMs: tMs });
    if (series?.values.at(-1) === value) return { ready: true };
    return {
      ready: false,
      reason: `the store did not give back what was written: got ${series?.values.at(-1)}; want ${value}`,
    };
  } catch (error) {
    return { ready: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

function withTimeout(check: Promise<Readiness>, clock: Clock): Promise<Readiness> {
  return new Promise((resolve) => {
    const cancel = clock.schedule(() => {
      resolve({
        ready: false,
        reason: `the store did not answer: got nothing within ${TIMEOUT_MS} ms; want a write and a read`,
      });
    }, TIMEOUT_MS);
    void check.then((readiness) => {
      cancel();
      resolve(readiness);
    });
  });
}
