import { type Evaluation, type Work } from '../engine/evaluation.ts';
import { type Grid, type GridSeries, type VectorValue, vectorOf } from '../engine/value.ts';
import { executionError } from '../errors.ts';
import type { Aggregation } from '../syntax/ast.ts';
import { groupSeries, type SeriesGroup } from './group.ts';

interface Extremes {
  readonly expr: Aggregation;
  /** How many series each group keeps, at each step. */
  readonly counts: Float64Array;
  readonly series: readonly GridSeries[];
  readonly grid: Grid;
}

/** Bounds of Go's int64, beyond which Prometheus refuses a count. */
const MAX_COUNT = 2 ** 63;

/**
 * `topk` and `bottomk`: keeps the highest or lowest series of each group at each step, NaN last, of equal ones the first.
 * On a grid of one step the result is in their order.
 *
 * @throws PromqlError `execution` when a count is no number.
 */
export function* selectExtremes(
  { expr, counts, series, grid }: Extremes,
  evaluation: Evaluation,
): Work<VectorValue> {
  if (counts.every((count) => count < 1)) return { type: 'vector', series: [] };
  checkCounts(counts);
  const compare = expr.op === 'topk' ? descending : ascending;
  const result: GridSeries[] = [];
  for (const group of groupSeries(series, expr)) {
    result.push(...(yield* selectOfGroup(group, { counts, compare, grid }, evaluation)));
  }
  return vectorOf(result);
}

function checkCounts(counts: Float64Array): void {
  if (counts.some(Number.isNaN)) throw executionError('Parameter value is NaN');
  const highest = counts.reduce((a, b) => Math.max(a, b));
  const lowest = counts.reduce((a, b) => Math.min(a, b));
  if (lowest <= -MAX_COUNT) throw executionError(`Scalar value ${lowest} underflows int64`);
  if (highest >= MAX_COUNT) throw executionError(`Scalar value ${highest} overflows int64`);
}

type Compare = (a: number, b: number) => number;

const descending: Compare = (a, b) => numbersFirst(a, b) ?? b - a;
const ascending: Compare = (a, b) => numbersFirst(a, b) ?? a - b;

/** Decides where a NaN is involved, or where the values are equal (infinities that are differ by NaN). */
function numbersFirst(a: number, b: number): number | undefined {
  if (a === b) return 0;
  if (!Number.isNaN(a) && !Number.isNaN(b)) return undefined;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

interface Choice {
  readonly counts: Float64Array;
  readonly compare: Compare;
  readonly grid: Grid;
}

function* selectOfGroup(
  { members }: SeriesGroup,
  { counts, compare, grid }: Choice,
  evaluation: Evaluation,
): Work<GridSeries[]> {
  evaluation.budget.take(members.length * grid.count);
  const kept = members.map((member) => ({ ...member, present: new Uint8Array(grid.count) }));
  let order: readonly number[] = [];
  for (let step = 0; step < grid.count; step += 1) {
    order = bestAt({ members, compare }, step, Math.trunc(counts[step] ?? 0));
    for (const index of order) {
      const one = kept[index];
      if (one !== undefined) one.present[step] = 1;
    }
    if (evaluation.budget.spend(members.length)) yield;
  }
  return grid.count === 1 ? order.flatMap((index) => kept[index] ?? []) : kept;
}

/** The best members at a step, in order. */
function bestAt(
  { members, compare }: Pick<Choice, 'compare'> & Pick<SeriesGroup, 'members'>,
  step: number,
  count: number,
): number[] {
  const best: number[] = [];
  const values: number[] = [];
  if (count < 1) return best;
  for (let index = 0; index < members.length; index += 1) {
    const member = members[index];
    if (member === undefined || member.present[step] === 0) continue;
    const value = member.values[step] ?? 0;
    let place = best.length;
    // Behind all that are as good, so that of equal ones the first stay.
    while (place > 0 && compare(values[place - 1] ?? 0, value) > 0) place -= 1;
    if (place >= count) continue;
    best.splice(place, 0, index);
    values.splice(place, 0, value);
    if (best.length > count) best.length = values.length = count;
  }
  return best;
}
