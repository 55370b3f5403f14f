import { expect, test } from 'vitest';
import { translucent } from './chart-ink.ts';

test.each([
  [0, '#2563d900'],
  [0.26, '#2563d942'],
  [1, '#2563d9ff'],
  [-1, '#2563d900'],
  [7, '#2563d9ff'],
])('alpha %d is written behind the colour', (alpha, expected) => {
  expect(translucent('#2563d9', alpha)).toBe(expected);
});

test('a colour of another form stays as it is', () => {
  expect(translucent('rgb(0 0 0)', 0.5)).toBe('rgb(0 0 0)');
  expect(translucent('', 0.5)).toBe('');
});
