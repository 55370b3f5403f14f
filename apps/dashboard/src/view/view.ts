import type { Range } from '@hubpulse/api';
import { useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { type Dashboard, useDashboard } from '../app/dashboard.ts';
import { type Texts, TEXTS } from '../i18n/dictionary.ts';
import type { Language } from '../i18n/language.ts';
import { fixedWindowOf, parseSearch, type ViewSearch } from './search.ts';
import type { Theme } from './theme.ts';
import type { FixedWindow } from './time-window.ts';

/** What the reader sees: the URL, completed by the reader's preferences. */
export interface View {
  readonly range: Range;
  /** The window that stands still; `undefined` while the page follows the present. */
  readonly fixed: FixedWindow | undefined;
  readonly language: Language;
  readonly theme: Theme;
  readonly texts: Texts;
}

/** The view of a query, where the defaults fill what it leaves open. */
export function viewOf(
  search: ViewSearch,
  { defaultRange, preferences }: Pick<Dashboard, 'defaultRange' | 'preferences'>,
): View {
  const language = search.lang ?? preferences.language();
  return {
    range: search.range ?? defaultRange,
    fixed: fixedWindowOf(search),
    language,
    theme: search.theme ?? preferences.theme(),
    texts: TEXTS[language],
  };
}

/** The current view; the same object until it changes. */
export function useView(): View {
  const dashboard = useDashboard();
  // The router keeps what the route's own validation leaves out, so bad values have to be dropped here.
  const search = useSearch({ from: '__root__' });
  return useMemo(() => viewOf(parseSearch({ ...search }), dashboard), [search, dashboard]);
}
