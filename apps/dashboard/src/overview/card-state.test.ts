import { expect, test } from 'vitest';
import { type CardFacts, cardStateOf } from './card-state.ts';

const NOW = 1_700_000_000_000;
const fresh: CardFacts = {
  answer: 'here',
  newestMs: NOW - 5_000,
  follows: true,
  nowMs: NOW,
  intervalMs: 5_000,
};

test('a fresh figure is ready', () => {
  expect(cardStateOf(fresh)).toBe('ready');
});

test('an awaited answer is loading, a failed one an error, whatever was known before', () => {
  expect(cardStateOf({ ...fresh, answer: 'awaited' })).toBe('loading');
  expect(cardStateOf({ ...fresh, answer: 'failed' })).toBe('error');
});

test('no figure in the window is empty', () => {
  expect(cardStateOf({ ...fresh, newestMs: null })).toBe('empty');
});

test('a figure grows old after three turns and the grace', () => {
  expect(cardStateOf({ ...fresh, newestMs: NOW - 35_000 })).toBe('ready');
  expect(cardStateOf({ ...fresh, newestMs: NOW - 35_001 })).toBe('stale');
});

test('the turns are those of the refresh when that is slower', () => {
  expect(cardStateOf({ ...fresh, newestMs: NOW - 100_000, intervalMs: 30_000 })).toBe('ready');
});

test('a window of the past is never stale', () => {
  expect(cardStateOf({ ...fresh, newestMs: NOW - 86_400_000, follows: false })).toBe('ready');
});
