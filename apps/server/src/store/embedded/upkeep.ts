import { StoreError } from '../port.ts';
import { dayEndMs, dayOf } from './data-directory.ts';
import { carryOut, countSamples, type DeletingParts } from './deleting.ts';
import type { EngineParts } from './engine-parts.ts';
import type { DeletedCount, DeleteRequest, Failure, Retention } from './protocol.ts';
import type { KeyPages, Vanishing } from './vanishing.ts';

/** What upkeep needs of the engine. */
export interface UpkeepParts extends EngineParts, DeletingParts {
  readonly vanishing: Vanishing;
  readonly retention: Retention;
  /** Seals what is in the head now. */
  readonly seal: (ended: (failure?: Failure) => void) => void;
  /** The time for deleting what is old; -Infinity while the clock cannot be believed. */
  readonly believedMs: () => number;
  readonly fail: (message: string, error: unknown) => void;
}

/**
 * One round of what keeps the files in shape: carries out deletions that are pending, deletes what is older than the
 * retention, forgets series of which nothing remains. Rounds and deletions never run at the same time.
 */
export function* upkeep(parts: UpkeepParts, suspects: Iterable<number>): Generator<void> {
  for (const deletion of parts.deletions.pending) yield* carryOut(parts, deletion);
  const hasExpired = expire(parts);
  yield* forgetVanished(parts, hasExpired ? parts.keys.values() : suspects);
}

/**
 * Deletes samples: moves all of them into chunks, decides the deletion in one durable row, and writes the files anew.
 *
 * @throws StoreError `disk_full`, `io`; nothing is deleted then.
 */
export function* remove(
  parts: UpkeepParts,
  { id, keys, fromMs, toMs }: DeleteRequest,
): Generator<void, DeletedCount> {
  yield* sealed(parts);
  const { seal } = parts.headFile.marker();
  const order = { keys: [...keys], seal, fromMs, toMs };
  const found = yield* countSamples(parts.days, order);
  const count = { type: 'deleted', id, series: found.series, samples: found.samples } as const;
  if (found.keys.size === 0) return count;
  const deletion = parts.headFile.decide({ ...order, keys: found.keys });
  parts.deletions.add(deletion);
  try {
    yield* carryOut(parts, deletion);
    yield* forgetVanished(parts, found.keys);
  } catch (error) {
    parts.fail(
      'A deletion is decided, but its bytes are still on disk; the next try is within a minute.',
      error,
    );
  }
  return count;
}

function* sealed({ seal }: UpkeepParts): Generator<void> {
  const ends: { readonly failure: Failure | undefined }[] = [];
  seal((failure) => ends.push({ failure }));
  while (ends.length === 0) yield;
  const failure = ends[0]?.failure;
  if (failure !== undefined) throw new StoreError(failure.code, failure.message);
}

/** Deletes files that are older than their retention. Returns whether there were any. */
function expire({ days, retention, believedMs }: UpkeepParts): boolean {
  const nowMs = believedMs();
  let hasExpired = false;
  for (const day of days.days()) {
    if (dayEndMs(day) >= nowMs - retention.raw || day === dayOf(nowMs)) continue;
    days.expire(day);
    hasExpired = true;
  }
  return hasExpired;
}

function* forgetVanished(parts: UpkeepParts, suspects: Iterable<number>): Generator<void> {
  yield* parts.vanishing.steps(suspects, filesOf(parts));
}

function* filesOf({ days }: UpkeepParts): Generator<KeyPages> {
  for (const day of days.days().toReversed()) yield (after, limit) => days.keys(day, after, limit);
}
