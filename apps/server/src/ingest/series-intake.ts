import { type Labels, labelsKey, type SeriesRef } from '@hubpulse/model';
import type { Clock } from '../clock.ts';
import type { MetricStore } from '../store/port.ts';
import type { IngestLimits } from './limits.ts';
import { quote, Refusal } from './refusal.ts';
import { SenderQuota } from './sender-quota.ts';

/** What became of label sets. */
export interface InternedSeries {
  /** The ref of each; 0 where it was refused. */
  readonly refs: Uint32Array;
  /** Why, by index. */
  readonly refusals: ReadonlyMap<number, Refusal>;
}

/** Decides which series may come in. */
export interface SeriesIntake {
  /**
   * Interns label sets one by one: those that are over a limit are refused, the others taken.
   *
   * @param sender Whose they are: an address, or what else names it.
   */
  internEach(series: readonly Labels[], sender: string): InternedSeries;
  /**
   * Interns label sets, all or none.
   *
   * @returns The ref of each.
   * @throws Refusal `series_limit`, `sender_series_limit`
   */
  intern(series: readonly Labels[], sender: string): Uint32Array;
  /** Says that a batch with these refs is durable: the store counts their series from now on. */
  settle(refs: Iterable<SeriesRef>): void;
}

/** Makes the series of a store, as far as the limits go. */
export function createSeriesIntake({
  store,
  clock,
  limits,
}: {
  store: MetricStore;
  clock: Clock;
  limits: IngestLimits;
}): SeriesIntake {
  /** Series that we made and that no acknowledged batch names yet: the store does not count them. */
  const unsettled = new Set<SeriesRef>();

  const quota = new SenderQuota({ clock, maxSeries: limits.maxSeriesPerSender });
  const room = createSeriesRoom({
    limits,
    quota,
    held: () => store.stats().series + unsettled.size,
  });

  const internEach = (series: readonly Labels[], sender: string): InternedSeries => {
    const refs = new Uint32Array(series.length);
    const refusals = new Map<number, Refusal>();
    const left = room.of(sender);
    let made = 0;
    for (const [index, labels] of series.entries()) {
      const known = store.find(labels);
      if (known !== undefined) {
        refs[index] = known;
      } else if (made < left.series) {
        const ref = store.intern(labels);
        unsettled.add(ref);
        refs[index] = ref;
        made++;
      } else {
        refusals.set(index, left.refusal());
      }
    }
    quota.add(sender, made);
    return { refs, refusals };
  };

  return {
    internEach,
    intern: (series, sender) => {
      const left = room.of(sender);
      // Only near a limit does it matter how many of them are new.
      if (series.length > left.series && countNew(series, store) > left.series)
        throw left.refusal();
      return internEach(series, sender).refs;
    },
    settle: (refs) => {
      if (unsettled.size === 0) return;
      for (const ref of refs) unsettled.delete(ref);
    },
  };
}

/** How many of the label sets the store does not know, each once. */
function countNew(series: readonly Labels[], store: MetricStore): number {
  const fresh = new Set<string>();
  for (const labels of series) {
    if (store.find(labels) === undefined) fresh.add(labelsKey(labels));
  }
  return fresh.size;
}

/** How many new series a sender may make now, and the refusal of one more. */
interface SeriesRoom {
  readonly series: number;
  readonly refusal: () => Refusal;
}

function createSeriesRoom({
  limits: { maxSeries, maxSeriesPerSender },
  quota,
  held,
}: {
  limits: IngestLimits;
  quota: SenderQuota;
  held: () => number;
}): { of(sender: string): SeriesRoom } {
  return {
    of: (sender) => {
      const present = held();
      const total = Math.max(0, maxSeries - present);
      const own = quota.roomOf(sender);
      const remedy = 'send fewer (a label with many values makes many), or raise';
      const refusal = once(() =>
        total <= own
          ? new Refusal(
              'series_limit',
              `got a new series on top of ${present}; want at most ${maxSeries} in total; ` +
                `${remedy} ingest_max_series`,
            )
          : new Refusal(
              'sender_series_limit',
              `got a new series from ${quote(sender)}, which made ${maxSeriesPerSender - own} within 24 hours; ` +
                `want at most ${maxSeriesPerSender}; ${remedy} ingest_max_series_per_sender`,
            ),
      );
      return { series: Math.min(total, own), refusal };
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
