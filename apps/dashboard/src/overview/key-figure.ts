import type { LatestFigure, Signal, Unit } from '@hubpulse/api';
import type { LiveWindow, WindowSnapshot } from '../live/live-window.ts';
import { meanOf } from './change.ts';

/** What a card knows of its signal within the window. */
export interface KeyFigure {
  readonly unit: Unit;
  /** The newest figure within the window; `null` where there is none. */
  readonly newest: LatestFigure | null;
  /** Mean over the window, to be compared with the window before. */
  readonly mean: number | null;
  readonly values: readonly (number | null)[];
}

const UNITS: Readonly<Record<Signal, Unit>> = {
  cpu: 'percent',
  memory: 'percent',
  disk: 'percent',
  response_time: 'milliseconds',
  error_rate: 'percent',
};

/** The figure of a signal: while the page follows the present the newest measured, else the last of the window. */
export function keyFigureOf(
  signal: Signal,
  { liveWindow, follows }: { liveWindow: LiveWindow; follows: boolean },
): KeyFigure {
  const unit = UNITS[signal];
  const snapshot = liveWindow.snapshot();
  const values = snapshot?.lines.get(signal)?.values ?? [];
  if (snapshot === null) return { unit, newest: null, mean: null, values };
  const newest = follows ? liveWindow.latest(signal) : lastOf(values, snapshot);
  const isWithin = newest !== null && newest.tMs > snapshot.fromMs;
  return { unit, newest: isWithin ? newest : null, mean: meanOf(values), values };
}

function lastOf(values: readonly (number | null)[], { tMs }: WindowSnapshot): LatestFigure | null {
  const index = values.findLastIndex((value) => value !== null);
  const value = values[index];
  const timeMs = tMs[index];
  return value === null || value === undefined || timeMs === undefined
    ? null
    : { tMs: timeMs, value };
}
