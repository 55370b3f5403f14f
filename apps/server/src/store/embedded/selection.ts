import { StoreError } from '../port.ts';
import type { DayCatalog, SeriesRange } from './day-catalog.ts';
import type { Head } from './head.ts';
import type { SelectedPart, SelectRequest } from './protocol.ts';
import { SampleRun } from './sample-run.ts';

/** Samples that leave in one message (4 MB), so that neither side holds a second copy of a large result. */
const PART_SAMPLES = 262_144;

/** Series between two looks at the queue of appends while counting or reading: a few milliseconds. */
const SLICE_SERIES = 64;

export interface SelectionSource {
  readonly head: Head;
  readonly days: DayCatalog;
}

/**
 * Reads a selection, some series for each step; between steps appends go on. Parts go out through `emit`, never before
 * it is known that the whole is within `maxSamples`.
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
  const run = new SampleRun();
  let part = new PartBuilder(request.id);
  for (const [index, range] of ranges(request).entries()) {
    part.add(index, read(source, range, run));
    const full = part.samples >= PART_SAMPLES;
    if (full) {
      emit(part.finish());
      part = new PartBuilder(request.id);
    }
    if (full || index % SLICE_SERIES === SLICE_SERIES - 1) yield;
  }
  emit(part.finish());
}

/** Upper bounds, from free to cheap: what lies in the range at all, then what the chunks of the series say. */
function* isSurelyWithin(
  source: SelectionSource,
  request: SelectRequest,
): Generator<void, boolean> {
  const { fromMs, toMs, maxSamples } = request;
  if (source.days.maxSamples(fromMs, toMs) + source.head.samples <= maxSamples) return true;
  let samples = 0;
  for (const [index, range] of ranges(request).entries()) {
    samples += source.days.count(range) + source.head.count(range);
    if (samples > maxSamples) return false;
    if (index % SLICE_SERIES === SLICE_SERIES - 1) yield;
  }
  return true;
}

/** Chunks may reach out of the range and hold samples that later ones replace; so near the limit all are decoded. */
function* countExactly(source: SelectionSource, request: SelectRequest): Generator<void> {
  const run = new SampleRun();
  let samples = 0;
  for (const [index, range] of ranges(request).entries()) {
    samples += read(source, range, run).tMs.length;
    if (samples > request.maxSamples) {
      throw new StoreError(
        'too_many_samples',
        `got a selection of more than ${request.maxSamples} samples; want at most that; narrow the time range or the matchers`,
      );
    }
    if (index % SLICE_SERIES === SLICE_SERIES - 1) yield;
  }
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

function ranges({ keys, fromMs, toMs }: SelectRequest): SeriesRange[] {
  return Array.from(keys, (key) => ({ key, fromMs, toMs }));
}

class PartBuilder {
  readonly #id: number;
  readonly #indexes: number[] = [];
  readonly #counts: number[] = [];
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

  finish(): SelectedPart {
    return {
      type: 'part',
      id: this.#id,
      indexes: Uint32Array.from(this.#indexes),
      counts: Uint32Array.from(this.#counts),
      tMs: this.#columns.tMs.slice(),
      values: this.#columns.values.slice(),
    };
  }
}
