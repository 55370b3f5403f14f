import { expect, test } from 'vitest';
import { createManualClock } from '../manual-clock.ts';
import { SenderQuota } from './sender-quota.ts';

const HOUR_MS = 3_600_000;

test('a sender has its room to itself, and what it made counts for a day', () => {
  const clock = createManualClock(1_800_000_000_000);
  const quota = new SenderQuota({ clock, maxSeries: 10 });
  expect(quota.roomOf('a')).toBe(10);
  quota.add('a', 4);
  clock.advance(HOUR_MS);
  quota.add('a', 5);
  quota.add('a', 0);
  expect(quota.roomOf('a')).toBe(1);
  expect(quota.roomOf('b')).toBe(10);
  clock.advance(23 * HOUR_MS);
  expect(quota.roomOf('a')).toBe(5);
  clock.advance(HOUR_MS);
  expect(quota.roomOf('a')).toBe(10);
});

test('no sender has less room than none', () => {
  const quota = new SenderQuota({ clock: createManualClock(0), maxSeries: 2 });
  quota.add('a', 5);
  expect(quota.roomOf('a')).toBe(0);
});

test('of too many senders the one that has been silent for longest is forgotten', () => {
  const quota = new SenderQuota({ clock: createManualClock(0), maxSeries: 2 });
  quota.add('first', 1);
  quota.add('second', 1);
  quota.add('first', 1);
  for (let i = 0; i < 9999; i++) quota.add(`other ${i}`, 1);
  expect(quota.roomOf('second')).toBe(2);
  expect(quota.roomOf('first')).toBe(0);
});
