/** Slots with which the table begins. */
const FIRST_SLOTS = 4096;

/**
 * What is held for each series that was made of data points: its ref in the store, and where its values are added up, the
 * total. A series is known by its slot, a number from 1 on.
 */
export class SlotTable {
  /** The ref of each slot; 0 while the store does not know the series. */
  refs = new Uint32Array(FIRST_SLOTS);
  #totals = new Float64Array(FIRST_SLOTS);
  #times = new Float64Array(FIRST_SLOTS).fill(Number.NEGATIVE_INFINITY);
  #next = 1;
  /** Slot, total and time as they were before each change since `keepUndo`. */
  #undo: number[] = [];

  /** Slots that are in use. */
  get size(): number {
    return this.#next - 1;
  }

  /** @returns The first of so many slots in a row. */
  take(count: number): number {
    const first = this.#next;
    this.#next += count;
    if (this.#next > this.refs.length) this.#grow();
    return first;
  }

  total(slot: number): number {
    return this.#totals[slot] as number;
  }

  /** The time of the last total, Unix milliseconds; minus infinity before the first. */
  time(slot: number): number {
    return this.#times[slot] as number;
  }

  set(slot: number, total: number, tMs: number): void {
    this.#undo.push(slot, this.total(slot), this.time(slot));
    this.#totals[slot] = total;
    this.#times[slot] = tMs;
  }

  /** Begins to remember how totals were before. */
  keepUndo(): void {
    this.#undo = [];
  }

  /** How totals were before they were changed since `keepUndo`; `restore` takes it. */
  takeUndo(): readonly number[] {
    const taken = this.#undo;
    this.#undo = [];
    return taken;
  }

  /** Takes changes back, as if what made them had never come. */
  restore(undo: readonly number[]): void {
    for (let i = undo.length - 3; i >= 0; i -= 3) {
      const slot = undo[i] as number;
      this.#totals[slot] = undo[i + 1] as number;
      this.#times[slot] = undo[i + 2] as number;
    }
  }

  /** Begins a series anew: nothing was added up, and the store is asked for its ref again. */
  reset(slot: number): void {
    this.refs[slot] = 0;
    this.#totals[slot] = 0;
    this.#times[slot] = Number.NEGATIVE_INFINITY;
  }

  /** Forgets every slot. */
  clear(): void {
    for (let slot = 1; slot < this.#next; slot++) this.reset(slot);
    this.#next = 1;
    this.#undo = [];
  }

  #grow(): void {
    const length = Math.max(2 * this.refs.length, this.#next);
    const times = new Float64Array(length).fill(Number.NEGATIVE_INFINITY);
    times.set(this.#times);
    this.#times = times;
    this.refs = widen(this.refs, new Uint32Array(length));
    this.#totals = widen(this.#totals, new Float64Array(length));
  }
}

function widen<T extends Uint32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
