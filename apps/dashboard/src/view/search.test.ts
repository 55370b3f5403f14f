import { expect, test } from 'vitest';
import { fixedWindowOf, parseSearch } from './search.ts';
import { MAX_WINDOW_MS, MIN_WINDOW_MS } from './time-window.ts';

const FROM = 1_700_000_000_000;

test('a whole view is read back', () => {
  const view = { range: '6h', from: FROM, to: FROM + 60_000, lang: 'en', theme: 'dark' };
  expect(parseSearch(view)).toEqual(view);
});

test('an empty query leaves everything to the preferences', () => {
  expect(parseSearch({})).toEqual({});
});

test.each([
  { range: '7d' },
  { range: 5 },
  { lang: 'fr' },
  { lang: ['en'] },
  { theme: 'Dark' },
  { theme: null },
  { unknown: 'x' },
  { from: FROM },
  { to: FROM },
  { from: FROM, to: FROM },
  { from: FROM, to: FROM - 60_000 },
  { from: FROM, to: FROM + MIN_WINDOW_MS - 1 },
  { from: FROM, to: FROM + MAX_WINDOW_MS + 1 },
  { from: String(FROM), to: FROM + 60_000 },
  { from: FROM + 0.5, to: FROM + 60_000 },
  { from: -1, to: FROM },
  { from: FROM, to: 1e300 },
  { from: Number.NaN, to: FROM },
])('%o counts as missing', (raw) => {
  expect(parseSearch(raw)).toEqual({});
});

test('one bad value spoils no other', () => {
  expect(parseSearch({ range: '24h', theme: 'pink', lang: 'zh-CN', from: FROM })).toEqual({
    range: '24h',
    lang: 'zh-CN',
  });
});

test('a window with both ends stands still', () => {
  expect(fixedWindowOf({ from: FROM, to: FROM + 60_000 })).toEqual({
    fromMs: FROM,
    toMs: FROM + 60_000,
  });
  expect(fixedWindowOf({ range: '5m' })).toBeUndefined();
});
