import { createLabels, type Labels, type SampleBatch } from '@hubpulse/model';

/**
 * Workload A: series scraped every 15 s, 100 to a target. Of ten series three are counters, six gauges with 0 to 3
 * decimals, one has full precision. Half of the time stamps are exact, half up to 3 ms off their second.
 */

export const START_MS = Date.UTC(2026, 0, 15);
export const STEP_MS = 15_000;

/** How each of ten neighbouring series behaves. */
export const KINDS = [
  'counter',
  'counter',
  'counter',
  'gauge, 0 decimals',
  'gauge, 0 decimals',
  'gauge, 2 decimals',
  'gauge, 2 decimals',
  'gauge, pages of memory',
  'gauge, 3 decimals',
  'full precision',
] as const;

const SERIES_OF_TARGET = 100;
const MAX_JITTER_MS = 3;

/**
 * Whose time stamps are off by their own amount: `target` is what scraping gives, one stamp for all series of a scrape;
 * `series` is the harder one, where no two columns of times are the same.
 */
export type JitterOf = 'target' | 'series';

export interface WorkloadOptions {
  readonly series: number;
  readonly jitterOf: JitterOf;
  /** Random bits in each step of a series of full precision. Default 32; with 53 nothing can be left out. */
  readonly precisionBits?: 32 | 53;
}

/** The series of workload A as they go on in time. The same options give the same samples in every run. */
export class WorkloadA {
  readonly labels: readonly Labels[];
  readonly #options: WorkloadOptions;
  readonly #values: Float64Array;
  readonly #random = createRandom();

  constructor(options: WorkloadOptions) {
    this.#options = options;
    this.#values = new Float64Array(options.series);
    this.labels = Array.from({ length: options.series }, (_, series) => labelsOf(series));
  }

  /** The rows of one step, all series once; `refs[i]` is the ref of series `i`. */
  step(step: number, refs: Uint32Array): SampleBatch {
    const { length } = this.#values;
    const tMs = new Float64Array(length);
    let targetJitterMs = 0;
    for (let series = 0; series < length; series++) {
      if (series % SERIES_OF_TARGET === 0) targetJitterMs = this.#jitterMs();
      const value = this.#nextValue(series % KINDS.length, this.#values[series] ?? 0);
      this.#values[series] = value;
      tMs[series] = START_MS + step * STEP_MS + 5 + this.#offsetMs(series, targetJitterMs);
    }
    return { refs: refs.slice(0, length), tMs, values: this.#values.slice() };
  }

  /** Half of the targets, or half of each kind of series, are exact. */
  #offsetMs(series: number, targetJitterMs: number): number {
    if (this.#options.jitterOf === 'series') {
      return Math.floor(series / KINDS.length) % 2 === 0 ? 0 : this.#jitterMs();
    }
    return Math.floor(series / SERIES_OF_TARGET) % 2 === 0 ? 0 : targetJitterMs;
  }

  #jitterMs(): number {
    return Math.floor(this.#random() * (2 * MAX_JITTER_MS + 1)) - MAX_JITTER_MS;
  }

  #nextValue(kind: number, last: number): number {
    const random = this.#random;
    const wobble = random() - 0.5;
    switch (KINDS[kind] ?? 'full precision') {
      case 'counter':
        return last + Math.floor(random() * 1000);
      case 'gauge, 0 decimals':
        return Math.round(50 + 40 * wobble);
      case 'gauge, 2 decimals':
        return Math.round(Math.max(0, last + wobble) * 100) / 100;
      case 'gauge, pages of memory':
        return Math.round((8e9 + 1e9 * wobble) / 4096) * 4096;
      case 'gauge, 3 decimals':
        return Math.round((10 + wobble) * 1000) / 1000;
      case 'full precision':
        return last + wobble + (this.#options.precisionBits === 53 ? random() / 2 ** 32 : 0);
    }
  }
}

function labelsOf(series: number): Labels {
  return createLabels({
    __name__: `metric_${series % SERIES_OF_TARGET}`,
    instance: `host-${Math.floor(series / SERIES_OF_TARGET)}:9100`,
    job: 'bench',
  });
}

/** Numbers from 0 to below 1 of 32 bits, from a small generator with a fixed seed (mulberry32). */
function createRandom(): () => number {
  let state = 42;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
