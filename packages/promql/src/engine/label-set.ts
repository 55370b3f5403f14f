import { createLabels, type Label, type Labels, labelsKey, METRIC_NAME } from '@hubpulse/model';

/** The labels that say what a metric is. Whatever changes a series' meaning takes them away. */
const METADATA: ReadonlySet<string> = new Set([METRIC_NAME, '__type__', '__unit__']);

export const NO_LABELS: Labels = [];

/** The labels without the metric's name, type and unit. */
export function withoutMetadata(labels: Labels): Labels {
  return labels.some(([name]) => METADATA.has(name))
    ? labels.filter(([name]) => !METADATA.has(name))
    : labels;
}

/** The labels whose names are among `names`. */
export function keepLabels(labels: Labels, names: ReadonlySet<string>): Labels {
  return labels.filter(([name]) => names.has(name));
}

/** The labels whose names are not among `names`. */
export function dropLabels(labels: Labels, names: ReadonlySet<string>): Labels {
  return labels.filter(([name]) => !names.has(name));
}

/** The labels with some of them set anew; an empty value takes a label away. */
export function setLabels(labels: Labels, changes: readonly Label[]): Labels {
  return createLabels([...labels, ...changes]);
}

/** Orders label sets as Prometheus orders the series of an answer: by names and values from the first label on. */
export function compareLabels(a: Labels, b: Labels): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i += 1) {
    const order = compareText(a[i]?.[0], b[i]?.[0]) || compareText(a[i]?.[1], b[i]?.[1]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareText(a = '', b = ''): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Gives each label set the key of its group. */
export type GroupKey = (labels: Labels) => string;

/** The key over some labels (`on`, `by`): an absent label counts as empty. */
export function keyOfLabels(names: readonly string[]): GroupKey {
  const sorted = [...new Set(names)].toSorted();
  if (sorted.length === 0) return () => '';
  const wanted = new Set(sorted);
  return (labels) => labelsKey(keepLabels(labels, wanted));
}

/** The key over all labels but some and the metric's name (`ignoring`, `without`). */
export function keyWithoutLabels(names: readonly string[]): GroupKey {
  const ignored = new Set([...names, METRIC_NAME]);
  return (labels) => labelsKey(dropLabels(labels, ignored));
}

/** Puts items into groups by a key, in the order in which the groups first appear. */
export function groupBy<T>(items: Iterable<T>, keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
