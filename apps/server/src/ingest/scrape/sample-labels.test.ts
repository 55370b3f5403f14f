import { createLabels } from '@hubpulse/model';
import { expect, test } from 'vitest';
import { createSampleLabels } from './sample-labels.ts';

const labelsOf = (
  exposed: Record<string, string>,
  {
    honorLabels = false,
    rule = () => true,
  }: { honorLabels?: boolean; rule?: (labels: Map<string, string>) => boolean } = {},
) => {
  const labels = createSampleLabels({
    targetLabels: createLabels({ job: 'api', instance: 'a:1' }),
    honorLabels,
    relabel: rule,
    limits: { maxLabels: 8, maxLabelBytes: 100 },
  })(Object.entries(exposed));
  return labels && Object.fromEntries(labels);
};

const own = { job: 'api', instance: 'a:1' };

test('a series gets the labels of its target', () => {
  expect(labelsOf({ __name__: 'm', code: '200', empty: '' })).toEqual({
    __name__: 'm',
    code: '200',
    ...own,
  });
});

test('a label of the same name moves aside, or wins with honor_labels', () => {
  const exposed = { __name__: 'm', job: 'x', exported_job: 'y', instance: '' };
  expect(labelsOf(exposed)).toEqual({
    __name__: 'm',
    ...own,
    exported_job: 'y',
    exported_exported_job: 'x',
  });
  expect(labelsOf(exposed, { honorLabels: true })).toEqual({
    __name__: 'm',
    job: 'x',
    exported_job: 'y',
  });
});

test('a rule may drop it, and must leave a name', () => {
  expect(labelsOf({ __name__: 'm' }, { rule: () => false })).toBeUndefined();
  expect(() =>
    labelsOf({ __name__: 'm' }, { rule: (labels) => labels.delete('__name__') }),
  ).toThrow('got no name for "m" after metric_relabel_configs');
});

test('the limits of ingest hold after the rules', () => {
  const many = Object.fromEntries('abcdefg'.split('').map((name) => [name, 'x']));
  expect(() => labelsOf({ __name__: 'm', ...many })).toThrow(
    expect.objectContaining({ reason: 'label_limit' }),
  );
  const rule = (labels: Map<string, string>) => labels.delete('a') && labels.delete('b');
  expect(Object.keys(labelsOf({ __name__: 'm', ...many }, { rule }) ?? {})).toHaveLength(8);
});
