import type { Clock } from './clock.ts';

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /** Moves both clocks on and runs what falls due, in order; awaits nothing. */
  advance(byMs: number): void;
  /** Sets the wall clock alone, as somebody who corrects it does. */
  jumpTo(nowMs: number): void;
}

/** Makes a clock for tests that begins at `nowMs`. */
export function createManualClock(nowMs: number): ManualClock {
  const timers = new Set<{ readonly dueMs: number; readonly run: () => void }>();
  let wallMs = nowMs;
  let monotonicMs = 0;
  return {
    nowMs: () => wallMs,
    monotonicMs: () => monotonicMs,
    schedule: (run, delayMs) => {
      const timer = { dueMs: monotonicMs + delayMs, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    jumpTo: (tMs) => {
      wallMs = tMs;
    },
    advance: (byMs) => {
      const endMs = monotonicMs + byMs;
      for (;;) {
        const [next] = [...timers]
          .filter(({ dueMs }) => dueMs <= endMs)
          .toSorted((a, b) => a.dueMs - b.dueMs);
        if (next === undefined) break;
        timers.delete(next);
        wallMs += next.dueMs - monotonicMs;
        monotonicMs = next.dueMs;
        next.run();
      }
      wallMs += endMs - monotonicMs;
      monotonicMs = endMs;
    },
  };
}
