import { expect, test } from 'vitest';
import { matchesStars } from './file-targets.ts';

test.each([
  ['*.json', 'a.json', true],
  ['*.json', 'a.yml', false],
  ['*.json', '.hidden.json', false],
  ['.*.json', '.hidden.json', true],
  ['a*b*.yml', 'aXbY.yml', true],
  ['a*b*.yml', 'aX.yml', false],
  ['ab*ba.yml', 'aba.yml', false],
  ['plain.yml', 'plain.yml', true],
  ['plain.yml', 'other.yml', false],
])('the pattern %s and the name %s: %s', (pattern, name, want) => {
  expect(matchesStars(pattern, name)).toBe(want);
});
