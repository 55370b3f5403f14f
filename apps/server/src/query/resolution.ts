import type { SelectionPlan } from '@hubpulse/promql';
import type { Clock } from '../clock.ts';
import { type MetricStore, type Resolution, RESOLUTIONS } from '../store/port.ts';

/** What a query reads: samples, or buckets of a width in milliseconds. */
export type ReadResolution = 'raw' | Resolution;

/** Decides what a query reads, from what its selectors need. */
export type ResolutionChoice = (plans: readonly SelectionPlan[]) => ReadResolution;

/** How resolutions are written, finest first. */
const NAMES: ReadonlyMap<string, ReadResolution> = new Map<string, ReadResolution>([
  ['raw', 'raw'],
  ['1m', 60_000],
  ['1h', 3_600_000],
]);

/** The resolution of a name; `undefined` for a name of none. */
export function findResolution(name: string): ReadResolution | undefined {
  return NAMES.get(name);
}

/** The name of a resolution. */
export function nameOfResolution(resolution: ReadResolution): string {
  return [...NAMES].find(([, one]) => one === resolution)?.[0] ?? 'raw';
}

/** Shorter selections are never worth a thought. */
const SHORT_MS = 6 * 3_600_000;

/** The interval at which most series are measured; how long a selection is can only be guessed before it is read. */
const USUAL_INTERVAL_MS = 15_000;

/**
 * From so many rows on a query is long: `bench/query-resolution.ts` has what they cost. Below, samples are read quickly
 * enough, and the answer is what it would be elsewhere.
 */
const LONG_ROWS = 2_000_000;

/**
 * Makes the choice.
 *
 * Samples are read while they reach back far enough, beyond that the finest buckets that do. A long query reads coarser
 * ones where that changes nothing in its answer, or in rates too little to see; see `BucketEffect`.
 */
export function createResolutionChoice({
  store,
  clock,
  retentionMs,
}: {
  readonly store: Pick<MetricStore, 'series'>;
  readonly clock: Clock;
  /** How long samples and buckets of a minute are kept; those of an hour are the last. */
  readonly retentionMs: { readonly raw: number; readonly minute: number };
}): ResolutionChoice {
  return (plans) => {
    if (plans.length === 0) return 'raw';
    const fromMs = Math.min(...plans.map((plan) => plan.fromMs));
    let chosen = finestThatReaches(clock.nowMs() - fromMs, retentionMs);
    for (const width of RESOLUTIONS) {
      if (chosen !== 'raw' && chosen >= width) continue;
      if (!isLong(plans, chosen, store)) break;
      if (plans.some((plan) => plan.effectOf(width) === 'coarse')) break;
      chosen = width;
    }
    return chosen;
  };
}

function finestThatReaches(
  ageMs: number,
  { raw, minute }: { readonly raw: number; readonly minute: number },
): ReadResolution {
  const [minuteMs, hourMs] = RESOLUTIONS;
  if (ageMs <= raw) return 'raw';
  return ageMs <= minute ? minuteMs : hourMs;
}

function isLong(
  plans: readonly SelectionPlan[],
  resolution: ReadResolution,
  store: Pick<MetricStore, 'series'>,
): boolean {
  const intervalMs = resolution === 'raw' ? USUAL_INTERVAL_MS : resolution;
  let rows = 0;
  for (const { matchers, fromMs, toMs } of plans) {
    if (toMs - fromMs < SHORT_MS) continue;
    rows += store.series(matchers).length * ((toMs - fromMs) / intervalMs);
  }
  return rows > LONG_ROWS;
}
