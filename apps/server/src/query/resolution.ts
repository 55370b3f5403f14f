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
 * From so many rows on a query is long, by what it would read in their place. `bench/query-resolution.ts`: hours are read ten
 * to thirty times as fast as samples each 15 seconds; minutes are not read faster than those, but than samples each second.
 */
const LONG_ROWS: Readonly<Record<Resolution, number>> = { 60_000: 2_000_000, 3_600_000: 500_000 };

/** How long samples and buckets of a minute are kept, in milliseconds; those of an hour are all that is left then. */
type Retention = Readonly<Record<'raw' | '1m', number>>;

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
  readonly retentionMs: Retention;
}): ResolutionChoice {
  return (plans) => {
    if (plans.length === 0) return 'raw';
    const fromMs = Math.min(...plans.map((plan) => plan.fromMs));
    const finest = finestThatReaches(clock.nowMs() - fromMs, retentionMs);
    const rows = rowsOf(plans, finest, store);
    const coarser = COARSEST_FIRST.find(
      (width) =>
        (finest === 'raw' || width > finest) &&
        rows > LONG_ROWS[width] &&
        plans.every((plan) => plan.effectOf(width) !== 'coarse'),
    );
    return coarser ?? finest;
  };
}

const COARSEST_FIRST: readonly Resolution[] = RESOLUTIONS.toReversed();

function finestThatReaches(ageMs: number, retentionMs: Retention): ReadResolution {
  const [minuteMs, hourMs] = RESOLUTIONS;
  if (ageMs <= retentionMs.raw) return 'raw';
  return ageMs <= retentionMs['1m'] ? minuteMs : hourMs;
}

/** How many rows the long selections among the plans would read, as far as it can be told beforehand. */
function rowsOf(
  plans: readonly SelectionPlan[],
  resolution: ReadResolution,
  store: Pick<MetricStore, 'series'>,
): number {
  const intervalMs = resolution === 'raw' ? USUAL_INTERVAL_MS : resolution;
  let rows = 0;
  for (const { matchers, fromMs, toMs } of plans) {
    if (toMs - fromMs < SHORT_MS) continue;
    rows += store.series(matchers).length * ((toMs - fromMs) / intervalMs);
  }
  return rows;
}
