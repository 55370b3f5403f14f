import { expect, test } from 'vitest';
import { selectLine } from './legend-selection.ts';

const ids = ['a', 'b', 'c'];
const click = (hidden: readonly string[], id: string, toggle = false) => [
  ...selectLine(new Set(hidden), id, { ids, toggle }),
];

test('a click shows a line alone, the next click shows all again', () => {
  expect(click([], 'b')).toEqual(['a', 'c']);
  expect(click(['a', 'c'], 'b')).toEqual([]);
});

test('a click on another line shows that one alone, also when it is hidden', () => {
  expect(click(['a', 'c'], 'a')).toEqual(['b', 'c']);
});

test('a toggle hides a line and shows it again', () => {
  expect(click([], 'b', true)).toEqual(['b']);
  expect(click(['b'], 'b', true)).toEqual([]);
  expect(click(['b'], 'a', true)).toEqual(['b', 'a']);
});

test('the last line is never hidden', () => {
  expect(click(['a', 'c'], 'b', true)).toEqual([]);
});

test('lines that are gone do not count as shown', () => {
  expect(click(['a', 'c', 'gone'], 'b')).toEqual([]);
});
