import { type GroupKey, keyOfLabels, keyWithoutLabels } from '../engine/label-set.ts';
import type { Matching } from '../syntax/ast.ts';

/** The key by which the series of two vectors find each other. */
export function signatureOf({ on, labels }: Matching): GroupKey {
  return on ? keyOfLabels(labels) : keyWithoutLabels(labels);
}
