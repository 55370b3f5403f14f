import { formatLabels } from '@hubpulse/model';
import { expect, test } from 'vitest';
import { byLabel, type MetricFamily } from './metric-family.ts';
import { createOwnSamples } from './own-samples.ts';

const counter = (values: Record<string, number>): MetricFamily =>
  byLabel(
    { name: 'requests_total', type: 'counter', help: 'h' },
    'route',
    new Map(Object.entries(values)),
  );

const collector = (steps: MetricFamily[][]) => {
  let step = 0;
  const own = createOwnSamples({
    source: () => steps[step++] ?? [],
    job: 'hubpulse',
    instance: 'h',
  });
  return (tMs: number) => own(tMs).map((s) => [formatLabels(s.labels), s.tMs, s.value]);
};

test('figures become samples with job and instance', () => {
  const collect = collector([[counter({ a: 3 })]]);
  expect(collect(5000)).toEqual([
    ['requests_total{instance="h",job="hubpulse",route="a"}', 5000, 3],
  ]);
});

test('a counter that appears later began at 0 when last we looked', () => {
  const collect = collector([
    [counter({ a: 1 })],
    [counter({ a: 1, b: 4 })],
    [counter({ a: 1, b: 5 })],
  ]);
  collect(5000);
  const b = 'requests_total{instance="h",job="hubpulse",route="b"}';
  expect(collect(10_000).filter(([series]) => series === b)).toEqual([
    [b, 5000, 0],
    [b, 10_000, 4],
  ]);
  expect(collect(15_000).filter(([series]) => series === b)).toEqual([[b, 15_000, 5]]);
});

test('a gauge that appears has no past', () => {
  const gauge: MetricFamily = { ...counter({ a: 7 }), type: 'gauge' };
  const collect = collector([[], [gauge]]);
  collect(5000);
  expect(collect(10_000)).toHaveLength(1);
});

test('after the clock went back a new counter gets no zero in the future', () => {
  const collect = collector([[], [counter({ a: 7 })]]);
  collect(10_000);
  expect(collect(5000)).toHaveLength(1);
});
