import { expect, test } from 'vitest';
import { describeCounts, totalOf } from './counts.mjs';

test('the total adds up all projects', () => {
  const projects = {
    unit: { passed: 10, failed: 1, skipped: 2 },
    e2e: { passed: 3, failed: 0, skipped: 0 },
  };
  expect(totalOf({ projects, errors: 0 })).toEqual({ passed: 13, failed: 1, skipped: 2 });
});

test('an error outside of any test is a failure', () => {
  expect(totalOf({ projects: {}, errors: 2 })).toEqual({ passed: 0, failed: 2, skipped: 0 });
});

test('a run without results is a failure', () => {
  expect(totalOf(undefined).failed).toBe(1);
});

test('skipped tests are told only where there are some', () => {
  expect(describeCounts({ passed: 2, failed: 0, skipped: 0 })).toBe('2 passed, 0 failed');
  expect(describeCounts({ passed: 2, failed: 1, skipped: 3 })).toBe(
    '2 passed, 1 failed, 3 skipped',
  );
});
