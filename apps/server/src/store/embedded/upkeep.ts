import { StoreError } from '../port.ts';
import { dayEndMs, dayOf } from './data-directory.ts';
import { carryOut, countSamples, type DeletingParts, mergeableSeal, wipeHead } from './deleting.ts';
import { rewriteDay } from './day-rewriting.ts';
import type { EngineParts } from './engine-parts.ts';
import type { DeletedCount, DeleteRequest, Failure, Retention } from './protocol.ts';
import { hasAll, isRolled, planOf, type RollPlan } from './roll-plan.ts';
import { type PeriodPlan, rollPeriod } from './rolling.ts';
import type { Tier } from './rollup-tier.ts';
import { CHUNK_SAMPLES } from './sealing.ts';
import type { Steps } from './steps.ts';
import type { KeyPages, Vanishing } from './vanishing.ts';

/** How long after its end a day is rolled up: what was on its way at midnight has come by then. */
const COMPLETE_AFTER_MS = 3_600_000;

/** What upkeep needs of the engine. */
export interface UpkeepParts extends EngineParts, DeletingParts {
  readonly vanishing: Vanishing;
  readonly retention: Retention;
  /** Seals what is in the head now. */
  readonly seal: (ended: (failure?: Failure) => void) => void;
  /** The time up to which all that came in is sealed. */
  readonly settledMs: () => number;
  /** The time for deleting what is old; -Infinity while the clock cannot be believed. */
  readonly believedMs: () => number;
  readonly fail: (message: string, error: unknown) => void;
}

/**
 * One round of what keeps the files in shape: carries out deletions that are pending, rolls up days that are complete,
 * deletes what is older than the retention, forgets series of which nothing remains. Rounds and deletions never run at
 * the same time.
 *
 * @throws StoreError the first failure, after all that could be done was done.
 */
export function* upkeep(parts: UpkeepParts, suspects: Iterable<number>): Steps {
  const { pending } = parts.deletions;
  for (const deletion of pending) yield* carryOut(parts, deletion);
  if (pending.length > 0) yield* wipeHead(parts);
  const failure = yield* rollDue(parts);
  const hasExpired = expire(parts);
  yield* forgetVanished(parts, hasExpired ? parts.keys.values() : suspects);
  if (failure !== undefined) throw failure;
}

/**
 * Deletes samples: moves all of them into chunks, decides the deletion in one durable row, and writes the files anew.
 *
 * @throws StoreError `disk_full`, `io`; nothing is deleted then.
 */
export function* remove(
  parts: UpkeepParts,
  { id, keys, fromMs, toMs }: DeleteRequest,
): Steps<DeletedCount> {
  yield* sealed(parts);
  const { seal } = parts.headFile.marker();
  const order = { keys: [...keys], seal, fromMs, toMs };
  const found = yield* countSamples(parts, order);
  const count = { type: 'deleted', id, series: found.series, samples: found.samples } as const;
  if (found.keys.size === 0) return count;
  const deletion = parts.headFile.decide({ ...order, keys: found.keys });
  parts.deletions.add(deletion);
  try {
    yield* carryOut(parts, deletion);
    yield* forgetVanished(parts, found.keys);
    yield* wipeHead(parts);
  } catch (error) {
    parts.fail(
      'A deletion is decided, but its bytes are still on disk; the next try is within a minute.',
      error,
    );
  }
  return count;
}

function* sealed({ seal }: UpkeepParts): Steps {
  const ended = Promise.withResolvers<void>();
  let failure: Failure | undefined;
  seal((reason) => {
    failure = reason;
    ended.resolve();
  });
  yield ended.promise;
  if (failure !== undefined) throw new StoreError(failure.code, failure.message);
}

/** Rolls up what is due, and merges the chunks of days that have many small ones. Returns the first failure. */
function* rollDue(parts: UpkeepParts): Generator<void, Error | undefined> {
  const rolled = new Set<number>();
  let failure: Error | undefined;
  for (const plan of parts.tiers.flatMap((tier) => duePeriods(parts, tier))) {
    try {
      yield* rollPeriod(parts, plan);
      for (const { day } of plan.plans) rolled.add(day);
    } catch (error) {
      // One period must not keep the others waiting.
      failure ??= error instanceof Error ? error : new Error(String(error));
    }
  }
  if (failure !== undefined) return failure;
  const { days } = parts;
  for (const day of rolled) {
    if (days.seals(day).length === 0 || days.hasLost(day)) continue;
    if (days.isScattered(day, CHUNK_SAMPLES)) {
      yield* rewriteDay(parts, day, mergeableSeal(parts, day));
    }
  }
  return undefined;
}

/** The files of a tier with days that are complete and not, or not newly, rolled up. */
function duePeriods(parts: UpkeepParts, tier: Tier): PeriodPlan[] {
  const periods = new Map<string, RollPlan[]>();
  for (const day of parts.days.days()) {
    const plan = isDue(parts, tier, day) ? planOf(parts.days, tier, day) : undefined;
    if (plan === undefined) continue;
    const period = tier.periodOf(day);
    periods.set(period, [...(periods.get(period) ?? []), plan]);
  }
  return Array.from(periods, ([period, plans]) => ({ tier, period, plans }));
}

function isDue(parts: UpkeepParts, tier: Tier, day: number): boolean {
  const { days, settledMs } = parts;
  if (dayEndMs(day) + COMPLETE_AFTER_MS > settledMs() || isPast(parts, tier, day)) return false;
  // What a damaged row had is made again where the samples are there.
  const isLost = tier.isLost(tier.periodOf(day)) && hasAll(days, tier, day);
  return isLost || !isRolled(days, tier, day);
}

function isPast({ retention, believedMs }: UpkeepParts, tier: Tier, day: number): boolean {
  return dayEndMs(day) < believedMs() - retention[tier.name];
}

/** Deletes files that are older than their retention. Returns whether there were any. */
function expire(parts: UpkeepParts): boolean {
  const { days, tiers, retention, believedMs } = parts;
  const nowMs = believedMs();
  let hasExpired = false;
  // A seal that is under way may have chunks in any day; a round follows when it ends.
  for (const day of parts.isSealing() ? [] : days.days()) {
    if (dayEndMs(day) >= nowMs - retention.raw || day === dayOf(nowMs)) continue;
    // Samples stay until the buckets that outlive them are there.
    const isKept = (tier: Tier): boolean => isPast(parts, tier, day) || isRolled(days, tier, day);
    if (!tiers.every(isKept)) continue;
    days.expire(day);
    hasExpired = true;
  }
  for (const tier of tiers) {
    for (const period of tier.periods()) {
      if (!tier.daysOf(period).every(({ day }) => isPast(parts, tier, day))) continue;
      tier.expire(period);
      hasExpired = true;
    }
  }
  return hasExpired;
}

function* forgetVanished(parts: UpkeepParts, suspects: Iterable<number>): Steps {
  yield* parts.vanishing.steps(suspects, filesOf(parts));
}

/** The newest files first: most series that live have samples there. */
function* filesOf({ days, tiers }: UpkeepParts): Generator<KeyPages> {
  for (const day of days.days().toReversed()) yield (after, limit) => days.keys(day, after, limit);
  for (const tier of tiers) {
    for (const period of tier.periods().toReversed()) {
      yield (after, limit) => tier.keys(period, after, limit);
    }
  }
}
