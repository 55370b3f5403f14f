import { createLabels, METRIC_NAME, type Sample } from '@hubpulse/model';
import type { Clock } from '../clock.ts';

/** How long the server may take to answer its own probe. */
const TIMEOUT_MS = 3000;

/** How often the probe runs: often enough for four requests in the minute that the response-time signal looks at. */
const INTERVAL_MS = 15_000;

/**
 * Asks our own `/readyz` over HTTP, as an outside check would, every 15 s at most: so the response time is measured also
 * while nobody looks, and `up{job="hubpulse"}` says whether the whole path from listener to disk works.
 *
 * @returns What a pulse step calls: gives no sample when it is not yet time.
 */
export function createProbe({
  url,
  clock,
  instance,
  fetch,
}: {
  url: () => string;
  clock: Clock;
  instance: string;
  fetch: typeof globalThis.fetch;
}): (tMs: number) => Promise<Sample[]> {
  const labels = createLabels({ [METRIC_NAME]: 'up', job: 'hubpulse', instance });
  let lastMs = Number.NEGATIVE_INFINITY;
  return async (tMs) => {
    if (clock.monotonicMs() - lastMs < INTERVAL_MS) return [];
    lastMs = clock.monotonicMs();
    const isUp = await fetch(url(), { signal: AbortSignal.timeout(TIMEOUT_MS) }).then(
      async (response) => {
        await response.arrayBuffer();
        return response.ok;
      },
      () => false,
    );
    return [{ labels, tMs, value: isUp ? 1 : 0 }];
  };
}
