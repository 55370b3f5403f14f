import { type Labels, labelsKey, labelValue, METRIC_NAME } from '@hubpulse/model';
import { createSeries, type Evaluation, type Work } from '../engine/evaluation.ts';
import {
  dropLabels,
  groupBy,
  keepLabels,
  setLabels,
  withoutMetadata,
} from '../engine/label-set.ts';
import {
  type Grid,
  type GridSeries,
  joinSameLabels,
  type VectorValue,
  vectorOf,
} from '../engine/value.ts';
import { executionError } from '../errors.ts';
import { type Binary, isComparison, type Matching } from '../syntax/ast.ts';
import { printLabels } from '../syntax/quotation.ts';
import type { Operation } from './operator.ts';
import { signatureOf } from './signature.ts';

interface Matched {
  readonly expr: Binary;
  readonly operation: Operation;
  readonly left: readonly GridSeries[];
  readonly right: readonly GridSeries[];
  readonly grid: Grid;
}

/** The two sides by their roles: the "many" side gives its labels to the result. */
interface Sides extends Matched {
  readonly many: readonly GridSeries[];
  readonly one: readonly GridSeries[];
  /** The steps at which the "many" side is not empty; where it is, nothing is matched. */
  readonly isAsked: Uint8Array;
}

/**
 * Applies an arithmetic operator or a comparison to the pairs of series that match.
 *
 * @throws PromqlError `execution` when at some step several series match one where one is wanted.
 */
export function* matchVectors(matched: Matched, evaluation: Evaluation): Work<VectorValue> {
  const { expr, left, right, grid } = matched;
  const [many, one] = expr.matching.group === 'right' ? [right, left] : [left, right];
  const isAsked = new Uint8Array(grid.count);
  for (const { present } of many)
    present.forEach((isPresent, step) => (isAsked[step] ||= isPresent));
  const sides: Sides = { ...matched, many, one, isAsked };
  const keyOf = signatureOf(expr.matching);
  const ones = groupBy(one, ({ labels }) => keyOf(labels));
  for (const candidates of ones.values()) checkSingle(candidates, sides);
  const result: GridSeries[] = [];
  for (const [key, members] of groupBy(many, ({ labels }) => keyOf(labels))) {
    const candidates = ones.get(key);
    if (candidates === undefined) continue;
    result.push(...(yield* matchGroup(members, candidates, { sides, evaluation })));
  }
  return vectorOf(joinSameLabels(result));
}

/** At most one series of the "one" side may have a value at a step. */
function checkSingle(candidates: readonly GridSeries[], { expr, grid, isAsked }: Sides): void {
  if (candidates.length < 2) return;
  const holder = new Int32Array(grid.count).fill(-1);
  for (const [index, { present, labels }] of candidates.entries()) {
    for (let step = 0; step < grid.count; step += 1) {
      if (present[step] === 0 || isAsked[step] === 0) continue;
      const other = candidates[holder[step] ?? -1];
      if (other !== undefined) throw duplicateError(expr.matching, labels, other.labels);
      holder[step] = index;
    }
  }
}

function duplicateError(matching: Matching, a: Labels, b: Labels): Error {
  const side = matching.group === 'right' ? 'left' : 'right';
  const names = new Set(matching.labels);
  const group = matching.on ? keepLabels(a, names) : dropLabels(withoutName(a), names);
  const series = [a, b].map(printLabels).toSorted().join(', ');
  return executionError(
    `found duplicate series for the match group ${printLabels(group)} on the ${side} hand-side of the operation: [${series}]` +
      ';many-to-many matching not allowed: matching labels must be unique on one side',
  );
}

function withoutName(labels: Labels): Labels {
  return labels.filter(([name]) => name !== METRIC_NAME);
}

interface MatchContext {
  readonly sides: Sides;
  readonly evaluation: Evaluation;
}

/** Matches the series that share a signature. */
function* matchGroup(
  members: readonly GridSeries[],
  candidates: readonly GridSeries[],
  { sides, evaluation }: MatchContext,
): Work<GridSeries[]> {
  const { grid, expr } = sides;
  const result: GridSeries[] = [];
  // Steps that already have a match: for the signature, or for each label set of the result.
  const taken = new Map<string, Uint8Array>();
  for (const member of members) {
    for (const candidate of candidates) {
      const labels = resultLabels(member.labels, candidate.labels, expr);
      const key = expr.matching.group === undefined ? '' : labelsKey(labels);
      const mask = taken.get(key) ?? new Uint8Array(grid.count);
      taken.set(key, mask);
      result.push(applyToPair({ member, candidate, labels, mask }, { sides, evaluation }));
      if (evaluation.budget.spend(grid.count)) yield;
    }
  }
  return result;
}

interface Pair {
  readonly member: GridSeries;
  readonly candidate: GridSeries;
  readonly labels: Labels;
  readonly mask: Uint8Array;
}

function applyToPair(
  { member, candidate, labels, mask }: Pair,
  { sides, evaluation }: MatchContext,
): GridSeries {
  const { expr, grid } = sides;
  const dropsName = expr.returnBool && !evaluation.delayedNameRemoval;
  const out = createSeries(dropsName ? withoutMetadata(labels) : labels, grid, evaluation);
  for (let step = 0; step < grid.count; step += 1) {
    if (member.present[step] === 0 || candidate.present[step] === 0) continue;
    if (mask[step] === 1) throw multipleError(expr.matching);
    mask[step] = 1;
    applyAtStep({ member, candidate, out }, step, sides);
  }
  return { ...out, dropName: expr.returnBool || member.dropName };
}

function applyAtStep(
  { member, candidate, out }: Pick<Pair, 'member' | 'candidate'> & { readonly out: GridSeries },
  step: number,
  { expr, operation }: Sides,
): void {
  const ofMany = member.values[step] ?? 0;
  const ofOne = candidate.values[step] ?? 0;
  const isSwapped = expr.matching.group === 'right';
  const a = isSwapped ? ofOne : ofMany;
  const b = isSwapped ? ofMany : ofOne;
  if (!operation.keeps(a, b)) return;
  out.values[step] = operation.valueOf(a, b);
  out.present[step] = 1;
}

function multipleError({ group }: Matching): Error {
  const rule =
    group === undefined
      ? 'many-to-one matching must be explicit (group_left/group_right)'
      : 'grouping labels must ensure unique matches';
  return executionError(`multiple matches for labels: ${rule}`);
}

/** The labels of a pair's result: those of the "many" side, matched down to the common ones where both sides are one. */
function resultLabels(many: Labels, one: Labels, { op, matching }: Binary): Labels {
  const kept = isComparison(op) ? many : withoutMetadata(many);
  const names = new Set(matching.labels);
  if (matching.group === undefined) {
    return matching.on ? keepLabels(kept, names) : dropLabels(kept, names);
  }
  const included = matching.include.map((name) => [name, labelValue(one, name)] as const);
  return included.length === 0 ? kept : setLabels(kept, included);
}
