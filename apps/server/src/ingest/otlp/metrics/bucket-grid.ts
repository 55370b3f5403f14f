import type { ExponentialBuckets, ExponentialPoint } from './exponential-point.ts';

/** Scales of exponential histograms that OpenTelemetry knows. */
export const MIN_SCALE = -10;
export const MAX_SCALE = 20;

/**
 * The scale of the buckets that are stored: four to each doubling, so that a bucket ends 19 % above its start and a quantile
 * is wrong by at most that. An SDK's 160 buckets reach over twelve powers of ten at this scale; finer ones merge into these
 * exactly, coarser ones begin and end with some of these.
 */
const GRID_SCALE = 2;

/** What was counted between two bounds of the grid. */
export interface Cell {
  /** Exclusive. */
  readonly lower: number;
  /** Inclusive. */
  readonly upper: number;
  readonly count: number;
}

/**
 * The buckets of a point that hold something, on the grid and in ascending order. What is within the zero threshold counts
 * as zero. A bound beyond all numbers is infinite.
 */
export function cellsOf(point: ExponentialPoint): Cell[] {
  const { scale, positive, negative, zeroCount } = point;
  const below = sideCells(negative, scale)
    .map(({ lower, upper, count }) => ({ lower: -upper, upper: -lower, count }))
    .toReversed();
  const zero = zeroCount === 0 ? [] : [{ lower: 0, upper: 0, count: zeroCount }];
  return [...below, ...zero, ...sideCells(positive, scale)];
}

function sideCells({ offset, counts }: ExponentialBuckets, scale: number): Cell[] {
  const cells: Cell[] = [];
  // Buckets per step of the grid when they are finer, steps per bucket when they are coarser.
  const finer = 2 ** Math.max(0, scale - GRID_SCALE);
  const coarser = 2 ** Math.max(0, GRID_SCALE - scale);
  for (let i = 0; i < counts.length; i++) {
    const count = counts.values[i] as number;
    if (count === 0) continue;
    const step = Math.floor((offset + i) / finer) * coarser;
    const lower = gridBound(step);
    const last = cells.at(-1);
    if (last?.lower === lower) cells[cells.length - 1] = { ...last, count: last.count + count };
    else cells.push({ lower, upper: gridBound(step + coarser), count });
  }
  return cells;
}

/** A bound of the grid; 0 and infinity where no number is so small or so large. */
function gridBound(step: number): number {
  return 2 ** (step / 2 ** GRID_SCALE);
}
