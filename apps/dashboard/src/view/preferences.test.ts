import { expect, test } from 'vitest';
import { createPreferences } from './preferences.ts';

function memory(entries: Record<string, string> = {}) {
  const kept = new Map(Object.entries(entries));
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
}

const browser = { navigatorLanguage: 'zh-HK', prefersDark: true };

test('the browser decides where nothing was chosen', () => {
  const preferences = createPreferences({ ...browser, storage: () => memory() });
  expect(preferences.language()).toBe('zh-CN');
  expect(preferences.theme()).toBe('dark');
  expect(preferences.letterKeys()).toBe(true);
});

test('a choice is kept for the next page', () => {
  const storage = memory();
  const first = createPreferences({ ...browser, storage: () => storage });
  first.rememberLanguage('en');
  first.rememberTheme('light');
  first.rememberLetterKeys(false);
  const next = createPreferences({ ...browser, storage: () => storage });
  expect([next.language(), next.theme(), next.letterKeys()]).toEqual(['en', 'light', false]);
});

test('a stored value that nobody knows counts as none', () => {
  const storage = memory({ 'hubpulse.language': 'tlh', 'hubpulse.theme': '' });
  const preferences = createPreferences({
    navigatorLanguage: 'en',
    prefersDark: false,
    storage: () => storage,
  });
  expect([preferences.language(), preferences.theme()]).toEqual(['en', 'light']);
});

test('a browser that forbids storage still remembers within the page', () => {
  const forbidden = (): Storage => {
    throw new Error('SecurityError');
  };
  const preferences = createPreferences({ ...browser, storage: forbidden });
  expect(preferences.theme()).toBe('dark');
  preferences.rememberTheme('light');
  expect(preferences.theme()).toBe('light');
});
