import type { LiveFrame } from '@hubpulse/api';

/** A frame with the id under which a client resumes after it. */
export interface NumberedFrame {
  readonly id: string;
  readonly frame: LiveFrame;
}

/** Where a client wants to begin: after an event that it has seen, or with the frames after an instant. */
export type LiveStart = { readonly lastEventId: string } | { readonly sinceMs: number };

/** The last frames, and whoever listens for the next. */
export interface LiveFrames {
  publish(frame: LiveFrame): void;
  /**
   * The frames to send first: after an instant at least the newest, so that a client knows at once where it stands;
   * `gap` when frames after the start are no longer here, so that the client must reload.
   */
  replay(start: LiveStart): { readonly frames: readonly NumberedFrame[]; readonly gap: boolean };
  /** @returns A function that ends the subscription. */
  subscribe(listener: (frame: NumberedFrame) => void): () => void;
}

/**
 * Keeps the last `capacity` frames for clients that come back.
 *
 * @param epoch Distinguishes this run of the server: an id of another run is a gap.
 */
export function createLiveFrames({
  epoch,
  capacity,
}: {
  epoch: string;
  capacity: number;
}): LiveFrames {
  const kept: NumberedFrame[] = [];
  const listeners = new Set<(frame: NumberedFrame) => void>();
  let published = 0;

  const framesAfter = (sequence: number): { frames: NumberedFrame[]; gap: boolean } => {
    const missed = published - sequence;
    if (sequence < 0 || missed < 0 || missed > kept.length) return { frames: [], gap: true };
    return { frames: missed === 0 ? [] : kept.slice(-missed), gap: false };
  };

  return {
    publish(frame) {
      published++;
      const numbered = { id: `${epoch}.${published}`, frame };
      kept.push(numbered);
      if (kept.length > capacity) kept.shift();
      for (const listener of listeners) listener(numbered);
    },
    replay(start) {
      if ('sinceMs' in start) {
        const after = kept.filter(({ frame }) => frame.tMs > start.sinceMs);
        return { frames: after.length > 0 ? after : kept.slice(-1), gap: false };
      }
      const [gotEpoch, sequence] = start.lastEventId.split('.');
      if (gotEpoch !== epoch || !/^\d{1,15}$/.test(sequence ?? ''))
        return { frames: [], gap: true };
      return framesAfter(Number(sequence));
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
