import { bucketEnd, rollUp } from '../roll-up.ts';
import { BUCKET_COLUMNS, BucketRun } from './bucket-run.ts';
import { dayEndMs, dayStartMs } from './data-directory.ts';
import { ALL_SEALS, isDamage, type SealRange, type SeriesRange } from './day-catalog.ts';
import type { Deletions } from './deletions.ts';
import type { SelectedRollups, SelectRollupsRequest } from './protocol.ts';
import { cutDeleted, hasAll, isRolled } from './roll-plan.ts';
import type { Tier } from './rollup-tier.ts';
import { SampleRun } from './sample-run.ts';
import { inSlices, type SelectionSource, tooMany } from './selection.ts';

/** Buckets that leave in one message (4 MB). */
const PART_BUCKETS = 87_040;

export interface RollupSource extends SelectionSource {
  readonly tier: Tier;
  readonly deletions: Deletions;
}

/**
 * Reads a selection of buckets, some series for each step. Days that are rolled up come from their files, others from
 * samples. Parts go out through `emit`, never before it is known that the whole is within `maxSamples`.
 *
 * @throws StoreError `too_many_samples`, `damaged`, `io`
 */
export function* selectRollups(
  source: RollupSource,
  request: SelectRollupsRequest,
  emit: (part: SelectedRollups) => void,
): Generator<void> {
  const reader = new SeriesReader(source, request);
  if (!isSurelyWithin(source, request)) {
    let buckets = 0;
    yield* inSlices(request, ({ key }) => {
      buckets += reader.read(key);
      if (buckets > request.maxSamples) throw tooMany(request.maxSamples, 'buckets');
      return reader.cost;
    });
  }
  let part = new PartBuilder(request.id);
  yield* inSlices(request, ({ key }, index) => {
    reader.read(key);
    part.add(index, reader);
    if (part.buckets >= PART_BUCKETS) {
      emit(part.finish());
      part = new PartBuilder(request.id);
    }
    return reader.cost;
  });
  emit(part.finish());
}

/** Upper bounds that cost nothing: one bucket for each width of the range, or for each sample and bucket that is there. */
function isSurelyWithin(
  { tier, days, head }: RollupSource,
  request: SelectRollupsRequest,
): boolean {
  const { fromMs, toMs, keys, maxSamples, resolutionMs } = request;
  if (keys.length * ((toMs - fromMs) / resolutionMs + 2) <= maxSamples) return true;
  let most = days.maxSamples(fromMs - resolutionMs, toMs + resolutionMs) + head.samples;
  for (const day of tier.days()) most += tier.rolled(day)?.buckets ?? 0;
  return most <= maxSamples;
}

/** Reads the buckets of one series after the other. */
class SeriesReader {
  readonly #source: RollupSource;
  readonly #fromMs: number;
  readonly #toMs: number;
  readonly #range: { readonly fromMs: number; readonly toMs: number };
  readonly #out = new BucketRun();
  readonly #merged = new BucketRun();
  readonly #samples = new SampleRun();
  /** The rows of one series in `#period`. */
  readonly #rows = new BucketRun();
  #period = '';
  /** What the last series cost, in samples. */
  cost = 0;

  constructor(source: RollupSource, { fromMs, toMs, resolutionMs }: SelectRollupsRequest) {
    this.#source = source;
    this.#range = { fromMs, toMs };
    // Buckets are whole also where they begin before the range or end after it.
    this.#fromMs = bucketEnd(fromMs, resolutionMs) - resolutionMs + 1;
    this.#toMs = bucketEnd(toMs, resolutionMs);
  }

  get buckets(): BucketRun {
    return this.#out;
  }

  /** The rows of `buckets` whose last sample lies in the range. */
  get rows(): { readonly start: number; readonly end: number } {
    const start = this.#out.rowAt(this.#range.fromMs);
    return { start, end: Math.max(start, this.#out.rowAt(this.#range.toMs + 1)) };
  }

  /** Fills `buckets`. Returns how many are in the range. */
  read(key: number): number {
    const { tier } = this.#source;
    this.#out.clear();
    this.#period = '';
    this.cost = 0;
    let fromMs = this.#fromMs;
    for (const day of tier.days()) {
      if (dayEndMs(day) < this.#fromMs || dayStartMs(day) > this.#toMs) continue;
      if (!this.#isReadable(key, day)) continue;
      this.#appendSamples({ key, fromMs, toMs: dayStartMs(day) - 1 });
      this.#appendDay(key, day);
      fromMs = dayEndMs(day) + 1;
    }
    this.#appendSamples({ key, fromMs, toMs: this.#toMs });
    const { start, end } = this.rows;
    return end - start;
  }

  /** Whether the day's buckets can be used: they have all samples, or those that they have are gone. */
  #isReadable(key: number, day: number): boolean {
    const { tier, days, head, deletions } = this.#source;
    if (!hasAll(days, tier, day)) {
      this.#loadPeriod(key, day);
      return true;
    }
    const range = { key, fromMs: dayStartMs(day), toMs: dayEndMs(day) };
    const isUpToDate =
      isRolled(days, tier, day) && head.count(range) === 0 && deletions.of(key, range).length === 0;
    return isUpToDate && this.#loadPeriod(key, day);
  }

  /** Reads the rows of the file of a day, unless they are at hand. False when they are lost and not needed. */
  #loadPeriod(key: number, day: number): boolean {
    const { tier, days, deletions } = this.#source;
    const period = tier.periodOf(day);
    if (period !== this.#period) {
      this.#period = period;
      this.#rows.clear();
      try {
        tier.read(period, key, this.#rows);
      } catch (error) {
        const isNeeded = tier.daysOf(period).some((rolled) => !hasAll(days, tier, rolled.day));
        if (isNeeded || !isDamage(error)) throw error;
      }
      cutDeleted(this.#rows, { days, deletions, tier, period, key });
      this.cost += this.#rows.length;
    }
    return !tier.isLost(period, key);
  }

  #appendDay(key: number, day: number): void {
    const { tier } = this.#source;
    const { resolutionMs } = tier;
    const range = {
      key,
      fromMs: Math.max(this.#fromMs, dayStartMs(day)),
      toMs: Math.min(this.#toMs, dayEndMs(day)),
    };
    const rows = this.#rows.slice(this.#rows.rowAt(range.fromMs), this.#rows.rowAt(range.toMs + 1));
    const late = this.#collect(range, { after: tier.rolled(day)?.seal ?? 0, upTo: Infinity });
    if (late.tMs.length === 0) {
      this.#out.join(rows, resolutionMs);
      return;
    }
    this.#merged.clear();
    this.#merged.merge(rows, rollUp(late, resolutionMs), resolutionMs);
    this.#out.join(this.#merged, resolutionMs);
  }

  #appendSamples(range: SeriesRange): void {
    if (range.fromMs > range.toMs) return;
    const { resolutionMs } = this.#source.tier;
    this.#out.join(rollUp(this.#collect(range, ALL_SEALS), resolutionMs), resolutionMs);
  }

  #collect(
    range: SeriesRange,
    seals: SealRange,
  ): { labels: []; tMs: Float64Array; values: Float64Array } {
    const run = this.#samples;
    run.clear();
    this.#source.days.collect(range, run, seals);
    this.#source.head.collect(range, run);
    const { start, end } = run.range(range.fromMs, range.toMs);
    this.cost += run.length;
    return {
      labels: [],
      tMs: run.tMs.subarray(start, end),
      values: run.values.subarray(start, end),
    };
  }
}

class PartBuilder {
  readonly #id: number;
  readonly #indexes: number[] = [];
  readonly #counts: number[] = [];
  readonly #run = new BucketRun();

  constructor(id: number) {
    this.#id = id;
  }

  get buckets(): number {
    return this.#run.length;
  }

  add(index: number, { buckets, rows: { start, end } }: SeriesReader): void {
    if (end === start) return;
    this.#indexes.push(index);
    this.#counts.push(end - start);
    this.#run.append(buckets.slice(start, end));
  }

  finish(): SelectedRollups {
    return {
      type: 'rollups',
      id: this.#id,
      indexes: Uint32Array.from(this.#indexes),
      counts: Uint32Array.from(this.#counts),
      columns: BUCKET_COLUMNS.map((name) => this.#run[name].slice()),
    };
  }
}
