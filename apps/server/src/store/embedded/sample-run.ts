/** Room of a new run, in samples: most series of a fresh head have few. */
const FIRST_CAPACITY = 8;

/**
 * Samples of one series in two growing columns. They are appended in any order and put in order when asked: ascending
 * times, each once, the last appended wins.
 *
 * Values move as bits, never as numbers: the engine may drop the payload of a NaN that it loads and stores.
 */
export class SampleRun {
  #tMs: Float64Array;
  #bits: Uint32Array;
  #length = 0;
  #ascending = true;

  constructor(capacity = FIRST_CAPACITY) {
    this.#tMs = new Float64Array(capacity);
    this.#bits = new Uint32Array(2 * capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** The times; a view that the next append may leave behind. */
  get tMs(): Float64Array {
    return this.#tMs.subarray(0, this.#length);
  }

  /** The values; a view that the next append may leave behind. */
  get values(): Float64Array {
    return new Float64Array(this.#bits.buffer, 0, this.#length);
  }

  clear(): void {
    this.#length = 0;
    this.#ascending = true;
  }

  /** Appends one sample, its value as two halves of 64 bits. */
  push(tMs: number, low: number, high: number): void {
    const at = this.#length;
    if (at === this.#tMs.length) this.#grow(at + 1);
    if (at > 0 && tMs <= (this.#tMs[at - 1] as number)) this.#ascending = false;
    this.#tMs[at] = tMs;
    this.#bits[2 * at] = low;
    this.#bits[2 * at + 1] = high;
    this.#length = at + 1;
  }

  /** Appends columns of one length. */
  append(tMs: Float64Array, values: Float64Array): void {
    const room = this.reserve(tMs.length);
    room.tMs.set(tMs);
    room.values.set(values);
    this.commit(tMs.length);
  }

  /** Room for `count` samples after the last, to be filled with ascending times and then committed. */
  reserve(count: number): { tMs: Float64Array; values: Float64Array } {
    const from = this.#length;
    const wanted = from + count;
    if (wanted > this.#tMs.length) this.#grow(wanted);
    return {
      tMs: this.#tMs.subarray(from, wanted),
      values: new Float64Array(this.#bits.buffer, 8 * from, count),
    };
  }

  /** Makes the `count` samples that were filled in after `reserve` part of the run. Their times must ascend strictly. */
  commit(count: number): void {
    const from = this.#length;
    if (count > 0 && from > 0 && (this.#tMs[from] as number) <= (this.#tMs[from - 1] as number)) {
      this.#ascending = false;
    }
    this.#length = from + count;
  }

  /** Takes out the samples of a closed range among those from row `start` on, whose times must ascend. */
  cut(start: number, { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): void {
    let from = start;
    while (from < this.#length && (this.#tMs[from] as number) < fromMs) from++;
    let to = from;
    while (to < this.#length && (this.#tMs[to] as number) <= toMs) to++;
    this.#tMs.copyWithin(from, to, this.#length);
    this.#bits.copyWithin(2 * from, 2 * to, 2 * this.#length);
    this.#length -= to - from;
  }

  /** Puts the samples in order. Costs nothing when they are. */
  sort(): void {
    if (this.#ascending) return;
    const tMs = this.tMs;
    const order = new Uint32Array(tMs.length).map((_, i) => i);
    order.sort((a, b) => (tMs[a] as number) - (tMs[b] as number) || a - b);
    const kept = order.filter((row, i) => tMs[row] !== tMs[order[i + 1] as number]);
    this.#keep(kept);
    this.#ascending = true;
  }

  /** The rows with `fromMs <= t <= toMs`, as a half-open pair of positions. Sorts. */
  range(fromMs: number, toMs: number): { start: number; end: number } {
    this.sort();
    const start = this.#firstAt((tMs) => tMs >= fromMs);
    return {
      start,
      end: Math.max(
        start,
        this.#firstAt((tMs) => tMs > toMs),
      ),
    };
  }

  #keep(rows: Uint32Array): void {
    const tMs = new Float64Array(rows.length);
    const bits = new Uint32Array(2 * rows.length);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      tMs[i] = this.#tMs[row] as number;
      bits[2 * i] = this.#bits[2 * row] as number;
      bits[2 * i + 1] = this.#bits[2 * row + 1] as number;
    }
    this.#tMs = tMs;
    this.#bits = bits;
    this.#length = rows.length;
  }

  /** The first row whose time satisfies a test that is false, then true, along the run. */
  #firstAt(test: (tMs: number) => boolean): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (test(this.#tMs[middle] as number)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #grow(wanted: number): void {
    const capacity = Math.max(wanted, 2 * this.#tMs.length, FIRST_CAPACITY);
    const tMs = new Float64Array(capacity);
    const bits = new Uint32Array(2 * capacity);
    tMs.set(this.tMs);
    bits.set(this.#bits.subarray(0, 2 * this.#length));
    this.#tMs = tMs;
    this.#bits = bits;
  }
}
