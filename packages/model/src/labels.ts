/** The label that holds a metric's name, as in Prometheus. */
export const METRIC_NAME = '__name__';

/** One label of a series. */
export type Label = readonly [name: string, value: string];

/**
 * A series' identity: its labels sorted by name (UTF-16 code units), each name once, no empty value.
 * An absent label and an empty value are the same thing, as in Prometheus. Only `createLabels` makes one.
 */
export type Labels = readonly Label[];

/** Makes a label set: sorts, drops empty values; of a name given twice the last value wins. */
export function createLabels(values: Readonly<Record<string, string>> | Iterable<Label>): Labels {
  const entries = Symbol.iterator in values ? values : Object.entries(values);
  const byName = new Map<string, string>();
  for (const [name, value] of entries) {
    if (value === '') byName.delete(name);
    else byName.set(name, value);
  }
  return [...byName].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** The value of a label; the empty string when the series does not carry it. */
export function labelValue(labels: Labels, name: string): string {
  for (const [key, value] of labels) if (key === name) return value;
  return '';
}

/**
 * A string that is equal for equal label sets and different for different ones: JSON, so that no character
 * inside a name or a value can be taken for a separator.
 */
export function labelsKey(labels: Labels): string {
  return JSON.stringify(labels);
}

/** The series in Prometheus' notation, for messages: `up{instance="a:1",job="api"}`. */
export function formatLabels(labels: Labels): string {
  const pairs = labels
    .filter(([name]) => name !== METRIC_NAME)
    .map(([name, value]) => `${name}="${escapeLabelValue(value)}"`);
  return `${labelValue(labels, METRIC_NAME)}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''}`;
}

/** Escapes a label value for the Prometheus text format: backslash, double quote and line feed. */
export function escapeLabelValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
