import { type Label, type Labels, METRIC_NAME } from '@hubpulse/model';
import { checkLabels, type LabelLimits } from '../label-rules.ts';
import { ExpositionError } from '../exposition/exposition-error.ts';
import type { MutableLabels, Relabel } from './relabel.ts';

/**
 * The labels under which a series of a target is stored; `undefined` when a rule drops it.
 *
 * @param exposed The labels as the target writes them.
 * @throws Refusal `bad_labels`, `label_limit`
 * @throws ExpositionError when the rules leave no name
 */
export type SampleLabels = (exposed: readonly Label[]) => Labels | undefined;

/** Joins what a target exposes with the target's own labels, and applies the rules for metrics. */
export function createSampleLabels({
  targetLabels,
  honorLabels,
  relabel,
  limits,
}: {
  targetLabels: Labels;
  honorLabels: boolean;
  relabel: Relabel;
  limits: LabelLimits;
}): SampleLabels {
  return (exposed) => {
    const labels: MutableLabels = new Map(exposed);
    if (honorLabels) addMissing(labels, targetLabels);
    else addOver(labels, targetLabels);
    if (!relabel(labels)) return undefined;
    if ((labels.get(METRIC_NAME) ?? '') === '') {
      throw new ExpositionError(
        `got no name for ${JSON.stringify(exposed[0]?.[1] ?? '')} after metric_relabel_configs; want one, or drop the series`,
      );
    }
    return checkLabels([...labels], limits);
  };
}

/** A label that the target exposes stays, also with an empty value. */
function addMissing(labels: MutableLabels, own: Labels): void {
  for (const [name, value] of own) if (!labels.has(name)) labels.set(name, value);
}

const EXPORTED_PREFIX = 'exported_';

/** A label that the target exposes under one of our names moves to `exported_…`. */
function addOver(labels: MutableLabels, own: Labels): void {
  const moved: Label[] = [];
  for (const [name, value] of own) {
    const exposed = labels.get(name) ?? '';
    if (exposed !== '') moved.push([name, exposed]);
    labels.set(name, value);
  }
  // Shorter names first, so that which label takes which name does not depend on their order.
  for (const [name, value] of moved.toSorted(([a], [b]) => a.length - b.length)) {
    let free = EXPORTED_PREFIX + name;
    while ((labels.get(free) ?? '') !== '') free = EXPORTED_PREFIX + free;
    labels.set(free, value);
  }
}
