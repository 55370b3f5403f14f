import type { LiveState } from '../live/live-stream.ts';

/** The state of the live stream, and since when it has been so, Unix milliseconds by this browser's clock. */
export interface LiveStatus {
  readonly state: LiveState;
  readonly sinceMs: number;
}

/** The states in which the stream is lost. */
const LOST: ReadonlySet<LiveState> = new Set(['reconnecting', 'polling']);

/** Holds the live stream's state outside React. */
export interface LiveStatusStore {
  get(): LiveStatus;
  set(state: LiveState): void;
  /** Calls `run` after each change, until the returned function is called. */
  subscribe(run: () => void): () => void;
}

/** A store that begins as `paused`, like the stream. A loss keeps its beginning while the attempts to mend it change. */
export function createLiveStatusStore(nowMs: () => number): LiveStatusStore {
  let status: LiveStatus = { state: 'paused', sinceMs: nowMs() };
  const listeners = new Set<() => void>();
  return {
    get: () => status,
    set: (state) => {
      if (state === status.state) return;
      const isSameLoss = LOST.has(state) && LOST.has(status.state);
      status = { state, sinceMs: isSameLoss ? status.sinceMs : nowMs() };
      for (const run of listeners) run();
    },
    subscribe: (run) => {
      listeners.add(run);
      return () => listeners.delete(run);
    },
  };
}
