import type { SampleBatch } from '@hubpulse/model';
import type { SeriesRange } from './day-catalog.ts';
import { SampleRun } from './sample-run.ts';
import { refOfKey } from './series-key.ts';

/** Runs by ref, and the samples in them, duplicates counted. */
interface Part {
  readonly runs: Map<number, SampleRun>;
  samples: number;
}

/** A part that no longer changes, with all rows of the batches up to `lastBatch`. */
interface FrozenHead extends Part {
  readonly lastBatch: number;
}

/** The samples that are not in chunks yet: those that still come in, and those that are being sealed. */
export class Head {
  #open: Part = emptyPart();
  #frozen: FrozenHead | undefined;

  get samples(): number {
    return this.#open.samples + (this.#frozen?.samples ?? 0);
  }

  /** Samples that no seal has begun with. */
  get openSamples(): number {
    return this.#open.samples;
  }

  /** Adds the rows of a batch; the last of one ref and time wins. */
  append({ refs, tMs, values }: SampleBatch): void {
    const bits = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
    const { runs } = this.#open;
    for (let i = 0; i < refs.length; i++) {
      const ref = refs[i] as number;
      let run = runs.get(ref);
      if (run === undefined) runs.set(ref, (run = new SampleRun()));
      run.push(tMs[i] as number, bits[2 * i] as number, bits[2 * i + 1] as number);
    }
    this.#open.samples += refs.length;
  }

  /** What is being sealed, or undefined. */
  get frozen(): FrozenHead | undefined {
    return this.#frozen;
  }

  /**
   * Sets what is there apart for sealing; nothing may be set apart already.
   *
   * @param lastBatch The newest batch whose rows are there.
   */
  freeze(lastBatch: number): void {
    this.#frozen = { ...this.#open, lastBatch };
    this.#open = emptyPart();
  }

  /** Lets go of what `freeze` set apart: it is in chunks now. */
  dropFrozen(): void {
    this.#frozen = undefined;
  }

  /** The largest time; -Infinity without samples. Looks at all of them. */
  newestMs(): number {
    let newest = -Infinity;
    for (const part of [this.#frozen, this.#open]) {
      for (const { tMs } of part?.runs.values() ?? []) {
        for (const time of tMs) if (time > newest) newest = time;
      }
    }
    return newest;
  }

  /** Whether the head has samples of a series. */
  has(ref: number): boolean {
    return this.#open.runs.has(ref) || this.#frozen?.runs.has(ref) === true;
  }

  /** At least as many samples as the series has in the range. */
  count(range: SeriesRange): number {
    let samples = 0;
    for (const { start, end } of this.#ranges(range)) samples += end - start;
    return samples;
  }

  /** Appends the samples of a series in a range to `into`; what came later comes later. */
  collect(range: SeriesRange, into: SampleRun): void {
    for (const { run, start, end } of this.#ranges(range)) {
      into.append(run.tMs.subarray(start, end), run.values.subarray(start, end));
    }
  }

  *#ranges({ key, fromMs, toMs }: SeriesRange): Generator<RunRange> {
    const ref = refOfKey(key);
    for (const part of [this.#frozen, this.#open]) {
      const run = part?.runs.get(ref);
      if (run !== undefined) yield { run, ...run.range(fromMs, toMs) };
    }
  }
}

interface RunRange {
  readonly run: SampleRun;
  readonly start: number;
  readonly end: number;
}

function emptyPart(): Part {
  return { runs: new Map(), samples: 0 };
}
