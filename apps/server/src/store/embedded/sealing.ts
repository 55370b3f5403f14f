import { StoreError } from '../port.ts';
import { encodeChunk } from './codec/chunk.ts';
import { dayEndMs, dayOf, type DataDirectory } from './data-directory.ts';
import type { DayCatalog } from './day-catalog.ts';
import type { Chunk, SealSummary } from './day-file.ts';
import type { Head } from './head.ts';
import type { HeadFile } from './head-file.ts';
import type { SampleRun } from './sample-run.ts';
import { refOfKey } from './series-key.ts';
import type { Steps } from './steps.ts';

/** Samples of a chunk at most: 16 minutes at 1 s. Longer chunks compress little better and cost more to read a part of. */
export const CHUNK_SAMPLES = 960;

/** Time for compressing chunks between two looks at the queue of appends. */
const SLICE_MS = 2;

/** Bytes of chunks and chunks in one transaction: some 2 ms of work. */
const WRITE_BYTES = 96 * 1024;
const WRITE_CHUNKS = 96;

/** What a transaction writes besides its chunks: the pages that it fills in part, of the table and its index. */
const TRANSACTION_BYTES = 128 * 1024;

/** Bytes written after which a seal makes its files durable: a short wait for whoever shares the disk. */
const FLUSH_BYTES = 2 * 1024 * 1024;

export interface SealParts {
  readonly head: Head;
  readonly headFile: HeadFile;
  readonly days: DayCatalog;
  readonly directory: DataDirectory;
  /** The key of a ref that the head holds. */
  readonly keyOf: (ref: number) => number;
  /** Samples of days that ended before are dropped instead of sealed. */
  readonly keepFromMs: number;
  /** A clock that never goes back, in milliseconds. */
  readonly monotonicMs: () => number;
}

/**
 * Moves the head into chunks, some milliseconds of work for each step.
 *
 * Order makes it safe to die anywhere: first the chunks become durable, which nobody reads yet; then one row, the
 * marker, makes them valid and the batches void; then the batches go. When a step fails the head is still there, and
 * the next try writes the same chunks again.
 *
 * @throws StoreError `disk_full`, `io`, `damaged`
 */
export function* seal(parts: SealParts): Steps {
  const { head, headFile } = parts;
  // What an earlier try could not seal comes first, and alone, because its batches are the older ones.
  if (head.frozen !== undefined) yield* sealFrozen(parts);
  if (head.openSamples > 0) {
    head.freeze(headFile.lastBatch);
    yield* sealFrozen(parts);
  }
  yield* trim(headFile, headFile.marker().lastBatch);
}

function* sealFrozen(parts: SealParts): Steps {
  const { head, headFile, days, directory } = parts;
  const { frozen } = head;
  if (frozen === undefined) return;
  const id = headFile.marker().seal + 1;
  const summaries = yield* writeChunks(parts, id, chunksOf(frozen.runs, parts));
  for (const [day, summary] of summaries) {
    days.file(day).add(summary);
    yield* days.file(day).flush();
    // Nothing is left to be moved, so this only cuts the log.
    days.file(day).checkpoint();
  }
  directory.sync();
  headFile.mark(id, frozen.lastBatch);
  for (const [day, summary] of summaries) days.add(day, summary);
  head.dropFrozen();
}

/** Writes the chunks of a seal; returns what it put into each day. */
function* writeChunks(
  parts: SealParts,
  id: number,
  chunks: Iterable<Chunk>,
): Steps<Map<number, SealSummary>> {
  const { days } = parts;
  const summaries = new Map<number, SealSummary>();
  const unflushed = new Set<number>();
  let bytes = 0;
  for (const group of groups(chunks, parts.monotonicMs)) {
    yield;
    if (group === undefined) continue;
    while (group.some((chunk) => days.isLocked(dayOf(chunk.firstMs)))) yield;
    writeGroup(parts, id, group);
    for (const chunk of group) {
      summarize(summaries, id, chunk);
      unflushed.add(dayOf(chunk.firstMs));
      bytes += chunk.bytes.length;
    }
    bytes += TRANSACTION_BYTES;
    if (bytes < FLUSH_BYTES) continue;
    for (const day of unflushed) yield* days.file(day).flush();
    unflushed.clear();
    bytes = 0;
  }
  return summaries;
}

/** Deletes batches that a marker made void and gives back their room, some at a time. */
function* trim(headFile: HeadFile, lastBatch: number): Generator<void> {
  while (headFile.trimSome(lastBatch)) yield;
  while (headFile.shrinkSome()) yield;
}

/** All chunks of the head, in the order of their keys, so that the file is written from front to back. */
function* chunksOf(
  runs: ReadonlyMap<number, SampleRun>,
  { keyOf, keepFromMs }: SealParts,
): Generator<Chunk> {
  const keys = Float64Array.from(runs.keys(), keyOf).toSorted();
  for (const key of keys) {
    const run = runs.get(refOfKey(key));
    if (run === undefined) continue;
    for (const { start, end } of dayRanges(run, keepFromMs))
      yield* chunksOfDay(key, run, { start, end });
  }
}

/** The rows of each day, as half-open ranges. */
function* dayRanges(run: SampleRun, keepFromMs: number): Generator<{ start: number; end: number }> {
  run.sort();
  const { tMs } = run;
  for (let start = 0; start < tMs.length;) {
    const endMs = dayEndMs(dayOf(tMs[start] as number));
    const { end } = run.range(-Infinity, endMs);
    if (endMs >= keepFromMs) yield { start, end };
    start = end;
  }
}

/** Chunks of about equal length, so that none is left with a few samples. */
export function* chunksOfDay(
  key: number,
  run: SampleRun,
  { start, end }: { start: number; end: number },
): Generator<Chunk> {
  const { tMs, values } = run;
  const count = Math.ceil((end - start) / CHUNK_SAMPLES);
  const length = Math.ceil((end - start) / count);
  for (let from = start; from < end; from += length) {
    const to = Math.min(from + length, end);
    yield {
      key,
      firstMs: tMs[from] as number,
      lastMs: tMs[to - 1] as number,
      samples: to - from,
      bytes: encodeChunk(key, tMs.subarray(from, to), values.subarray(from, to)),
    };
  }
}

/** Chunks as they are written together; undefined now and then, when compressing has taken its time. */
function* groups(
  chunks: Iterable<Chunk>,
  monotonicMs: () => number,
): Generator<Chunk[] | undefined> {
  let group: Chunk[] = [];
  let bytes = 0;
  let startMs = monotonicMs();
  for (const chunk of chunks) {
    group.push(chunk);
    bytes += chunk.bytes.length;
    const isFull = bytes >= WRITE_BYTES || group.length >= WRITE_CHUNKS;
    if (!isFull && monotonicMs() - startMs < SLICE_MS) continue;
    yield isFull ? group : undefined;
    if (isFull) {
      group = [];
      bytes = 0;
    }
    startMs = monotonicMs();
  }
  if (group.length > 0) yield group;
}

function writeGroup({ days, headFile }: SealParts, id: number, group: readonly Chunk[]): void {
  const byDay = Map.groupBy(group, (chunk) => dayOf(chunk.firstMs));
  for (const [day, chunks] of byDay) {
    days.file(day).write(id, chunks, (key) => headFile.series.labels(key) ?? labelsLost(key));
  }
}

/** Adds a chunk of a seal to the summary of its day. */
export function summarize(summaries: Map<number, SealSummary>, id: number, chunk: Chunk): void {
  const day = dayOf(chunk.firstMs);
  const { firstMs, lastMs, samples } = summaries.get(day) ?? { ...chunk, samples: 0 };
  summaries.set(day, {
    id,
    firstId: id,
    firstMs: Math.min(firstMs, chunk.firstMs),
    lastMs: Math.max(lastMs, chunk.lastMs),
    samples: samples + chunk.samples,
  });
}

/** The head knows only series whose labels were read or written since the start, so this is damage that came later. */
function labelsLost(key: number): never {
  throw new StoreError(
    'damaged',
    `got no labels for the series ${refOfKey(key)}; want what was written`,
  );
}
