import { StoreError } from '../port.ts';
import { rollUp } from '../roll-up.ts';
import { BucketRun } from './bucket-run.ts';
import { type DataDirectory, dayEndMs, dayOf, dayStartMs } from './data-directory.ts';
import { collectReadable, type DayCatalog, isDamage } from './day-catalog.ts';
import type { Deletions } from './deletions.ts';
import type { HeadFile } from './head-file.ts';
import { cutDeleted, type RollPlan } from './roll-plan.ts';
import { bucketRow, type BucketRow, type RolledDay, RollupFile } from './rollup-file.ts';
import type { Tier } from './rollup-tier.ts';
import { SampleRun } from './sample-run.ts';

/** Samples read between two looks at the queue of appends: some 5 ms. A series costs as much as 256, a bucket as 4. */
const SLICE_SAMPLES = 32_768;
const SERIES_COST_SAMPLES = 256;
const BUCKET_COST_SAMPLES = 4;

export interface RollingParts {
  readonly directory: DataDirectory;
  readonly headFile: HeadFile;
  readonly days: DayCatalog;
  readonly deletions: Deletions;
}

/** Which file of roll-ups is written anew, and what is new in it. */
export interface PeriodPlan {
  readonly tier: Tier;
  readonly period: string;
  /** Ascending by day. Days of the period that are not named stay as they are, but for what is deleted. */
  readonly plans: readonly RollPlan[];
}

/**
 * Writes a file of roll-ups anew, a slice for each step. Readers have the old one until the new one is whole, so it may
 * end anywhere and be done again.
 *
 * @throws StoreError `disk_full`, `io`, `damaged`; the old file stays then, unless it is the damaged one.
 */
export function* rollPeriod(parts: RollingParts, plan: PeriodPlan): Generator<void> {
  const { tier, period } = plan;
  const { directory } = parts;
  const newPath = directory.newPath(directory.rollupPath(tier.name, period));
  const before = tier.daysOf(period);
  directory.remove(newPath);
  try {
    const days = yield* write(parts, { plan, newPath });
    const isWhole = plan.plans.every(({ day }) => parts.days.seals(day).length > 0);
    if (tier.daysOf(period) !== before || !isWhole) {
      throw new StoreError('damaged', `${period}: a file was set aside while it was rolled up`);
    }
    if (days.length > 0) tier.replace(period, days);
    else if (before.length > 0) tier.remove(period);
  } finally {
    directory.remove(newPath);
  }
}

function* write(
  parts: RollingParts,
  { plan, newPath }: { plan: PeriodPlan; newPath: string },
): Generator<void, RolledDay[]> {
  const target = RollupFile.open(newPath);
  try {
    const counts = new Map<number, number>();
    for (const rows of slices(parts, plan, counts)) {
      target.write(rows);
      yield;
    }
    const days = rolledDays(plan, counts);
    target.finish(days);
    return days;
  } finally {
    target.close();
  }
}

/** What the new file says of its days; one without buckets is left out. */
function rolledDays({ tier, period, plans }: PeriodPlan, counts: Map<number, number>): RolledDay[] {
  const seals = new Map<number, { readonly firstSeal: number; readonly seal: number }>();
  for (const rolled of tier.daysOf(period)) seals.set(rolled.day, rolled);
  for (const plan of plans) seals.set(plan.day, plan);
  return [...seals]
    .map(([day, { firstSeal, seal }]) => ({
      day,
      firstSeal,
      seal,
      buckets: counts.get(day) ?? 0,
    }))
    .filter(({ buckets }) => buckets > 0)
    .toSorted((a, b) => a.day - b.day);
}

/** Buffers that are used for one series after the other. */
interface Scratch {
  readonly samples: SampleRun;
  readonly old: BucketRun;
  readonly merged: BucketRun;
  readonly out: BucketRun;
}

function* slices(
  parts: RollingParts,
  plan: PeriodPlan,
  counts: Map<number, number>,
): Generator<BucketRow[]> {
  const scratch = {
    samples: new SampleRun(),
    old: new BucketRun(),
    merged: new BucketRun(),
    out: new BucketRun(),
  };
  let slice: BucketRow[] = [];
  let cost = 0;
  for (const key of keysOf(parts, plan)) {
    const samples = fill(parts, plan, { key, scratch });
    const { out } = scratch;
    if (out.length > 0) {
      slice.push(bucketRow(key, labelsOf(parts, plan, key), out));
      countDays(out.tMs, counts);
    }
    cost += SERIES_COST_SAMPLES + samples + BUCKET_COST_SAMPLES * out.length;
    if (cost < SLICE_SAMPLES) continue;
    yield slice;
    slice = [];
    cost = 0;
  }
  yield slice;
}

/** The series that the file had or the days have, ascending. */
function keysOf({ days }: RollingParts, { tier, period, plans }: PeriodPlan): Float64Array {
  const keys = new Set(tier.keys(period, 0, Infinity));
  for (const { day } of plans) for (const key of days.keys(day, 0, Infinity)) keys.add(key);
  return Float64Array.from(keys).toSorted();
}

function labelsOf({ headFile, days }: RollingParts, plan: PeriodPlan, key: number): string {
  const { tier, period, plans } = plan;
  const known = headFile.series.labels(key) ?? tier.labels(period, key);
  if (known !== undefined) return known;
  for (const { day } of plans) {
    const labels = days.seals(day).length > 0 ? days.labels(day, key) : undefined;
    if (labels !== undefined) return labels;
  }
  throw new StoreError('damaged', `got no labels for the series with the key ${key}; want them`);
}

function countDays(tMs: Float64Array, counts: Map<number, number>): void {
  for (const time of tMs) counts.set(dayOf(time), (counts.get(dayOf(time)) ?? 0) + 1);
}

/** Fills `out` with the buckets of a series. Returns how many samples were read. */
function fill(
  parts: RollingParts,
  { tier, period, plans }: PeriodPlan,
  { key, scratch }: { key: number; scratch: Scratch },
): number {
  const { old, out, samples } = scratch;
  readOld(parts, { tier, period, key, old });
  out.clear();
  let at = 0;
  let count = 0;
  for (const plan of plans) {
    const start = old.rowAt(dayStartMs(plan.day));
    const end = old.rowAt(dayEndMs(plan.day) + 1);
    out.append(old, at, start);
    at = end;
    appendDay(parts, { tier, plan, key, start, end, scratch });
    count += samples.length;
  }
  out.append(old, at);
  return count;
}

/** The buckets that are there and not deleted; without a row that turns out damaged, which was said then. */
function readOld(
  { days, deletions }: RollingParts,
  { tier, period, key, old }: { tier: Tier; period: string; key: number; old: BucketRun },
): void {
  old.clear();
  try {
    tier.read(period, key, old);
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  cutDeleted(old, { days, deletions, tier, period, key });
}

interface DayToAppend {
  readonly tier: Tier;
  readonly plan: RollPlan;
  readonly key: number;
  /** The rows of the day among the old ones. */
  readonly start: number;
  readonly end: number;
  readonly scratch: Scratch;
}

/** Appends the buckets of one day to `out`. Parts of one bucket on two days stay apart, so that a day can be replaced. */
function appendDay(
  { days }: RollingParts,
  { tier, plan, key, start, end, scratch }: DayToAppend,
): void {
  const { samples: run, old, merged, out } = scratch;
  const range = { key, fromMs: dayStartMs(plan.day), toMs: dayEndMs(plan.day) };
  const damaged = collectReadable(days, { range, run, seals: plan.seals });
  const hasOld = end > start;
  if (!hasOld || (plan.kind === 'anew' && !damaged)) {
    out.append(rollUp({ labels: [], tMs: run.tMs, values: run.values }, tier.resolutionMs));
    return;
  }
  // Buckets from before the damage are better than what is left of the samples.
  const after = tier.rolled(plan.day)?.seal ?? 0;
  collectReadable(days, { range, run, seals: { after, upTo: plan.seal } });
  merged.clear();
  const late = rollUp({ labels: [], tMs: run.tMs, values: run.values }, tier.resolutionMs);
  merged.merge(old.slice(start, end), late, tier.resolutionMs);
  out.append(merged);
}
