import { type Range, RANGE_MS } from '@hubpulse/api';
import { useRouter } from '@tanstack/react-router';
import { useMemo, useRef } from 'react';
import { useDashboard } from '../app/dashboard.ts';
import type { Language } from '../i18n/language.ts';
import type { ViewSearch } from './search.ts';
import type { Theme } from './theme.ts';
import { type FixedWindow, scaled, selected, shifted } from './time-window.ts';
import { viewOf } from './view.ts';

/** Ways to another view. Each changes the URL; windows of time are new entries of the history, so that Back undoes them. */
export interface Navigation {
  /** Follows the present again, over a named range. */
  follow(range: Range): void;
  /** Shows a window that somebody typed or jumped to. */
  showWindow(window: FixedWindow): void;
  /** Zooms to a stretch dragged over a chart. */
  zoomTo(fromMs: number, toMs: number): void;
  zoomBy(factor: number): void;
  shift(direction: -1 | 1): void;
  /** Returns to what was shown before the first zoom. */
  resetZoom(): void;
  setLanguage(language: Language): void;
  setTheme(theme: Theme): void;
  /** The window now shown, as two instants. */
  currentWindow(): FixedWindow;
}

/** Steps that follow each other faster are one movement, thus one entry of the history. */
const ONE_MOVEMENT_MS = 1000;

/** The ways from the current view; the same object for the life of the page. */
export function useNavigation(): Navigation {
  const router = useRouter();
  const { clock, preferences } = useDashboard();
  const lastStepMs = useRef(0);
  return useMemo(() => {
    const search = (): ViewSearch => router.state.location.search;
    const view = () => viewOf(search(), preferences);

    const go = (
      next: ViewSearch,
      options: { zoomBase?: FixedWindow | null; replace?: boolean } = {},
    ): void => {
      const { zoomBase, replace = false } = options;
      const state = zoomBase === undefined ? {} : { zoomBase };
      void router.navigate({ to: '/', search: next, state, replace });
    };

    const withWindow = (window: FixedWindow | null): ViewSearch => {
      const { from: _from, to: _to, ...rest } = search();
      return window === null ? rest : { ...rest, from: window.fromMs, to: window.toMs };
    };

    const zoomBase = (): FixedWindow | null => {
      const { zoomBase: base } = router.state.location.state;
      return base === undefined ? (view().fixed ?? null) : base;
    };

    const currentWindow = (): FixedWindow => {
      const { fixed, range } = view();
      const nowMs = Math.round(clock.nowMs());
      return fixed ?? { fromMs: nowMs - RANGE_MS[range], toMs: nowMs };
    };

    const step = (window: FixedWindow): void => {
      const nowMs = clock.nowMs();
      const replace = nowMs - lastStepMs.current < ONE_MOVEMENT_MS;
      lastStepMs.current = nowMs;
      go(withWindow(window), { zoomBase: zoomBase(), replace });
    };

    const keep = (change: ViewSearch): void => {
      const { zoomBase: base } = router.state.location.state;
      go(
        { ...search(), ...change },
        { replace: true, ...(base !== undefined && { zoomBase: base }) },
      );
    };

    return {
      currentWindow,
      follow: (range) => go({ ...withWindow(null), range }),
      showWindow: (window) => go(withWindow(window)),
      zoomTo: (fromMs, toMs) => {
        const nowMs = Math.round(clock.nowMs());
        const window = selected({ fromMs: Math.round(fromMs), toMs: Math.round(toMs) }, nowMs);
        if (window) go(withWindow(window), { zoomBase: zoomBase() });
      },
      zoomBy: (factor) => step(scaled(currentWindow(), factor, Math.round(clock.nowMs()))),
      shift: (direction) => {
        const { fixed, range } = view();
        const nowMs = Math.round(clock.nowMs());
        if (direction === 1 && !fixed) return;
        const next = shifted(currentWindow(), direction, nowMs);
        const isPresent = next.toMs === nowMs && next.toMs - next.fromMs === RANGE_MS[range];
        if (isPresent) go(withWindow(null));
        else step(next);
      },
      resetZoom: () => {
        if (view().fixed) go(withWindow(router.state.location.state.zoomBase ?? null));
      },
      setLanguage: (lang) => {
        preferences.rememberLanguage(lang);
        keep({ lang });
      },
      setTheme: (theme) => {
        preferences.rememberTheme(theme);
        keep({ theme });
      },
    };
  }, [router, clock, preferences]);
}
