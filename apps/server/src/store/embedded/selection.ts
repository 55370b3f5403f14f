import { StoreError } from '../port.ts';
import type { DayCatalog, SeriesRange } from './day-catalog.ts';
import type { Head } from './head.ts';
import type { SelectedPart, SelectRequest } from './protocol.ts';
import { SampleRun } from './sample-run.ts';

/** Samples that leave in one message (1 MB), so that neither side holds a second copy of a large result. */
const PART_SAMPLES = 65_536;

/** Work between two looks at the queue of appends: a few milliseconds. A series costs as much as some 500 samples. */
const SLICE_SAMPLES = 65_536;
const SERIES_COST_SAMPLES = 512;

export interface SelectionSource {
  readonly head: Head;
  readonly days: DayCatalog;
}

/**
 * Reads a selection, some series for each step; between steps appends go on. Parts go out through `emit`, never before
 * it is known that the whole is within `maxSamples`; one of them says that it is the last.
 *
 * @throws StoreError `too_many_samples`, `damaged`, `io`
 */
export function* select(
  source: SelectionSource,
  request: SelectRequest,
  emit: (part: SelectedPart) => void,
): Generator<void> {
  const within = yield* isSurelyWithin(source, request);
  if (!within) yield* countExactly(source, request);
  const parts = new PartBuilder(request.id);
  const run = new SampleRun();
  yield* inSlices(request, (range, index) => {
    const samples = read(source, range, run);
    parts.add(index, samples);
    if (parts.samples >= PART_SAMPLES) emit(parts.finish(false));
    return samples.tMs.length;
  });
  emit(parts.finish(true));
}

/** Does the work for each series in turn and yields now and then. `work` returns the samples that it went through. */
export function* inSlices(
  { keys, fromMs, toMs }: Pick<SelectRequest, 'keys' | 'fromMs' | 'toMs'>,
  work: (range: SeriesRange, index: number) => number,
): Generator<void> {
  let cost = 0;
  for (const [index, key] of keys.entries()) {
    cost += SERIES_COST_SAMPLES + work({ key, fromMs, toMs }, index);
    if (cost < SLICE_SAMPLES) continue;
    cost = 0;
    yield;
  }
}

/** Upper bounds, from free to cheap: what lies in the range at all, then what the chunks of the series say. */
function* isSurelyWithin(
  { days, head }: SelectionSource,
  request: SelectRequest,
): Generator<void, boolean> {
  const { fromMs, toMs, maxSamples } = request;
  if (days.maxSamples(fromMs, toMs) + head.samples <= maxSamples) return true;
  let samples = 0;
  yield* inSlices(request, (range) => {
    samples += days.count(range) + head.count(range);
    return 0;
  });
  return samples <= maxSamples;
}

/** Chunks may reach out of the range and hold samples that later ones replace; so near the limit all are decoded. */
function* countExactly(source: SelectionSource, request: SelectRequest): Generator<void> {
  const run = new SampleRun();
  let samples = 0;
  yield* inSlices(request, (range) => {
    const { length } = read(source, range, run).tMs;
    samples += length;
    if (samples <= request.maxSamples) return length;
    throw tooMany(request.maxSamples, 'samples');
  });
}

/** The refusal of a selection that is larger than it may be. */
export function tooMany(most: number, what: string): StoreError {
  return new StoreError(
    'too_many_samples',
    `got a selection of more than ${most} ${what}; want at most that; narrow the time range or the matchers`,
  );
}

/** The samples of one series in the range: views of `run`, which is overwritten. */
function read(
  { head, days }: SelectionSource,
  range: SeriesRange,
  run: SampleRun,
): { tMs: Float64Array; values: Float64Array } {
  run.clear();
  days.collect(range, run);
  head.collect(range, run);
  const { start, end } = run.range(range.fromMs, range.toMs);
  return { tMs: run.tMs.subarray(start, end), values: run.values.subarray(start, end) };
}

/** Gathers parts one after another in the same memory, and copies each into a buffer of its size. */
class PartBuilder {
  readonly #id: number;
  #indexes: number[] = [];
  #counts: number[] = [];
  readonly #columns = new SampleRun();

  constructor(id: number) {
    this.#id = id;
  }

  get samples(): number {
    return this.#columns.length;
  }

  add(index: number, { tMs, values }: { tMs: Float64Array; values: Float64Array }): void {
    if (tMs.length === 0) return;
    this.#indexes.push(index);
    this.#counts.push(tMs.length);
    this.#columns.append(tMs, values);
  }

  /** Gives what was added and begins anew. */
  finish(isLast: boolean): SelectedPart {
    const { length: samples } = this.#columns;
    const { length: series } = this.#indexes;
    const buffer = new ArrayBuffer(16 * samples + 8 * series);
    const part: SelectedPart = {
      type: 'part',
      id: this.#id,
      isLast,
      tMs: new Float64Array(buffer, 0, samples),
      values: new Float64Array(buffer, 8 * samples, samples),
      indexes: new Uint32Array(buffer, 16 * samples, series),
      counts: new Uint32Array(buffer, 16 * samples + 4 * series, series),
    };
    part.tMs.set(this.#columns.tMs);
    part.values.set(this.#columns.values);
    part.indexes.set(this.#indexes);
    part.counts.set(this.#counts);
    this.#columns.clear();
    this.#indexes = [];
    this.#counts = [];
    return part;
  }
}
