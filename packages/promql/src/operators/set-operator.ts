import type { Evaluation, Work } from '../engine/evaluation.ts';
import type { GroupKey } from '../engine/label-set.ts';
import {
  type Grid,
  type GridSeries,
  joinSameLabels,
  restrict,
  type VectorValue,
  vectorOf,
} from '../engine/value.ts';
import type { Matching, SetOp } from '../syntax/ast.ts';
import { signatureOf } from './signature.ts';

interface SetOperation {
  readonly op: SetOp;
  readonly matching: Matching;
  readonly left: readonly GridSeries[];
  readonly right: readonly GridSeries[];
  readonly grid: Grid;
}

/** `and`, `or` and `unless`: series stay as they are, at the steps at which the other side allows them. */
export function* combineSets(
  { op, matching, left, right, grid }: SetOperation,
  evaluation: Evaluation,
): Work<VectorValue> {
  const keyOf = signatureOf(matching);
  const [masking, masked] = op === 'or' ? [left, right] : [right, left];
  const masks = masksOf(masking, keyOf, grid);
  const kept: GridSeries[] = [];
  for (const series of masked) {
    evaluation.budget.take(grid.count);
    const mask = masks.get(keyOf(series.labels)) ?? new Uint8Array(grid.count);
    kept.push(restrict(series, op === 'and' ? mask : inverse(mask)));
    if (evaluation.budget.spend(grid.count)) yield;
  }
  return vectorOf(op === 'or' ? joinSameLabels([...left, ...vectorOf(kept).series]) : kept);
}

/** For each signature, the steps at which some series has a value. */
function masksOf(
  series: readonly GridSeries[],
  keyOf: GroupKey,
  grid: Grid,
): Map<string, Uint8Array> {
  const masks = new Map<string, Uint8Array>();
  for (const { labels, present } of series) {
    const key = keyOf(labels);
    const mask = masks.get(key) ?? new Uint8Array(grid.count);
    for (let step = 0; step < grid.count; step += 1) {
      mask[step] = (mask[step] ?? 0) | (present[step] ?? 0);
    }
    masks.set(key, mask);
  }
  return masks;
}

function inverse(mask: Uint8Array): Uint8Array {
  return mask.map((isSet) => 1 - isSet);
}
