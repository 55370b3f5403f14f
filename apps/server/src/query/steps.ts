import type { StepAggregate, TimeGrid } from '@hubpulse/api';
import type { SeriesColumns } from '@hubpulse/model';
import { pointsOf } from './time-window.ts';

/** One figure a step of a grid, oldest first; NaN is a gap. */
export type StepValues = Float64Array;

/**
 * A pause between two samples of a counter beyond which its increase is not spread over the time between: whoever was
 * away that long did not measure. Prometheus' look-back.
 */
const LONGEST_PAUSE_MS = 300_000;

/** The step in which an instant lies: step `i` covers (fromMs + i × stepMs, fromMs + (i + 1) × stepMs]. */
function stepOf(tMs: number, { fromMs, stepMs }: TimeGrid): number {
  return Math.ceil((tMs - fromMs) / stepMs) - 1;
}

/** Mean or largest value of a gauge's samples in each step. NaN samples (stale markers) are no samples. */
export function resample(
  { tMs, values }: SeriesColumns,
  grid: TimeGrid,
  aggregate: StepAggregate,
): StepValues {
  const points = pointsOf(grid);
  const sums = new Float64Array(points).fill(Number.NaN);
  const counts = new Uint32Array(points);
  for (let row = 0; row < tMs.length; row++) {
    const step = stepOf(tMs[row] ?? 0, grid);
    const value = values[row] ?? Number.NaN;
    if (step < 0 || step >= points || Number.isNaN(value)) continue;
    const before = counts[step] ? (sums[step] ?? 0) : undefined;
    sums[step] = before === undefined ? value : merge(before, value, aggregate);
    counts[step] = (counts[step] ?? 0) + 1;
  }
  if (aggregate === 'max') return sums;
  return sums.map((sum, step) => sum / Math.max(1, counts[step] ?? 1));
}

function merge(before: number, value: number, aggregate: StepAggregate): number {
  return aggregate === 'max' ? Math.max(before, value) : before + value;
}

/**
 * Increase per second of a counter in each step: what it grew by over the time that its samples cover. A smaller value
 * than the one before is a reset, after which the counter began at 0. Include the sample before the first step.
 */
export function ratePerSecond({ tMs, values }: SeriesColumns, grid: TimeGrid): StepValues {
  const points = pointsOf(grid);
  const increases = new Float64Array(points);
  const coveredMs = new Float64Array(points);
  let lastMs = Number.NaN;
  let last = Number.NaN;
  for (let row = 0; row < tMs.length; row++) {
    const nowMs = tMs[row] ?? 0;
    const value = values[row] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    const step = stepOf(nowMs, grid);
    if (step >= 0 && step < points && nowMs - lastMs <= LONGEST_PAUSE_MS) {
      increases[step] = (increases[step] ?? 0) + increaseOf(last, value);
      coveredMs[step] = (coveredMs[step] ?? 0) + nowMs - lastMs;
    }
    lastMs = nowMs;
    last = value;
  }
  return increases.map((increase, step) => increase / ((coveredMs[step] ?? 0) / 1000));
}

/** What a counter grew by between two samples, resets included. */
export function increaseOf(before: number, after: number): number {
  return after >= before ? after - before : after;
}

/** How several series become one line. */
export type AcrossSeries = 'mean' | 'max' | 'sum';

/** Combines series step by step; a step in which none has a figure stays a gap. */
export function combine(series: readonly StepValues[], across: AcrossSeries): StepValues {
  const [first] = series;
  if (first === undefined || series.length === 1) return first ?? new Float64Array();
  return first.map((_, step) => combineStep(series, step, across));
}

function combineStep(series: readonly StepValues[], step: number, across: AcrossSeries): number {
  let count = 0;
  let total = across === 'max' ? Number.NEGATIVE_INFINITY : 0;
  for (const values of series) {
    const value = values[step] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    count++;
    total = across === 'max' ? Math.max(total, value) : total + value;
  }
  if (count === 0) return Number.NaN;
  return across === 'mean' ? total / count : total;
}

/** Mean of the steps that have a figure; `null` when none has. */
export function meanOf(values: StepValues): number | null {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  return count === 0 ? null : sum / count;
}
