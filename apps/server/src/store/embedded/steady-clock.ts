/** A wall clock that moves otherwise than the other by more than this was set; leap seconds and drift stay below. */
const JUMP_MS = 3_600_000;

/** How long a clock must have gone steadily before its time counts: somebody may set a wrong one right meanwhile. */
const STEADY_MS = 6 * 3_600_000;

/** A clock that is at most this far past the newest sample is believed at once: machines are off for a night. */
const PAUSE_MS = 86_400_000;

/** Two clocks at one moment, in milliseconds: the wall clock, and one that never goes back. */
export interface Moment {
  readonly nowMs: number;
  readonly monotonicMs: number;
}

/**
 * Decides when the wall clock may be believed far enough to delete what is old. A clock that jumps years ahead must not
 * cost years of data.
 */
export class SteadyClock {
  #last: Moment;
  /** Monotonic time since which the clock has gone steadily. */
  #steadySinceMs: number;

  /** @param newestMs The time of the newest sample at the start; -Infinity without any. */
  constructor(start: Moment, newestMs: number) {
    this.#last = start;
    const isNear = newestMs === -Infinity || start.nowMs - newestMs <= PAUSE_MS;
    this.#steadySinceMs = isNear ? -Infinity : start.monotonicMs;
  }

  tick(moment: Moment): void {
    const wall = moment.nowMs - this.#last.nowMs;
    const passed = moment.monotonicMs - this.#last.monotonicMs;
    if (Math.abs(wall - passed) > JUMP_MS) this.#steadySinceMs = moment.monotonicMs;
    this.#last = moment;
  }

  /** The time, for deleting what is old; -Infinity, which deletes nothing, until the clock can be believed. */
  get believedMs(): number {
    const isSteady = this.#last.monotonicMs - this.#steadySinceMs >= STEADY_MS;
    return isSteady ? this.#last.nowMs : -Infinity;
  }
}
