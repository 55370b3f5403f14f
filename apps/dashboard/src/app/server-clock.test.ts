import { expect, test } from 'vitest';
import { createServerClock } from './server-clock.ts';

test('the server clock runs ahead or behind as the last answer told', () => {
  let browserMs = 10_000;
  const clock = createServerClock(() => browserMs);
  expect(clock.nowMs()).toBe(10_000);
  clock.sync(70_000, 10_000);
  browserMs += 500;
  expect(clock.nowMs()).toBe(70_500);
  clock.sync(9_000, 10_500);
  expect(clock.nowMs()).toBe(9_000);
});
