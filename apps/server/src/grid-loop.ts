import type { Clock } from './clock.ts';

/** Does something at steady times. */
export interface GridLoop {
  start(): void;
  /** No further run begins; resolves when the one under way has ended. */
  stop(): Promise<void>;
  /** Resolves when no run is under way. */
  idle(): Promise<void>;
}

/**
 * Calls `run` at every wall-clock multiple of an interval plus an offset, so that the samples of several servers, and of one
 * before and after a restart, meet on one grid. A run that is under way is not overtaken: the grid points meanwhile are
 * left out. Times are in milliseconds.
 *
 * @param run Gets the grid point; never twice the same. Must not reject.
 */
export function createGridLoop({
  clock,
  intervalMs,
  offsetMs = 0,
  run,
}: {
  clock: Clock;
  intervalMs: number;
  offsetMs?: number;
  run: (tMs: number) => Promise<void>;
}): GridLoop {
  const state = { stopped: true, lastMs: Number.NaN };
  let cancel = (): void => {};
  let underWay: Promise<void> = Promise.resolve();

  const tick = async (): Promise<void> => {
    // Timers come a little early or late.
    const tMs = Math.round((clock.nowMs() - offsetMs) / intervalMs) * intervalMs + offsetMs;
    if (tMs === state.lastMs) return;
    state.lastMs = tMs;
    await run(tMs);
  };

  const scheduleNext = (): void => {
    if (state.stopped) return;
    const nowMs = clock.nowMs();
    const nextMs = (Math.floor((nowMs - offsetMs) / intervalMs) + 1) * intervalMs + offsetMs;
    cancel = clock.schedule(() => {
      underWay = tick().finally(scheduleNext);
    }, nextMs - nowMs);
  };

  return {
    start() {
      if (!state.stopped) return;
      state.stopped = false;
      scheduleNext();
    },
    async stop() {
      state.stopped = true;
      cancel();
      await underWay;
    },
    idle: () => underWay,
  };
}
