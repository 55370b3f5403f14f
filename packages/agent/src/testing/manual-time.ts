import type { Schedule } from '../deadline.ts';

/** A clock that moves only when a test says so. */
export interface ManualTime {
  readonly nowMs: () => number;
  readonly schedule: Schedule;
  /** Moves on and runs what falls due. */
  advance(byMs: number): void;
}

/** Makes a clock that stands at 0. */
export function createManualTime(): ManualTime {
  let nowMs = 0;
  const timers = new Set<{ readonly atMs: number; readonly run: () => void }>();
  return {
    nowMs: () => nowMs,
    schedule(run, delayMs) {
      const timer = { atMs: nowMs + delayMs, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(byMs) {
      nowMs += byMs;
      for (const timer of timers) {
        if (timer.atMs > nowMs) continue;
        timers.delete(timer);
        timer.run();
      }
    },
  };
}
