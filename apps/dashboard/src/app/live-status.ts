import type { LiveState } from '../live/live-stream.ts';

/** The state of the live stream, and since when it has been so, Unix milliseconds by this browser's clock. */
export interface LiveStatus {
  readonly state: LiveState;
  readonly sinceMs: number;
}

/** Holds the live stream's state outside React. */
export interface LiveStatusStore {
  get(): LiveStatus;
  set(state: LiveState): void;
  /** Calls `run` after each change, until the returned function is called. */
  subscribe(run: () => void): () => void;
}

/** A store that begins as `paused`, like the stream. */
export function createLiveStatusStore(nowMs: () => number): LiveStatusStore {
  let status: LiveStatus = { state: 'paused', sinceMs: nowMs() };
  const listeners = new Set<() => void>();
  return {
    get: () => status,
    set: (state) => {
      if (state === status.state) return;
      status = { state, sinceMs: nowMs() };
      for (const run of listeners) run();
    },
    subscribe: (run) => {
      listeners.add(run);
      return () => listeners.delete(run);
    },
  };
}
