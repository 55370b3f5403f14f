import type { LiveStreamOptions } from './live-stream.ts';

/** What a live stream needs of the browser: the real `EventSource`, timers and the document's visibility. */
export function browserSurroundings(
  document: Document,
): Pick<LiveStreamOptions, 'createEventSource' | 'schedule' | 'visibility'> {
  return {
    createEventSource: (url) => new EventSource(url),
    schedule: (run, delayMs) => {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
    visibility: {
      isHidden: () => document.hidden,
      subscribe: (run) => {
        document.addEventListener('visibilitychange', run);
        return () => document.removeEventListener('visibilitychange', run);
      },
    },
  };
}
