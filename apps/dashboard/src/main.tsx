import { createApiClient } from '@hubpulse/api';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { type Dashboard, DashboardContext } from './app/dashboard.ts';
import { createLiveStatusStore } from './app/live-status.ts';
import { createDashboardRouter } from './app/router.tsx';
import { createServerClock } from './app/server-clock.ts';
import { defaultRangeOf, readBoot } from './boot.ts';
import { browserSurroundings } from './live/browser-surroundings.ts';
import { createLiveStream } from './live/live-stream.ts';
import { createLiveWindow } from './live/live-window.ts';
import { OVERVIEW_KEY } from './overview/overview-answer.ts';
import './styles.css';
import { createPreferences } from './view/preferences.ts';

const nowMs = (): number => Date.now();

// A server on this machine answers also when the browser believes to be offline. Figures come by the stream, so an
// answer never grows old by itself, and what may be tried again the query says itself.
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: 'always',
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      retry: false,
      staleTime: Number.POSITIVE_INFINITY,
    },
  },
});
const liveStatus = createLiveStatusStore(nowMs);
const liveWindow = createLiveWindow();
const boot = readBoot(document.getElementById('boot')?.textContent, nowMs());
const dashboard: Dashboard = {
  api: createApiClient(),
  boot,
  clock: createServerClock(nowMs),
  defaultRange: defaultRangeOf(boot),
  liveStatus,
  liveWindow,
  preferences: createPreferences({
    storage: () => localStorage,
    navigatorLanguage: navigator.language,
    prefersDark: matchMedia('(prefers-color-scheme: dark)').matches,
  }),
  stream: createLiveStream({
    ...browserSurroundings(document),
    url: (sinceMs) => `/api/v1/live?sinceMs=${sinceMs}`,
    sinceMs: () => liveWindow.sinceMs(),
    frameIntervalMs: () => liveWindow.frameIntervalMs(),
    onFrame: (frame) => liveWindow.push(frame),
    onReset: () => void queries.invalidateQueries({ queryKey: [OVERVIEW_KEY] }),
    onState: liveStatus.set,
  }),
};

const root = document.getElementById('root');
if (root === null) throw new Error('BUG: index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <DashboardContext value={dashboard}>
      <QueryClientProvider client={queries}>
        <RouterProvider router={createDashboardRouter()} />
      </QueryClientProvider>
    </DashboardContext>
  </StrictMode>,
);
