import { describe, expect, test } from 'vitest';
import { createRelabel } from './relabel.ts';
import type { RelabelRule } from './scrape-job.ts';

const rule = (changes: Partial<RelabelRule>): RelabelRule => ({
  action: 'replace',
  sourceLabels: [],
  separator: ';',
  regex: '(.*)',
  targetLabel: '',
  replacement: '$1',
  modulus: 0,
  ...changes,
});

const apply = (
  labels: Record<string, string>,
  ...rules: Partial<RelabelRule>[]
): Record<string, string> | 'dropped' => {
  const changed = new Map(Object.entries(labels));
  return createRelabel(rules.map(rule))(changed) ? Object.fromEntries(changed) : 'dropped';
};

const labels = { a: 'foo', b: 'bar', c: 'baz' };

describe('replace', () => {
  test.each<[string, Partial<RelabelRule>, Record<string, string>]>([
    [
      'joins the sources and takes groups',
      { sourceLabels: ['a', 'b'], regex: 'f(.*);(.*)r', targetLabel: 'd', replacement: 'x${2}-$1' },
      { ...labels, d: 'xba-oo' },
    ],
    [
      'leaves labels as they are without a match',
      { sourceLabels: ['a'], regex: 'x', targetLabel: 'a' },
      labels,
    ],
    ['matches whole values alone', { sourceLabels: ['a'], regex: 'fo', targetLabel: 'd' }, labels],
    [
      'removes a label for an empty value',
      { sourceLabels: ['a'], targetLabel: 'b', replacement: '' },
      { a: 'foo', c: 'baz' },
    ],
    [
      'makes the name of its target of groups',
      { sourceLabels: ['a'], regex: '(f)(oo)', targetLabel: 'x_$2', replacement: '$1' },
      { ...labels, x_oo: 'f' },
    ],
    [
      'takes a label that is not there as empty',
      { sourceLabels: ['none'], regex: '', targetLabel: 'd', replacement: 'y' },
      { ...labels, d: 'y' },
    ],
    ['does nothing for an empty target', { sourceLabels: ['a'], targetLabel: '${9}' }, labels],
    [
      'joins with its separator',
      { sourceLabels: ['a', 'b'], separator: '/', targetLabel: 'd' },
      { ...labels, d: 'foo/bar' },
    ],
  ])('%s', (_, change, want) => {
    expect(apply(labels, change)).toEqual(want);
  });
});

test('keep and drop decide by a match of the whole', () => {
  expect(apply(labels, { action: 'keep', sourceLabels: ['a'], regex: 'fo+' })).toEqual(labels);
  expect(apply(labels, { action: 'keep', sourceLabels: ['a'], regex: 'f' })).toBe('dropped');
  expect(apply(labels, { action: 'drop', sourceLabels: ['a', 'b'], regex: 'foo;bar' })).toBe(
    'dropped',
  );
  expect(apply(labels, { action: 'drop', sourceLabels: ['a'], regex: 'f' })).toEqual(labels);
});

test('keepequal and dropequal compare two labels', () => {
  const same = { ...labels, d: 'foo' };
  expect(apply(same, { action: 'keepequal', sourceLabels: ['a'], targetLabel: 'd' })).toEqual(same);
  expect(apply(same, { action: 'keepequal', sourceLabels: ['b'], targetLabel: 'd' })).toBe(
    'dropped',
  );
  expect(apply(same, { action: 'dropequal', sourceLabels: ['a'], targetLabel: 'd' })).toBe(
    'dropped',
  );
  expect(apply(same, { action: 'dropequal', sourceLabels: ['b'], targetLabel: 'd' })).toEqual(same);
});

test('hashmod gives what Prometheus gives', () => {
  // The sums are those of md5sum(1), the rest by bc(1) from their last eight bytes.
  const hash = (value: string) =>
    apply(
      { a: value },
      { action: 'hashmod', sourceLabels: ['a'], targetLabel: 'd', modulus: 1000 },
    );
  expect(hash('foo')).toEqual({ a: 'foo', d: '696' });
  expect(hash('foo\nbar')).toEqual({ a: 'foo\nbar', d: '734' });
});

test('lowercase and uppercase change the case', () => {
  const mixed = { a: 'FoO' };
  expect(
    apply(
      mixed,
      { action: 'lowercase', sourceLabels: ['a'], targetLabel: 'l' },
      { action: 'uppercase', sourceLabels: ['a'], targetLabel: 'u' },
    ),
  ).toEqual({ a: 'FoO', l: 'foo', u: 'FOO' });
});

test('labelmap copies labels under other names, labeldrop and labelkeep choose among them', () => {
  const found = { __meta_zone: 'z', __meta_rack: 'r', a: 'x' };
  expect(apply(found, { action: 'labelmap', regex: '__meta_(.+)' })).toEqual({
    ...found,
    zone: 'z',
    rack: 'r',
  });
  expect(apply(found, { action: 'labeldrop', regex: '__meta_.*' })).toEqual({ a: 'x' });
  expect(apply(found, { action: 'labelkeep', regex: '__meta_.*' })).toEqual({
    __meta_zone: 'z',
    __meta_rack: 'r',
  });
});

test('rules apply in order, up to the one that drops', () => {
  expect(
    apply(
      { a: 'x' },
      { sourceLabels: ['a'], targetLabel: 'b', replacement: '$1$1' },
      { action: 'keep', sourceLabels: ['b'], regex: 'xx' },
      { action: 'labeldrop', regex: 'a' },
    ),
  ).toEqual({ b: 'xx' });
});

test('a pattern that nests repetitions ends on a value that it does not match', () => {
  expect(
    apply({ a: 'é'.repeat(20) + '!' }, { action: 'keep', sourceLabels: ['a'], regex: '(é+)+' }),
  ).toBe('dropped');
});
