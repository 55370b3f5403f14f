import type { Labels } from '@hubpulse/model';
import { METRIC_NAME } from '@hubpulse/model';
import {
  dropLabels,
  groupBy,
  keepLabels,
  keyOfLabels,
  keyWithoutLabels,
} from '../engine/label-set.ts';
import type { GridSeries } from '../engine/value.ts';
import type { Aggregation } from '../syntax/ast.ts';

/** What `by` or `without` says. */
export type Grouping = Pick<Aggregation, 'grouping' | 'without'>;

/** Series that are aggregated to one. */
export interface SeriesGroup {
  readonly labels: Labels;
  readonly members: readonly GridSeries[];
}

/** Puts series into the groups that `by` or `without` says, in the order of their first series. */
export function groupSeries(series: readonly GridSeries[], grouping: Grouping): SeriesGroup[] {
  const keyOf = keyOfGroup(grouping);
  const groups = groupBy(series, ({ labels }) => keyOf(labels));
  return [...groups.values()].map((members) => ({
    labels: labelsOfGroup(members[0]?.labels ?? [], grouping),
    members,
  }));
}

/** The key of the group that a label set belongs to. */
export function keyOfGroup({ grouping, without }: Grouping): (labels: Labels) => string {
  return without ? keyWithoutLabels(grouping) : keyOfLabels(grouping);
}

/** The labels that are left of a member's. */
export function labelsOfGroup(labels: Labels, { grouping, without }: Grouping): Labels {
  return without
    ? dropLabels(labels, new Set([...grouping, METRIC_NAME]))
    : keepLabels(labels, new Set(grouping));
}
