import { createContext, createElement, type ReactNode, useContext, useState } from 'react';

/**
 * Spreads drawing over animation frames, one job each, so that many charts with new data at once never make one long
 * frame. A job that waits already is not queued twice. The browser gives a hidden page no animation frames, so jobs
 * wait there too, and run on return.
 */
export interface RedrawQueue {
  /** Queues `run` under `key`; the newest `run` of a key counts. */
  request(key: object, run: () => void): void;
  cancel(key: object): void;
}

/** Makes a queue on `requestAnimationFrame`, or on the given replacement. */
export function createRedrawQueue(
  requestFrame: (run: () => void) => unknown = (run) => requestAnimationFrame(run),
): RedrawQueue {
  const jobs = new Map<object, () => void>();
  let isAsked = false;
  const ask = (): void => {
    if (isAsked || jobs.size === 0) return;
    isAsked = true;
    requestFrame(runNext);
  };
  const runNext = (): void => {
    isAsked = false;
    const [next] = jobs;
    if (next === undefined) return;
    jobs.delete(next[0]);
    try {
      next[1]();
    } finally {
      ask();
    }
  };
  return {
    request: (key, run) => {
      jobs.set(key, run);
      ask();
    },
    cancel: (key) => {
      jobs.delete(key);
    },
  };
}

const QueueContext = createContext<RedrawQueue | null>(null);

/** Gives all charts inside one queue; a chart outside has its own. */
export function RedrawQueueProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [queue] = useState(() => createRedrawQueue());
  return createElement(QueueContext, { value: queue }, children);
}

/** The queue of the page around, or one for this chart alone. */
export function useRedrawQueue(): RedrawQueue {
  const shared = useContext(QueueContext);
  const [own] = useState(() => createRedrawQueue());
  return shared ?? own;
}
