import { type Range, RANGE_MS } from '@hubpulse/api';
import { useRouter } from '@tanstack/react-router';
import { useMemo } from 'react';
import { type Dashboard, useDashboard } from '../app/dashboard.ts';
import type { Language } from '../i18n/language.ts';
import { parseSearch, type ViewSearch } from './search.ts';
import type { Theme } from './theme.ts';
import { type FixedWindow, scaled, selected, shifted } from './time-window.ts';
import { type View, viewOf } from './view.ts';

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

/** Where the page stands in the browser's history, and how it goes on from there. */
export interface Place {
  search(): ViewSearch;
  /** What the entry says about its zoom: the base to return to, `undefined` where it was not zoomed. */
  zoomBase(): FixedWindow | null | undefined;
  /** Goes to another query; `replace` makes no new entry. */
  go(
    search: ViewSearch,
    entry: { zoomBase: FixedWindow | null | undefined; replace: boolean },
  ): void;
}

/** What navigation needs. */
export interface NavigationParts extends Pick<Dashboard, 'clock' | 'defaultRange' | 'preferences'> {
  readonly place: Place;
}

/** The ways from the current view; the same object for the life of the component. */
export function useNavigation(): Navigation {
  const router = useRouter();
  const { clock, defaultRange, preferences } = useDashboard();
  return useMemo(
    () => createNavigation({ place: routerPlace(router), clock, defaultRange, preferences }),
    [router, clock, defaultRange, preferences],
  );
}

function routerPlace(router: ReturnType<typeof useRouter>): Place {
  return {
    search: () => parseSearch(router.latestLocation.search),
    zoomBase: () => router.latestLocation.state.zoomBase,
    go: (search, { zoomBase, replace }) => {
      const state = zoomBase === undefined ? {} : { zoomBase };
      void router.navigate({ to: '.', search, state, replace });
    },
  };
}

/** A window that ends so near the present, as a share of its length, means the present. */
const NEAR_PRESENT = 0.05;

/** The ways from wherever `place` stands. */
export function createNavigation({ place, clock, ...defaults }: NavigationParts): Navigation {
  const { preferences } = defaults;
  const view = (): View => viewOf(place.search(), defaults);
  const nowMs = (): number => Math.round(clock.nowMs());
  const toWindow = windowChanger(place);
  const zoomBase = (): FixedWindow | null => {
    const known = place.zoomBase();
    return known === undefined ? (view().fixed ?? null) : known;
  };
  const currentWindow = (): FixedWindow => {
    const { fixed, range } = view();
    const toMs = nowMs();
    return fixed ?? { fromMs: toMs - RANGE_MS[range], toMs };
  };
  const step = createStep(nowMs, (window, replace) =>
    toWindow(window, { zoomBase: zoomBase(), replace }),
  );
  const toLook = (look: Pick<ViewSearch, 'lang' | 'theme'>): void =>
    place.go({ ...place.search(), ...look }, { zoomBase: place.zoomBase(), replace: true });
  return {
    currentWindow,
    follow: (range) => toWindow(null, { range }),
    showWindow: (window) => toWindow(window),
    zoomTo: (fromMs, toMs) => {
      const dragged = { fromMs: Math.round(fromMs), toMs: Math.round(toMs) };
      const window = selected(dragged, nowMs());
      if (window) toWindow(window, { zoomBase: zoomBase() });
    },
    zoomBy: (factor) => step(scaled(currentWindow(), factor, nowMs())),
    shift: (direction) => {
      const { fixed, range } = view();
      if (direction === 1 && !fixed) return;
      const next = shifted(currentWindow(), direction, nowMs());
      const lengthMs = next.toMs - next.fromMs;
      const isPresent =
        nowMs() - next.toMs <= lengthMs * NEAR_PRESENT && lengthMs === RANGE_MS[range];
      if (isPresent) toWindow(null);
      else step(next);
    },
    resetZoom: () => {
      if (view().fixed) toWindow(place.zoomBase() ?? null);
    },
    setLanguage: (lang) => {
      preferences.rememberLanguage(lang);
      toLook({ lang });
    },
    setTheme: (theme) => {
      preferences.rememberTheme(theme);
      toLook({ theme });
    },
  };
}

interface WindowEntry {
  readonly range?: Range;
  readonly zoomBase?: FixedWindow | null;
  readonly replace?: boolean;
}

/** Makes the function that goes to a window, or with `null` to the range; a `zoomBase` marks the entry as zoomed. */
function windowChanger(place: Place): (window: FixedWindow | null, entry?: WindowEntry) => void {
  return (window, { range, zoomBase, replace = false } = {}) => {
    const { from: _from, to: _to, ...rest } = place.search();
    place.go(
      {
        ...rest,
        ...(range && { range }),
        ...(window && { from: window.fromMs, to: window.toMs }),
      },
      { zoomBase, replace },
    );
  };
}

/** Makes the function that goes one step of a movement: steps in quick succession share an entry of the history. */
function createStep(
  nowMs: () => number,
  toWindow: (window: FixedWindow, replace: boolean) => void,
): (window: FixedWindow) => void {
  let lastMs = 0;
  return (window) => {
    const isSameMovement = nowMs() - lastMs < ONE_MOVEMENT_MS;
    lastMs = nowMs();
    toWindow(window, isSameMovement);
  };
}
