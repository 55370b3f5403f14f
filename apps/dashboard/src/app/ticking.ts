import { useEffect, useReducer, useState, useSyncExternalStore } from 'react';
import { useDashboard } from './dashboard.ts';
import type { LiveStatus } from './live-status.ts';

/** This browser's time, Unix milliseconds, read every `periodMs` as long as `isOn`; for ages and counted seconds. */
export function useTicking(periodMs: number, isOn: boolean): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    if (!isOn) return undefined;
    const timer = setInterval(() => setNowMs(Date.now()), periodMs);
    return () => clearInterval(timer);
  }, [periodMs, isOn]);
  return nowMs;
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
