import { createLabels, type Label, type Labels, METRIC_NAME } from '@hubpulse/model';
import type { IngestLimits } from './limits.ts';
import { quote, Refusal } from './refusal.ts';

/** The limits on labels alone. */
export type LabelLimits = Pick<IngestLimits, 'maxLabels' | 'maxLabelBytes'>;

/**
 * Makes a series' label set of what a sender gave: sorted, and without empty values, since an empty label is none. UTF-8
 * is allowed everywhere, as in Prometheus 3.
 *
 * @param label The labels in the order in which they came.
 * @throws Refusal `bad_labels` for an empty name, a name that comes twice or no `__name__`; `label_limit`.
 */
export function checkLabels(label: readonly Label[], limits: LabelLimits): Labels {
  assertFewLabels(label.length, limits);
  if (isLabels(label)) return label;
  const names = new Set<string>();
  for (const [name, value] of label) {
    if (name === '') throw badLabels(`a label with an empty name (value ${quote(value)})`);
    if (names.has(name)) throw badLabels(`the label ${quote(name)} twice in one series`);
    names.add(name);
  }
  const labels = createLabels(label);
  if (!labels.some(([name]) => name === METRIC_NAME)) {
    throw badLabels('a series without a metric name (__name__)');
  }
  return labels;
}

/** Whether a list is a label set as it stands, as most senders write it. */
function isLabels(list: readonly Label[]): boolean {
  let before = '';
  let hasMetric = false;
  for (const [name, value] of list) {
    // The empty name is not above the beginning either.
    if (name <= before || value === '') return false;
    if (name === METRIC_NAME) hasMetric = true;
    before = name;
  }
  return hasMetric;
}

/** @throws Refusal `label_limit` */
export function assertFewLabels(count: number, { maxLabels }: LabelLimits): void {
  if (count <= maxLabels) return;
  throw new Refusal(
    'label_limit',
    `got ${count} labels in one series; want at most ${maxLabels}; drop some, or raise ingest_max_labels`,
  );
}

/**
 * @param bytes Length of a name or a value in UTF-8.
 * @param start The beginning of it, for the message.
 * @throws Refusal `label_limit`
 */
export function assertShortLabel(
  bytes: number,
  start: () => string,
  { maxLabelBytes }: LabelLimits,
): void {
  if (bytes <= maxLabelBytes) return;
  throw new Refusal(
    'label_limit',
    `got a label name or value of ${bytes} bytes (${quote(start())}); want at most ${maxLabelBytes}; ` +
      'shorten it, or raise ingest_max_label_bytes',
  );
}

function badLabels(got: string): Refusal {
  return new Refusal('bad_labels', `got ${got}; want each label once, with a name, and __name__`);
}
