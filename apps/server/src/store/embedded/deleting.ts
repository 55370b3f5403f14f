import type { Deleted } from '../port.ts';
import { bucketEnd } from '../roll-up.ts';
import { BucketRun } from './bucket-run.ts';
import { dayEndMs, dayOf, dayStartMs } from './data-directory.ts';
import { collectReadable, type DayCatalog, isDamage } from './day-catalog.ts';
import { type RewritingParts, rewriteDay } from './day-rewriting.ts';
import type { PendingDeletion, TimeRange } from './deletions.ts';
import { hasAll, planOf } from './roll-plan.ts';
import { type RollingParts, rollPeriod } from './rolling.ts';
import type { Tier } from './rollup-tier.ts';
import { SampleRun } from './sample-run.ts';

/** Samples read between two looks at the queue of appends: some 5 ms. A series costs as much as 500. */
const SLICE_SAMPLES = 65_536;
const SERIES_COST_SAMPLES = 512;

/** Series looked up in a file between two looks at the queue of appends. */
const SLICE_KEYS = 1024;

export interface DeletingParts extends RewritingParts, RollingParts {
  readonly tiers: readonly Tier[];
}

/** Which samples are to go, all of them in chunks of seals up to `seal`. */
export interface DeletionOrder extends TimeRange {
  readonly keys: readonly number[];
  readonly seal: number;
}

/** What is there of an order. */
export interface DeletionCount extends Deleted {
  /** The series that have samples or buckets there. */
  readonly keys: ReadonlySet<number>;
}

/** Counts what is there of an order. @throws StoreError `io` */
export function* countSamples(
  { days, tiers }: DeletingParts,
  order: DeletionOrder,
): Generator<void, DeletionCount> {
  const { keys, fromMs, toMs, seal } = order;
  const run = new SampleRun();
  const found = new Set<number>();
  let samples = 0;
  let cost = 0;
  for (const key of keys) {
    collectReadable(days, { range: { key, fromMs, toMs }, run, seals: { after: 0, upTo: seal } });
    const { start, end } = run.range(fromMs, toMs);
    samples += end - start;
    if (end > start || tiers.some((tier) => hasBuckets(days, tier, { key, ...order }))) {
      found.add(key);
    }
    cost += SERIES_COST_SAMPLES + run.length;
    if (cost < SLICE_SAMPLES) continue;
    cost = 0;
    yield;
  }
  return { series: found.size, samples, keys: found };
}

/** Whether a series has buckets in the range whose samples have expired. */
function hasBuckets(
  days: DayCatalog,
  tier: Tier,
  { key, fromMs, toMs }: TimeRange & { readonly key: number },
): boolean {
  const width = tier.resolutionMs;
  const run = new BucketRun();
  return periodsIn(tier, { fromMs, toMs }).some((period) => {
    if (tier.daysOf(period).every(({ day }) => hasAll(days, tier, day))) return false;
    run.clear();
    try {
      tier.read(period, key, run);
    } catch (error) {
      if (!isDamage(error)) throw error;
    }
    return run.tMs.some((time) => {
      const end = bucketEnd(time, width);
      return end >= fromMs && end - width < toMs && !hasAll(days, tier, dayOf(time));
    });
  });
}

/** The periods of which a bucket may touch the range. */
function periodsIn(tier: Tier, { fromMs, toMs }: TimeRange): string[] {
  const width = tier.resolutionMs;
  return tier
    .periods()
    .filter((period) =>
      tier
        .daysOf(period)
        .some(({ day }) => dayStartMs(day) - width <= toMs && dayEndMs(day) + width >= fromMs),
    );
}

/**
 * Carries out a deletion that was decided: writes every file that it concerns anew, roll-ups first, because those are
 * made of the samples that remain. May be done again from the start after a crash or a failure.
 *
 * @throws StoreError `disk_full`, `io`; readers leave out what is deleted until it works.
 */
export function* carryOut(parts: DeletingParts, deletion: PendingDeletion): Generator<void> {
  const { days, tiers, headFile, deletions } = parts;
  for (const tier of tiers) {
    for (const period of periodsIn(tier, deletion)) {
      const has = (keys: readonly number[]): boolean => tier.hasAny(period, keys);
      if (!(yield* hasSome(deletion.keys, has))) continue;
      const plans = tier
        .daysOf(period)
        .filter(({ day }) => overlaps(day, deletion))
        .map(({ day }) => planOf(days, tier, day))
        .filter((plan) => plan !== undefined);
      yield* rollPeriod(parts, { tier, period, plans });
    }
  }
  for (const day of days.days()) {
    if (!overlaps(day, deletion) || !days.seals(day).some(({ id }) => id <= deletion.seal))
      continue;
    const has = (keys: readonly number[]): boolean => days.hasAny(day, keys);
    if (yield* hasSome(deletion.keys, has))
      yield* rewriteDay(parts, day, mergeableSeal(parts, day));
  }
  headFile.carriedOut(deletion.id);
  deletions.remove(deletion.id);
}

/** Gives the room of trimmed batches and forgotten series in the head file back to the disk, with what stood there. */
export function* wipeHead({ headFile }: DeletingParts): Generator<void> {
  while (headFile.shrinkSome(0)) yield;
  headFile.checkpoint();
}

/** The last seal of a day that is in all its roll-ups. */
export function mergeableSeal({ tiers }: { readonly tiers: readonly Tier[] }, day: number): number {
  return Math.min(...tiers.map((tier) => tier.rolled(day)?.seal ?? Infinity));
}

function overlaps(day: number, { fromMs, toMs }: TimeRange): boolean {
  return dayStartMs(day) <= toMs && dayEndMs(day) >= fromMs;
}

/** Whether a file has one of many series, some for each step. */
function* hasSome(
  keys: ReadonlySet<number>,
  has: (keys: readonly number[]) => boolean,
): Generator<void, boolean> {
  const wanted = [...keys];
  for (let start = 0; start < wanted.length; start += SLICE_KEYS) {
    if (has(wanted.slice(start, start + SLICE_KEYS))) return true;
    yield;
  }
  return false;
}
