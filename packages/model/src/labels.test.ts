import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLabels, formatLabels, labelsKey, labelValue } from './labels.ts';

describe('createLabels', () => {
  test('sorts by name and drops empty values', () => {
    expect(createLabels({ job: 'api', __name__: 'up', zone: '' })).toEqual([
      ['__name__', 'up'],
      ['job', 'api'],
    ]);
  });

  test('of a name given twice the last value wins, also when it is empty', () => {
    expect(
      createLabels([
        ['a', '1'],
        ['a', '2'],
      ]),
    ).toEqual([['a', '2']]);
    expect(
      createLabels([
        ['a', '1'],
        ['a', ''],
      ]),
    ).toEqual([]);
  });

  test('takes any text as a name, those of object prototypes included', () => {
    const labels = createLabels([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
    expect(labelValue(labels, '__proto__')).toBe('x');
    expect(labelValue(labels, 'constructor')).toBe('y');
  });
});

test('an absent label has the empty value', () => {
  expect(labelValue(createLabels({ job: 'api' }), 'toString')).toBe('');
});

test('keys are equal exactly for equal label sets', () => {
  const pairs = fc.array(fc.tuple(fc.string(), fc.string()));
  fc.assert(
    fc.property(pairs, pairs, (a, b) => {
      const [left, right] = [createLabels(a), createLabels(b)];
      expect(labelsKey(left) === labelsKey(right)).toBe(isSameSet(left, right));
      expect(labelsKey(createLabels(left.toReversed()))).toBe(labelsKey(left));
    }),
  );
});

function isSameSet(
  a: readonly (readonly [string, string])[],
  b: readonly (readonly [string, string])[],
): boolean {
  return (
    a.length === b.length &&
    a.every(([name, value], i) => b[i]?.[0] === name && b[i]?.[1] === value)
  );
}

test('a series is shown in the notation of Prometheus', () => {
  expect(formatLabels(createLabels({ __name__: 'up', job: 'a"b\\c\nd', instance: 'x:1' }))).toBe(
    'up{instance="x:1",job="a\\"b\\\\c\\nd"}',
  );
  expect(formatLabels(createLabels({ __name__: 'up' }))).toBe('up');
});
