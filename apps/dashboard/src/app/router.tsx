import {
  createRootRoute,
  createRoute,
  createRouter,
  type RouterHistory,
} from '@tanstack/react-router';
import { OverviewPage } from '../overview/overview-page.tsx';
import { CrashPage } from '../shell/crash-page.tsx';
import { NotFoundPage } from '../shell/not-found-page.tsx';
import { Shell } from '../shell/shell.tsx';
import { parseSearch } from '../view/search.ts';
import type { FixedWindow } from '../view/time-window.ts';

const rootRoute = createRootRoute({
  validateSearch: parseSearch,
  component: Shell,
  notFoundComponent: NotFoundPage,
  errorComponent: CrashPage,
});

const overviewRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  component: OverviewPage,
});

const routeTree = rootRoute.addChildren([overviewRoute]);

/** The pages by their addresses. `history` is the browser's own unless told. */
export function createDashboardRouter(history?: RouterHistory) {
  return createRouter({ routeTree, ...(history && { history }) });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createDashboardRouter>;
  }

  interface HistoryState {
    /** On an entry that was zoomed: the fixed window that `0` returns to, or `null` for the range that follows the present. */
    zoomBase?: FixedWindow | null;
  }
}
