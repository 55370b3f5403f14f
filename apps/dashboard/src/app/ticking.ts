import { useEffect, useReducer, useSyncExternalStore } from 'react';
import { useDashboard } from './dashboard.ts';
import type { LiveStatus } from './live-status.ts';

/** Draws the component again every `periodMs`, as long as `isOn`; for ages and counted seconds. */
export function useTicking(periodMs: number, isOn: boolean): void {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    if (!isOn) return undefined;
    const timer = setInterval(draw, periodMs);
    return () => clearInterval(timer);
  }, [periodMs, isOn]);
}

/** Draws the component again whenever the live window changed. */
export function useLiveWindowChanges(): void {
  const { liveWindow } = useDashboard();
  const [, draw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    draw();
    return liveWindow.subscribe(draw);
  }, [liveWindow]);
}

/** The live stream's state. */
export function useLiveStatus(): LiveStatus {
  const { liveStatus } = useDashboard();
  return useSyncExternalStore(liveStatus.subscribe, liveStatus.get);
}
