import { describe, expect, test } from 'vitest';
import { changeOf, meanOf } from './change.ts';

describe('changeOf', () => {
  test('is unknown where one side was not measured', () => {
    expect(changeOf(null, 5)).toEqual({ kind: 'unknown' });
    expect(changeOf(5, null)).toEqual({ kind: 'unknown' });
  });

  test('a rise of more than 3 % is bad', () => {
    expect(changeOf(50, 40)).toEqual({ kind: 'up', percent: 25, isBad: true });
    expect(changeOf(103, 100)).toEqual({ kind: 'up', percent: 3, isBad: false });
  });

  test('a fall is never bad', () => {
    expect(changeOf(30, 40)).toEqual({ kind: 'down', percent: 25, isBad: false });
  });

  test('what would read 0 % is no change', () => {
    expect(changeOf(100.4, 100)).toEqual({ kind: 'unchanged' });
    expect(changeOf(0, 0)).toEqual({ kind: 'unchanged' });
  });

  test('a rise from nothing has no percentage', () => {
    expect(changeOf(2, 0)).toEqual({ kind: 'from_zero' });
  });
});

describe('meanOf', () => {
  test('leaves gaps out', () => {
    expect(meanOf([1, null, 3, undefined, Number.NaN])).toBe(2);
  });

  test('of nothing but gaps is null', () => {
    expect(meanOf([null, undefined])).toBeNull();
  });
});
