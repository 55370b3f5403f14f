import { expect, test } from 'vitest';
import { createNavigation, type Place } from './navigation.ts';
import { createPreferences } from './preferences.ts';
import type { ViewSearch } from './search.ts';
import { type FixedWindow, MIN_WINDOW_MS } from './time-window.ts';

const NOW = 1_700_000_000_000;
const HOUR = 3_600_000;

interface Entry {
  readonly search: ViewSearch;
  readonly zoomBase: FixedWindow | null | undefined;
}

/** A history in memory, with a reader's browser around it. */
function open(search: ViewSearch) {
  let nowMs = NOW;
  const entries: Entry[] = [{ search, zoomBase: undefined }];
  const current = (): Entry => entries.at(-1)!;
  const place: Place = {
    search: () => current().search,
    zoomBase: () => current().zoomBase,
    go: (next, { zoomBase, replace }) => {
      if (replace) entries.pop();
      entries.push({ search: next, zoomBase });
    },
  };
  const kept = new Map<string, string>();
  const preferences = createPreferences({
    storage: () => ({
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
    }),
    navigatorLanguage: 'en',
    prefersDark: false,
  });
  const clock = { nowMs: () => nowMs, sync: () => undefined };
  return {
    navigation: createNavigation({ place, clock, defaultRange: '1h', preferences }),
    kept,
    wait: (ms: number) => void (nowMs += ms),
    search: () => current().search,
    back: () => void entries.pop(),
    entries: () => entries.length,
  };
}

test('a zoom is an entry of its own, so that Back undoes it', () => {
  const page = open({ range: '6h' });
  page.navigation.zoomTo(NOW - HOUR, NOW - HOUR / 2);
  expect(page.search()).toEqual({ range: '6h', from: NOW - HOUR, to: NOW - HOUR / 2 });
  page.back();
  expect(page.search()).toEqual({ range: '6h' });
});

test('a reset leaves every zoom at once and follows the present', () => {
  const page = open({ range: '6h' });
  page.navigation.zoomTo(NOW - 2 * HOUR, NOW - HOUR);
  page.navigation.zoomTo(NOW - 1.6 * HOUR, NOW - 1.5 * HOUR);
  page.navigation.resetZoom();
  expect(page.search()).toEqual({ range: '6h' });
});

test('a reset returns to the window of a shared link, and from there to the present', () => {
  const from = NOW - 5 * HOUR;
  const shared: ViewSearch = { range: '1h', from, to: from + HOUR };
  const page = open(shared);
  page.navigation.zoomTo(from + 60_000, from + 600_000);
  page.navigation.resetZoom();
  expect(page.search()).toEqual(shared);
  page.navigation.resetZoom();
  expect(page.search()).toEqual({ range: '1h' });
});

test('a tremble of the pointer is no zoom', () => {
  const page = open({});
  page.navigation.zoomTo(NOW - 1000, NOW);
  expect(page.search()).toEqual({});
  expect(page.entries()).toBe(1);
});

test('steps in quick succession are one entry', () => {
  const page = open({ range: '1h' });
  page.navigation.shift(-1);
  page.wait(200);
  page.navigation.shift(-1);
  expect(page.search()).toEqual({
    range: '1h',
    from: NOW - 2 * HOUR,
    to: NOW - HOUR,
  });
  expect(page.entries()).toBe(2);
  page.wait(5000);
  page.navigation.zoomBy(0.5);
  expect(page.entries()).toBe(3);
});

test('moving back and forth ends where it began, although time went on', () => {
  const page = open({ range: '6h' });
  page.navigation.shift(-1);
  page.wait(20_000);
  page.navigation.shift(1);
  expect(page.search()).toEqual({ range: '6h' });
});

test('moving later ends in following the present', () => {
  const page = open({ range: '1h', from: NOW - 1.25 * HOUR, to: NOW - 0.25 * HOUR });
  page.navigation.shift(1);
  expect(page.search()).toEqual({ range: '1h' });
  page.navigation.shift(1);
  expect(page.search()).toEqual({ range: '1h' });
});

test('zooming in ends at the shortest window', () => {
  const page = open({ range: '5m' });
  for (let i = 0; i < 8; i++) {
    page.navigation.zoomBy(0.5);
  }
  const { fromMs, toMs } = page.navigation.currentWindow();
  expect(toMs - fromMs).toBe(MIN_WINDOW_MS);
});

test('following a range leaves the fixed window', () => {
  const page = open({ from: NOW - HOUR, to: NOW, theme: 'dark' });
  page.navigation.follow('24h');
  expect(page.search()).toEqual({ range: '24h', theme: 'dark' });
});

test('language and theme are remembered and keep the window, without a new entry', () => {
  const page = open({ from: NOW - HOUR, to: NOW });
  page.navigation.setLanguage('zh-CN');
  page.navigation.setTheme('dark');
  expect(page.search()).toEqual({
    from: NOW - HOUR,
    to: NOW,
    lang: 'zh-CN',
    theme: 'dark',
  });
  expect(page.entries()).toBe(1);
  expect(Object.fromEntries(page.kept)).toEqual({
    'hubpulse.language': 'zh-CN',
    'hubpulse.theme': 'dark',
  });
});
