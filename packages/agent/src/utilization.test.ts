import { expect, test } from 'vitest';
import { createUtilization } from './utilization.ts';

test('the first reading has nothing to compare with', () => {
  expect(createUtilization().next([1, 2, 3])).toBeUndefined();
});

test('shares are of the time since the reading before', () => {
  const utilization = createUtilization();
  utilization.next([100, 900]);
  expect(utilization.next([125, 975])).toEqual([0.25, 0.75]);
  expect(utilization.next([225, 975])).toEqual([1, 0]);
});

test('a reading in which no time has passed does not move the baseline', () => {
  const utilization = createUtilization();
  utilization.next([100, 900]);
  expect(utilization.next([100, 900])).toBeUndefined();
  expect(utilization.next([101, 903])).toEqual([0.25, 0.75]);
});

test('a counter that steps back counts as one that stood still', () => {
  const utilization = createUtilization();
  utilization.next([100, 900]);
  expect(utilization.next([110, 890])).toEqual([1, 0]);
});

test('after all counters began anew the next reading is right again', () => {
  const utilization = createUtilization();
  utilization.next([100, 900]);
  expect(utilization.next([0, 10])).toBeUndefined();
  expect(utilization.next([10, 40])).toEqual([0.25, 0.75]);
});
