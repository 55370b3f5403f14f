import type { BucketRun } from './bucket-run.ts';
import { dayEndMs, dayStartMs } from './data-directory.ts';
import type { DayCatalog, SealRange } from './day-catalog.ts';
import type { Deletions } from './deletions.ts';
import type { Tier } from './rollup-tier.ts';

/** How the buckets of a day are brought up to date. */
export interface RollPlan {
  readonly day: number;
  /**
   * `anew`: from all samples of the day. `late`: the samples that the buckets were made of have expired, so those that
   * came later are added to them.
   */
  readonly kind: 'anew' | 'late';
  /** The seals whose samples are read. */
  readonly seals: SealRange;
  /** The first and the last of the seals whose samples are in the buckets then. */
  readonly firstSeal: number;
  readonly seal: number;
}

/** The plan for a day; undefined when it has no sealed samples. */
export function planOf(days: DayCatalog, tier: Tier, day: number): RollPlan | undefined {
  const seals = days.seals(day);
  const newest = seals.at(-1);
  if (newest === undefined) return undefined;
  const firstSeal = Math.min(...seals.map(({ firstId }) => firstId));
  const rolled = tier.rolled(day);
  if (rolled === undefined || hasAll(days, tier, day)) {
    const range = { after: 0, upTo: newest.id };
    return { day, kind: 'anew', seals: range, firstSeal, seal: newest.id };
  }
  const range = { after: rolled.seal, upTo: newest.id };
  const seal = Math.max(rolled.seal, newest.id);
  return { day, kind: 'late', seals: range, firstSeal: rolled.firstSeal, seal };
}

/** Whether the day's file still has the samples that its buckets were made of: files go as a whole. */
export function hasAll(days: DayCatalog, tier: Tier, day: number): boolean {
  const rolled = tier.rolled(day);
  if (rolled === undefined) return false;
  return days.seals(day).some(({ firstId }) => firstId <= rolled.firstSeal);
}

/** Whether all sealed samples of the day are in the buckets. */
export function isRolled(days: DayCatalog, tier: Tier, day: number): boolean {
  const newest = days.seals(day).at(-1)?.id ?? 0;
  const rolled = tier.rolled(day);
  return rolled !== undefined && rolled.seal >= newest;
}

/** What `cutDeleted` looks at. */
export interface DeletedRows {
  readonly days: DayCatalog;
  readonly deletions: Deletions;
  readonly tier: Tier;
  readonly period: string;
  readonly key: number;
}

/** Takes the deleted buckets out of the rows of a series in a period. Where samples remain, buckets are made of them. */
export function cutDeleted(
  rows: BucketRun,
  { days, deletions, tier, period, key }: DeletedRows,
): void {
  for (const deletion of deletions.of(key, { fromMs: -Infinity, toMs: Infinity })) {
    for (const { day } of tier.daysOf(period)) {
      if (hasAll(days, tier, day)) continue;
      const start = rows.rowAt(dayStartMs(day));
      rows.cut(tier.resolutionMs, deletion, { start, end: rows.rowAt(dayEndMs(day) + 1) });
    }
  }
}
