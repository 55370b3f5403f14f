import type { Clock } from '../../clock.ts';

/**
 * A clock that is set back by no more than this, in milliseconds, is waited for; after a greater correction time goes on
 * from where the clock now is, rather than far in the future.
 */
const MAX_WAIT_MS = 60_000;

/**
 * Times for cumulative values: they never go back as long as the machine's clock is only nudged, since an older total at a
 * later time would look like a counter that was reset.
 */
export class SpanClock {
  readonly #clock: Clock;
  #lastMs: number;
  /** No series of ours has a sample after this that a new life of it could meet. */
  #floorMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lastMs = clock.nowMs();
    // What an earlier process wrote lies before our start.
    this.#floorMs = this.#lastMs;
  }

  /** The time of the next write, Unix milliseconds; leaves room for a zero after the last end. */
  next(): number {
    const nowMs = this.#clock.nowMs();
    const isSetBack = nowMs < this.#lastMs - MAX_WAIT_MS;
    if (isSetBack) this.#floorMs = nowMs;
    this.#lastMs = Math.max(nowMs, isSetBack ? 0 : this.#lastMs, this.#floorMs + 2);
    return this.#lastMs;
  }

  /**
   * When a series that begins at `tMs` was still zero: one interval before, so that a rate over the pair is right, but after
   * whatever the series' earlier life left behind.
   */
  zeroBefore(tMs: number, intervalMs: number): number {
    return Math.min(tMs - 1, Math.max(tMs - intervalMs, this.#floorMs + 1));
  }

  /** Says that series ended at `tMs`. */
  markEnds(tMs: number): void {
    this.#floorMs = Math.max(this.#floorMs, tMs);
  }
}
