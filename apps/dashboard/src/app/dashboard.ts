import type { ApiClient, Range } from '@hubpulse/api';
import { createContext, useContext } from 'react';
import type { ReadBoot } from '../boot.ts';
import type { LiveStream } from '../live/live-stream.ts';
import type { LiveWindow } from '../live/live-window.ts';
import type { Preferences } from '../view/preferences.ts';
import type { LiveStatusStore } from './live-status.ts';
import type { ServerClock } from './server-clock.ts';

/** The parts that `main.tsx` puts together and every component may use. */
export interface Dashboard {
  readonly api: ApiClient;
  readonly boot: ReadBoot;
  readonly clock: ServerClock;
  /** Where the URL names none. */
  readonly defaultRange: Range;
  readonly liveStatus: LiveStatusStore;
  readonly liveWindow: LiveWindow;
  readonly preferences: Preferences;
  readonly stream: LiveStream;
}

/** Carries the parts to the components. */
export const DashboardContext = createContext<Dashboard | null>(null);

/**
 * The parts, within a component under `DashboardContext`.
 *
 * @throws Error outside of it.
 */
export function useDashboard(): Dashboard {
  const dashboard = useContext(DashboardContext);
  if (dashboard === null) throw new Error('BUG: no DashboardContext above this component');
  return dashboard;
}
