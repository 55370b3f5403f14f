import type { StepAggregate } from '@hubpulse/api';

/**
 * How many frames are kept: 85 minutes of frames that come every five seconds, 8 KB a line. It has to exceed the frames
 * of the longest step of a followed window, which is a few minutes.
 */
const SLOTS = 1024;

/**
 * The newest frames in preallocated columns. A frame's place follows from its time, so one that comes again replaces
 * itself, and one that comes late finds its place without a search.
 */
export class FrameRing {
  readonly intervalMs: number;
  readonly #times = new Float64Array(SLOTS).fill(Number.NEGATIVE_INFINITY);
  readonly #columns = new Map<string, Float64Array>();
  #newestMs = Number.NEGATIVE_INFINITY;

  /** @param intervalMs Distance between two frames, milliseconds. */
  constructor(intervalMs: number) {
    this.intervalMs = intervalMs;
  }

  /** The time of the newest frame, Unix milliseconds; minus infinity when there is none. */
  get newestMs(): number {
    return this.#newestMs;
  }

  /** Makes an empty place for the frame of `tMs`; `null` when the ring has already gone past it. */
  tryOpen(tMs: number): number | null {
    const slot = this.#slotOf(Math.round(tMs / this.intervalMs));
    if (this.#timeAt(slot) > tMs) return null;
    this.#times[slot] = tMs;
    for (const column of this.#columns.values()) column[slot] = Number.NaN;
    this.#newestMs = Math.max(this.#newestMs, tMs);
    return slot;
  }

  /** Puts a line's figure into an opened place. */
  set(slot: number, id: string, value: number): void {
    let column = this.#columns.get(id);
    if (column === undefined) {
      column = new Float64Array(SLOTS).fill(Number.NaN);
      this.#columns.set(id, column);
    }
    column[slot] = value;
  }

  /** Frees the column of a line. */
  drop(id: string): void {
    this.#columns.delete(id);
  }

  /** Whether the first frame after `tMs` is held, so that a step that begins there is known from its beginning. */
  holdsStart(tMs: number): boolean {
    const first = Math.floor(tMs / this.intervalMs) + 1;
    const timeMs = this.#timeAt(this.#slotOf(first));
    return timeMs > tMs && timeMs <= tMs + this.intervalMs;
  }

  /** One line's figures in `(fromMs, toMs]` as their count and one value; a count of 0 comes with NaN. */
  fold(
    id: string,
    aggregate: StepAggregate,
    { fromMs, toMs }: { fromMs: number; toMs: number },
  ): { count: number; value: number } {
    const column = this.#columns.get(id);
    if (column === undefined) return { count: 0, value: Number.NaN };
    const last = Math.ceil(toMs / this.intervalMs);
    const first = Math.max(Math.floor(fromMs / this.intervalMs), last - SLOTS + 1);
    let count = 0;
    let sum = 0;
    let max = Number.NEGATIVE_INFINITY;
    for (let frame = first; frame <= last; frame++) {
      const slot = this.#slotOf(frame);
      const timeMs = this.#timeAt(slot);
      const value = column[slot] ?? Number.NaN;
      if (timeMs <= fromMs || timeMs > toMs || Number.isNaN(value)) continue;
      count++;
      sum += value;
      if (value > max) max = value;
    }
    if (count === 0) return { count, value: Number.NaN };
    return { count, value: aggregate === 'max' ? max : sum / count };
  }

  #timeAt(slot: number): number {
    return this.#times[slot] ?? Number.NEGATIVE_INFINITY;
  }

  #slotOf(frame: number): number {
    return ((frame % SLOTS) + SLOTS) % SLOTS;
  }
}
