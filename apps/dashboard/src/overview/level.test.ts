import { expect, test } from 'vitest';
import { levelOf } from './level.ts';

test.each([
  ['cpu', 0, 'ok'],
  ['cpu', 49.94, 'ok'],
  ['cpu', 49.96, 'warning'],
  ['memory', 50, 'warning'],
  ['disk', 79.94, 'warning'],
  ['disk', 80, 'critical'],
  ['cpu', 100, 'critical'],
  ['response_time', 0.3, 'ok'],
  ['response_time', 2000, 'ok'],
  ['response_time', 2010, 'warning'],
  ['response_time', 5000, 'warning'],
  ['response_time', 5010, 'critical'],
  ['error_rate', 0, 'ok'],
  ['error_rate', 5, 'ok'],
  ['error_rate', 5.1, 'warning'],
  ['error_rate', 10, 'warning'],
  ['error_rate', 10.1, 'critical'],
] as const)('%s of %d is %s', (signal, value, level) => {
  expect(levelOf(signal, value)).toBe(level);
});
