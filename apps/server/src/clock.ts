/** Where time comes from. Injected everywhere, so that tests need no sleeps. */
export interface Clock {
  /** Wall-clock time, Unix milliseconds; may jump when somebody sets the clock. */
  nowMs(): number;
  /** Milliseconds of a clock that never goes back; only differences mean anything. */
  monotonicMs(): number;
  /** Calls `run` once, `delayMs` from now. The returned function cancels it. The timer keeps no process alive. */
  schedule(run: () => void, delayMs: number): () => void;
}

/** The machine's clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  schedule: (run, delayMs) => {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
