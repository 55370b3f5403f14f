import { expect, test } from 'vitest';

import { closestWord } from './closest-word.ts';

const KEYS = ['host', 'port', 'data_dir', 'agent_interval_ms', 'log_level'];

test.each([
  ['prot', 'port'],
  ['por', 'port'],
  ['PORT', 'port'],
  ['pport', 'port'],
  ['hots', 'host'],
  ['datadir', 'data_dir'],
  ['agent_interval', 'agent_interval_ms'],
  ['loglevel', 'log_level'],
])('%s is taken for %s', (word, meant) => {
  expect(closestWord(word, KEYS)).toBe(meant);
});

test.each(['', 'x', 'retention', 'p', 'p'.repeat(100_000)])('%.20s is like none', (word) => {
  expect(closestWord(word, KEYS)).toBeUndefined();
});

test('the nearest of several wins, and among equals the first', () => {
  expect(closestWord('pos', ['port', 'pos_', 'pose'])).toBe('pos_');
});
