import { type Label, type Labels, METRIC_NAME } from '@hubpulse/model';
import { assertShortLabel, checkLabels, type LabelLimits } from '../../label-rules.ts';
import { Refusal } from '../../refusal.ts';
import type { Attributes } from '../attribute.ts';
import { labelsOf } from '../label-name.ts';
import type { MetricKind } from './metric-name.ts';

/** A metric of one scope of one resource. */
export interface Metric {
  /** Its number, which no other metric has. */
  readonly id: number;
  readonly kind: MetricKind;
  /** The name of its series, but for suffixes. */
  readonly name: string;
  /** Labels of its resource and its scope. */
  readonly shared: readonly Label[];
  /** Whether points tell what came since the one before, so that we add them up. */
  readonly isDelta: boolean;
}

/** What tells the series of one data point apart. */
export interface SeriesShape {
  /** What follows the metric's name: `_bucket`, `_sum`, `_count` or nothing. */
  readonly suffix: string;
  /** A label that the attributes do not have, such as `le`. */
  readonly label?: Label;
}

/**
 * The label sets of a data point's series, one for each shape. Labels of the resource win over attributes of the same name.
 *
 * @throws Refusal `bad_labels`, `label_limit`
 */
export function seriesLabels(
  { name, shared }: Pick<Metric, 'name' | 'shared'>,
  attributes: Attributes,
  { shapes, limits }: { readonly shapes: readonly SeriesShape[]; readonly limits: LabelLimits },
): Labels[] {
  if (name === '') {
    throw new Refusal(
      'bad_labels',
      'got a metric whose name has no letter and no digit; want one that has',
    );
  }
  const labels = labelsOf(attributes);
  for (const [label, value] of shared) labels.set(label, value);
  for (const [label, value] of labels) {
    assertShort(label, limits);
    assertShort(value, limits);
  }
  return shapes.map(({ suffix, label }) => {
    const named = new Map(labels).set(METRIC_NAME, name + suffix);
    assertShort(name + suffix, limits);
    if (label !== undefined) named.set(label[0], label[1]);
    return checkLabels([...named], limits);
  });
}

function assertShort(text: string, limits: LabelLimits): void {
  assertShortLabel(Buffer.byteLength(text), () => text.slice(0, 200), limits);
}
