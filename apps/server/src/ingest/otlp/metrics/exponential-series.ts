import { createLabels, type Labels } from '@hubpulse/model';
import { Refusal } from '../../refusal.ts';
import { type Cell, cellsOf, MAX_SCALE, MIN_SCALE } from './bucket-grid.ts';
import type { ExponentialPoint } from './exponential-point.ts';
import { bucketShape } from './histogram-point.ts';
import type { SeriesShape } from './metric.ts';
import type { PointBatch } from './point-batch.ts';
import type { AskedPoint, PointSeries } from './point-series.ts';

/** Buckets of one exponential histogram: twice what an SDK's 160 need, since those of the past stay. */
const MAX_BOUNDS = 400;

/** A histogram whose buckets come as they are needed. */
interface Histogram {
  /** Bounds that were needed so far, ascending, and the slot of each. */
  readonly bounds: number[];
  readonly slots: number[];
  /** The labels of the series of `+Inf`, of which those of another bucket are made. */
  readonly labels: Labels;
  startMs: number;
}

/**
 * Turns exponential histograms into classic ones. Only bounds around something that was counted are stored, and once one is
 * there it stays, so that each bucket's series goes on.
 */
export class ExponentialSeries {
  readonly #batch: PointBatch;
  readonly #series: PointSeries;
  /** By the first slot of a histogram: that of `+Inf`, which is followed by the count and the sum. */
  readonly #histograms = new Map<number, Histogram>();
  #generation = 0;

  constructor({ batch, series }: { batch: PointBatch; series: PointSeries }) {
    this.#batch = batch;
    this.#series = series;
  }

  /** Adds the samples of a point, or refuses it. Its key is the batch's. */
  push(asked: Omit<AskedPoint, 'shapes'>, point: ExponentialPoint): void {
    if (this.#generation !== this.#batch.generation) this.#histograms.clear();
    this.#generation = this.#batch.generation;
    const shapes = (): readonly SeriesShape[] => shapesOf(point);
    const first = this.#series.firstSlot({ ...asked, shapes });
    const histogram = first === 0 ? undefined : this.#histogramOf({ ...asked, shapes }, first);
    if (histogram === undefined) return;
    if (asked.fields.isStale) this.#end(asked.fields.tMs, point, { first, histogram });
    else this.#count(asked, point, { first, histogram });
  }

  #histogramOf(asked: AskedPoint, first: number): Histogram | undefined {
    // One that was refused, or not stored, begins anew.
    const isNew = this.#batch.slots.time(first) === Number.NEGATIVE_INFINITY;
    const known = isNew ? undefined : this.#histograms.get(first);
    if (known !== undefined) return known;
    const labels = this.#series.labels(asked);
    if (labels === undefined) return undefined;
    const histogram: Histogram = { bounds: [], slots: [], labels: labels[0] as Labels, startMs: 0 };
    this.#histograms.set(first, histogram);
    return histogram;
  }

  #end(tMs: number, { hasSum }: ExponentialPoint, { first, histogram }: KnownHistogram): void {
    const own = hasSum ? [first, first + 1, first + 2] : [first, first + 1];
    for (const slot of own) this.#batch.pushStale(slot, tMs);
    for (const [i, slot] of histogram.slots.entries()) {
      this.#describeBound(histogram, i);
      this.#batch.pushStale(slot, tMs);
    }
  }

  #count(
    asked: Omit<AskedPoint, 'shapes'>,
    point: ExponentialPoint,
    { first, histogram }: KnownHistogram,
  ): void {
    const { slots } = this.#batch;
    const { metric, fields } = asked;
    if (metric.isDelta && fields.tMs <= slots.time(first)) {
      this.#batch.refuse(notNewer());
      return;
    }
    const cells = cellsOf(point);
    if (!this.#makeBounds(histogram, cells)) return;
    this.#countBuckets(asked, cells, {
      first,
      histogram,
      isSameRun: histogram.startMs === fields.startMs && point.count >= slots.total(first),
    });
    histogram.startMs = fields.startMs;
    const values = point.hasSum
      ? [point.count, point.count, point.sum]
      : [point.count, point.count];
    for (const [i, value] of values.entries()) {
      const sum = metric.isDelta ? slots.total(first + i) + value : value;
      this.#put(first + i, sum, fields.tMs);
    }
  }

  /**
   * Adds a sample for each bound. A bound that is new begins with what the one below it had before: nothing was counted
   * between the two so far.
   */
  #countBuckets(
    asked: Omit<AskedPoint, 'shapes'>,
    cells: readonly Cell[],
    { first, histogram, isSameRun }: KnownHistogram & { isSameRun: boolean },
  ): void {
    const { slots } = this.#batch;
    const beforeMs = slots.time(first);
    let count = 0;
    let next = 0;
    let totalBelow = 0;
    for (const [i, bound] of histogram.bounds.entries()) {
      for (; next < cells.length && (cells[next] as Cell).upper <= bound; next++) {
        count += (cells[next] as Cell).count;
      }
      const slot = histogram.slots[i] as number;
      const isNew = slots.time(slot) === Number.NEGATIVE_INFINITY;
      const total = isNew ? totalBelow : slots.total(slot);
      this.#describeBound(histogram, i);
      if (isNew) this.#begin(asked, { histogram, i, total, beforeMs });
      // Cells coarser than before count at their end: a bound within one stays where it was and does not go back.
      const least = isSameRun ? total : 0;
      const sum = asked.metric.isDelta ? total + count : Math.max(count, least);
      this.#put(slot, sum, asked.fields.tMs);
      totalBelow = total;
    }
  }

  /** Writes what the series of a new bound had before. */
  #begin(
    asked: Omit<AskedPoint, 'shapes'>,
    {
      histogram,
      i,
      total,
      beforeMs,
    }: { histogram: Histogram; i: number; total: number; beforeMs: number },
  ): void {
    const slot = histogram.slots[i] as number;
    if (beforeMs === Number.NEGATIVE_INFINITY) {
      this.#series.beginAtZero(asked, slot, [this.#bucketLabels(histogram, i)]);
    } else if (beforeMs < asked.fields.tMs && this.#batch.isWithinBounds(beforeMs)) {
      this.#batch.columns.pushValue(slot, beforeMs, total);
    }
  }

  /** Adds a sample, and keeps it as the total unless a newer one came before. */
  #put(slot: number, sum: number, tMs: number): void {
    this.#batch.columns.pushValue(slot, tMs, sum);
    if (tMs >= this.#batch.slots.time(slot)) this.#batch.slots.set(slot, sum, tMs);
  }

  /** Makes the bounds that cells need. @returns False for a point that was refused. */
  #makeBounds({ bounds, slots }: Histogram, cells: readonly Cell[]): boolean {
    const known = new Set(bounds);
    const edges = new Set(cells.flatMap(({ lower, upper }) => [lower, upper]));
    const needed = [...edges].filter((bound) => Number.isFinite(bound) && !known.has(bound));
    if (known.size + needed.length > MAX_BOUNDS) {
      this.#batch.refuse(tooManyBounds());
      return false;
    }
    for (const bound of needed) {
      const above = bounds.findIndex((other) => other > bound);
      const place = above < 0 ? bounds.length : above;
      bounds.splice(place, 0, bound);
      slots.splice(place, 0, this.#batch.slots.take(1));
    }
    return true;
  }

  #describeBound(histogram: Histogram, i: number): void {
    const slot = histogram.slots[i] as number;
    if (this.#batch.isDescribed(slot, 0)) return;
    this.#batch.describe(slot, [this.#bucketLabels(histogram, i)]);
  }

  #bucketLabels({ labels, bounds }: Histogram, i: number): Labels {
    const { label } = bucketShape(bounds[i] as number);
    return createLabels([...labels, ['le', label?.[1] ?? '']]);
  }
}

interface KnownHistogram {
  /** The slot of `+Inf`, before those of the count and the sum. */
  readonly first: number;
  readonly histogram: Histogram;
}

function shapesOf({ hasSum, scale }: ExponentialPoint): SeriesShape[] {
  if (scale < MIN_SCALE || scale > MAX_SCALE) {
    throw new Refusal(
      'malformed',
      `got an exponential histogram of the scale ${scale}; want one from ${MIN_SCALE} to ${MAX_SCALE}`,
    );
  }
  return [
    bucketShape(Number.POSITIVE_INFINITY),
    { suffix: '_count' },
    ...(hasSum ? [{ suffix: '_sum' }] : []),
  ];
}

/** The refusal of a value that was added up before, or should have been. */
export function notNewer(): Refusal {
  return new Refusal(
    'out_of_order',
    'got a delta that is no newer than the one before it; want each once, in order of time',
  );
}

function tooManyBounds(): Refusal {
  return new Refusal(
    'too_large',
    `got an exponential histogram that needs more than ${MAX_BOUNDS} buckets; want at most as many; ` +
      'let the SDK keep 160 or fewer (max_size)',
  );
}
