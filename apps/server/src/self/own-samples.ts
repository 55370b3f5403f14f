import {
  createLabels,
  type Label,
  type Labels,
  labelsKey,
  METRIC_NAME,
  type Sample,
} from '@hubpulse/model';
import type { MetricFamily, MetricPoint, MetricSource } from './metric-family.ts';

/**
 * Turns Hubpulse's figures about itself into samples, as if it scraped its own `/metrics`: with `job` and `instance`.
 *
 * A counter that is seen for the first time began at 0 since the sample before, which we know because it is our own: it
 * gets that 0 at the time of the last call, so that its first increase counts.
 */
export function createOwnSamples({
  source,
  job,
  instance,
}: {
  source: MetricSource;
  job: string;
  instance: string;
}): (tMs: number) => Sample[] {
  const resource: readonly Label[] = [
    ['job', job],
    ['instance', instance],
  ];
  const known = new Set<string>();
  let lastMs: number | undefined;

  const samplesOf = (family: MetricFamily, point: MetricPoint, tMs: number): Sample[] => {
    const labels = pointLabels(family, point, resource);
    const sample = { labels, tMs, value: point.value };
    const key = labelsKey(labels);
    if (known.has(key)) return [sample];
    known.add(key);
    const beganAtZero = family.type !== 'gauge' && lastMs !== undefined && lastMs < tMs;
    return beganAtZero ? [{ labels, tMs: lastMs ?? tMs, value: 0 }, sample] : [sample];
  };

  return (tMs) => {
    const samples = source().flatMap((family) =>
      family.points.flatMap((point) => samplesOf(family, point, tMs)),
    );
    lastMs = tMs;
    return samples;
  };
}

function pointLabels(
  { name }: MetricFamily,
  point: MetricPoint,
  resource: readonly Label[],
): Labels {
  return createLabels([[METRIC_NAME, `${name}${point.suffix}`], ...point.labels, ...resource]);
}
