import { type Labels, type SampleBatch, STALE_HIGH_BITS, STALE_LOW_BITS } from '@hubpulse/model';
import type { MetricStore } from '../../../store/port.ts';
import { type Gate, type TimeBounds, timeRefusal } from '../../gate.ts';
import { MAX_REQUEST_SAMPLES } from '../../limits.ts';
import { Refusal } from '../../refusal.ts';
import { type RefusedPart, RefusedSamples } from '../../refused-samples.ts';
import { SampleColumns } from '../../sample-columns.ts';
import { SeriesCache } from '../../series-cache.ts';
import { PointKey } from './point-key.ts';
import { SlotTable } from './slot-table.ts';

/**
 * Samples of one request: five times what remote write may have, since a histogram is one point and some twenty samples. The
 * batches of OpenTelemetry's collector hold about 8,000 points.
 */
const MAX_REQUEST_ROWS = 1_000_000;

/** Attributes of one resource or point: far beyond any use, and short enough for the cache to keep. */
const MAX_KEY_BYTES = 256 * 1024;

/** New series of one request: each holds its labels as texts until the store knows it. */
const MAX_NEW_SERIES = MAX_REQUEST_SAMPLES;

/** Series whose state is kept. At the start of a request, more than that are forgotten, all of them. */
const MAX_SLOTS = 2 ** 21;

/** Label bytes that are kept likewise. The cache itself holds twice as much, so that no request fills it. */
const MAX_KEPT_BYTES = 128 * 1024 * 1024;

/**
 * The longest time between the start of a counter and its first sample at which a zero is written: the look-back of PromQL.
 * What began longer ago had counted before we knew it.
 */
const MAX_START_AGE_MS = 5 * 60_000;

/** Series that the store was not asked for yet, of one data point. */
interface PendingSeries {
  readonly firstSlot: number;
  readonly labels: readonly Labels[];
  /** Data points of this request that they stand for. */
  points: number;
}

/** What a request comes to. */
export interface FinishedPoints {
  readonly batch: SampleBatch;
  /** By data point. */
  readonly refused: readonly RefusedPart[];
  /** What takes the totals back when the batch could not be stored. */
  readonly undo: readonly number[];
  /** The life of the state that `undo` belongs to. */
  readonly generation: number;
}

/**
 * Gathers the samples of one request, and keeps what is known of series from one request to the next. Data points are found
 * by their key; each of their series has a slot. Nothing reaches the store before `finish`.
 */
export class PointBatch {
  readonly key: PointKey = new PointKey();
  readonly slots: SlotTable = new SlotTable();
  readonly columns: SampleColumns = new SampleColumns(MAX_REQUEST_ROWS);
  readonly #gate: Gate;
  readonly #store: MetricStore;
  readonly #cache: SeriesCache;
  readonly #maxSlots: number;
  #bounds: TimeBounds = { fromMs: 0, toMs: 0 };
  #refused = new RefusedSamples();
  #pending = new Map<number, PendingSeries>();
  #newSeries = 0;
  #generation = 0;

  /** @param maxSlots For tests. */
  constructor({
    gate,
    store,
    seed,
    maxSlots = MAX_SLOTS,
  }: {
    gate: Gate;
    store: MetricStore;
    seed: number;
    maxSlots?: number;
  }) {
    this.#gate = gate;
    this.#store = store;
    this.#cache = new SeriesCache({ seed });
    this.#maxSlots = maxSlots;
  }

  /** Counts how often everything was forgotten: what was learned before is void. */
  get generation(): number {
    return this.#generation;
  }

  get cachedSeries(): number {
    return this.slots.size;
  }

  /** Begins a request. */
  begin(): void {
    if (this.slots.size > this.#maxSlots || this.#cache.keptBytes > MAX_KEPT_BYTES) this.#forget();
    this.columns.clear();
    this.slots.keepUndo();
    this.#refused = new RefusedSamples();
    this.#pending = new Map();
    this.#newSeries = 0;
    this.#bounds = this.#gate.timeBounds();
  }

  /**
   * What was learned for the key at hand; 0 for nothing.
   *
   * @throws Refusal `label_limit` for a key longer than any use.
   */
  find(): number {
    if (this.key.length > MAX_KEY_BYTES) {
      throw new Refusal(
        'label_limit',
        `got ${this.key.length} bytes of attributes in one place; want at most ${MAX_KEY_BYTES}; shorten them`,
      );
    }
    return this.#cache.find(this.key.bytes, 0, this.key.length);
  }

  learn(value: number): void {
    this.#cache.learn(this.key.bytes.slice(0, this.key.length), value);
  }

  refuse(refusal: Refusal): void {
    this.#refused.add(refusal, 1);
  }

  /** Whether a point may have this time; one that may not is refused. @param what Names the point's metric. */
  isInTime(tMs: number, what: () => Labels): boolean {
    if (this.isWithinBounds(tMs)) return true;
    this.refuse(timeRefusal({ minMs: tMs, maxMs: tMs }, what(), this.#bounds));
    return false;
  }

  isWithinBounds(tMs: number): boolean {
    return tMs >= this.#bounds.fromMs && tMs <= this.#bounds.toMs;
  }

  /**
   * Whether the series from a slot on are known to the store, or were described in this request.
   *
   * @param points Data points that count as theirs.
   */
  isDescribed(firstSlot: number, points = 1): boolean {
    if (this.slots.refs[firstSlot] !== 0) return true;
    const pending = this.#pending.get(firstSlot);
    if (pending === undefined) return false;
    pending.points += points;
    return true;
  }

  /**
   * Describes the series in the slots from `firstSlot` on.
   *
   * @param points Data points that fail with them: 1 or 0.
   * @throws Refusal `too_large` past the most new series of a request.
   */
  describe(firstSlot: number, labels: readonly Labels[], points = 1): void {
    this.#newSeries += labels.length;
    if (this.#newSeries > MAX_NEW_SERIES) {
      throw new Refusal(
        'too_large',
        `got more than ${MAX_NEW_SERIES} new series in one request; want at most as many; ` +
          'send them in several requests',
      );
    }
    this.#pending.set(firstSlot, { firstSlot, labels, points });
  }

  /**
   * The time at which a series that was just described begins with zero, so that its first value counts as an increase;
   * `undefined` where it must not.
   *
   * @param isAddedUp Whether its values are totals of ours, which begin at zero here and now.
   */
  zeroTime(
    labels: Labels,
    { startMs, tMs, isAddedUp }: { startMs: number; tMs: number; isAddedUp: boolean },
  ): number | undefined {
    const isNew = this.#store.find(labels) === undefined;
    if (!isNew && !isAddedUp) return undefined;
    // A total that goes on from before we started has a sample at the very start of this one.
    const zeroMs = isNew ? startMs : startMs + 1;
    const isRecent = startMs > 0 && zeroMs < tMs && tMs - startMs <= MAX_START_AGE_MS;
    return isRecent && zeroMs >= this.#bounds.fromMs ? zeroMs : undefined;
  }

  pushStale(slot: number, tMs: number): void {
    const row = this.columns.length;
    this.columns.push(tMs, STALE_LOW_BITS, STALE_HIGH_BITS);
    this.columns.setRef(slot, row, row + 1);
  }

  /** Asks for the refs of what was described, and gives the batch. @param sender Who sends; see `Gate.internEach`. */
  finish(sender: string): FinishedPoints {
    const pending = [...this.#pending.values()];
    const interned = this.#gate.internEach(
      pending.flatMap(({ labels }) => labels),
      sender,
    );
    let index = 0;
    for (const series of pending) {
      const { firstSlot, labels, points } = series;
      const refusal = firstRefusal(interned.refusals, index, labels.length);
      for (let i = 0; i < labels.length; i++) {
        if (refusal === undefined)
          this.slots.refs[firstSlot + i] = interned.refs[index + i] as number;
        else this.slots.reset(firstSlot + i);
      }
      if (refusal !== undefined && points > 0) this.#refused.add(refusal, points);
      index += labels.length;
    }
    this.columns.mapRefs(this.slots.refs);
    if (interned.refusals.size > 0) this.columns.dropUnnamed();
    return {
      batch: this.columns.toBatch(),
      refused: this.#refused.parts(),
      undo: this.slots.takeUndo(),
      generation: this.#generation,
    };
  }

  /** Takes back the totals of a request that was not stored. */
  restore({ undo, generation }: Pick<FinishedPoints, 'undo' | 'generation'>): void {
    if (generation === this.#generation) this.slots.restore(undo);
  }

  /** Takes back the totals of a request that broke off. */
  abort(): void {
    this.slots.restore(this.slots.takeUndo());
  }

  #forget(): void {
    this.#cache.forget();
    this.slots.clear();
    this.#generation++;
  }
}

function firstRefusal(
  refusals: ReadonlyMap<number, Refusal>,
  from: number,
  count: number,
): Refusal | undefined {
  if (refusals.size === 0) return undefined;
  for (let i = from; i < from + count; i++) {
    const refusal = refusals.get(i);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}
