import { type Language, languageOf, LANGUAGES } from '../i18n/language.ts';
import { type Theme, THEMES } from './theme.ts';

/** What a reader chose in this browser, and what the browser suggests where nothing was chosen. */
export interface Preferences {
  language(): Language;
  theme(): Theme;
  /** Whether single letters are shortcuts; they are until somebody turns them off (WCAG 2.1.4). */
  letterKeys(): boolean;
  rememberLanguage(language: Language): void;
  rememberTheme(theme: Theme): void;
  rememberLetterKeys(enabled: boolean): void;
}

/** The parts of a browser that preferences come from. `storage` may throw: some browsers forbid it to a page. */
export interface PreferenceSources {
  readonly storage: () => Pick<Storage, 'getItem' | 'setItem'>;
  readonly navigatorLanguage: string;
  readonly prefersDark: boolean;
}

/** Keys in local storage; the script in `index.html` reads the first two before the first paint. */
const LANGUAGE_KEY = 'hubpulse.language';
const THEME_KEY = 'hubpulse.theme';
const LETTER_KEYS_KEY = 'hubpulse.letterKeys';

/** Preferences that last where storage allows it, and hold for this page where it does not. */
export function createPreferences(sources: PreferenceSources): Preferences {
  const chosen = new Map<string, string>();
  const recall = (key: string): string | undefined => chosen.get(key) ?? read(sources, key);
  const remember = (key: string, value: string): void => {
    chosen.set(key, value);
    write(sources, { key, value });
  };
  return {
    language: () => oneOf(LANGUAGES, recall(LANGUAGE_KEY)) ?? languageOf(sources.navigatorLanguage),
    theme: () => oneOf(THEMES, recall(THEME_KEY)) ?? (sources.prefersDark ? 'dark' : 'light'),
    letterKeys: () => recall(LETTER_KEYS_KEY) !== 'off',
    rememberLanguage: (language) => remember(LANGUAGE_KEY, language),
    rememberTheme: (theme) => remember(THEME_KEY, theme),
    rememberLetterKeys: (enabled) => remember(LETTER_KEYS_KEY, enabled ? 'on' : 'off'),
  };
}

function read({ storage }: PreferenceSources, key: string): string | undefined {
  try {
    return storage().getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

function write(
  { storage }: PreferenceSources,
  { key, value }: { key: string; value: string },
): void {
  try {
    storage().setItem(key, value);
  } catch {
    // A full or forbidden storage costs the memory of the choice, not the choice.
  }
}

function oneOf<T extends string>(values: readonly T[], value: string | undefined): T | undefined {
  return values.find((candidate) => candidate === value);
}
