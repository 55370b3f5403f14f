import { readBlocks } from './block-column.ts';
import { type ByteReader, type ByteWriter, DamagedBytesError, varintSize } from './bytes.ts';
import {
  type IntegerPlan,
  MAX_COLUMN_INTEGER,
  planIntegers,
  readIntegers,
  writeIntegers,
} from './integer-column.ts';

/** How the times of a chunk are written. */
const TimeCoding = {
  /** The first time, then one interval that holds throughout. */
  CONSTANT: 0,
  /** The first time, then every interval, in blocks as version 1 wrote them; only read. */
  INTERVAL_BLOCKS: 1,
  /** The first time, then every interval. */
  INTERVALS: 2,
  /** The first time, an interval, then how far each time is off the steady grid that the two make. */
  GRID: 3,
} as const;

/** The largest Unix time in milliseconds that JavaScript dates know, either side of 1970. */
const MAX_TIME_MS = 8.64e15;

/** An interval this much longer or shorter than the usual one is a gap or a burst, not jitter. */
const MAX_JITTER_SHARE = 1 / 4;

/**
 * Writes times: integers in Unix milliseconds, strictly ascending, each at most 2^50 ms after the one before. At least one.
 */
export function writeTimes(writer: ByteWriter, tMs: Float64Array): void {
  const first = tMs[0] as number;
  const intervals = intervalsOf(tMs);
  if (isConstant(intervals)) {
    writeStart(writer, TimeCoding.CONSTANT, first);
    writer.varint(intervals[0] ?? 0);
    return;
  }
  const plan = planIntegers(intervals);
  const grid = tryGrid(tMs, intervals);
  if (grid !== undefined && grid.size < plan.size) {
    writeStart(writer, TimeCoding.GRID, first);
    writer.varint(grid.interval);
    writeIntegers(writer, grid.offsets, grid.plan);
    return;
  }
  writeStart(writer, TimeCoding.INTERVALS, first);
  writeIntegers(writer, intervals, plan);
}

/** Fills `into` (at least one long) with what `writeTimes` wrote. @throws DamagedBytesError unless they ascend strictly. */
export function readTimes(reader: ByteReader, into: Float64Array): void {
  const coding = reader.u8();
  const first = reader.f64();
  if (!Number.isInteger(first) || Math.abs(first) > MAX_TIME_MS) {
    throw new DamagedBytesError(`got the time ${first}; want Unix milliseconds within ±8.64e15`);
  }
  into[0] = first;
  const rest = into.subarray(1);
  switch (coding) {
    case TimeCoding.CONSTANT:
      rest.fill(reader.varint());
      break;
    case TimeCoding.INTERVAL_BLOCKS:
      readBlocks(reader, rest);
      break;
    case TimeCoding.INTERVALS:
      readIntegers(reader, rest);
      break;
    case TimeCoding.GRID:
      readGrid(reader, into);
      return;
    default:
      throw new DamagedBytesError(`got time coding ${coding}; want 0 to 3`);
  }
  accumulate(into);
}

function writeStart(writer: ByteWriter, coding: number, first: number): void {
  writer.u8(coding);
  writer.f64(first);
}

function intervalsOf(tMs: Float64Array): Float64Array {
  const intervals = new Float64Array(tMs.length - 1);
  for (let i = 0; i < intervals.length; i++) {
    intervals[i] = (tMs[i + 1] as number) - (tMs[i] as number);
  }
  return intervals;
}

function isConstant(intervals: Float64Array): boolean {
  const [first] = intervals;
  for (const interval of intervals) if (interval !== first) return false;
  return true;
}

interface Grid {
  readonly size: number;
  readonly interval: number;
  readonly offsets: Float64Array;
  readonly plan: IntegerPlan;
}

/** Jitter counts once for each time that is off a grid, but twice in intervals. */
function tryGrid(tMs: Float64Array, intervals: Float64Array): Grid | undefined {
  const interval = steadyInterval(intervals);
  const offsets = new Float64Array(intervals.length);
  const first = tMs[0] as number;
  for (let i = 0; i < offsets.length; i++) {
    const offset = (tMs[i + 1] as number) - first - (i + 1) * interval;
    if (Math.abs(offset) > MAX_COLUMN_INTEGER) return undefined;
    offsets[i] = offset;
  }
  const plan = planIntegers(offsets);
  return { size: plan.size + varintSize(interval), interval, offsets, plan };
}

/** The mean of the intervals that are near the median, so that gaps do not bend the grid. */
function steadyInterval(intervals: Float64Array): number {
  const median = intervals.toSorted()[intervals.length >>> 1] as number;
  let sum = 0;
  let count = 0;
  for (const interval of intervals) {
    if (Math.abs(interval - median) > median * MAX_JITTER_SHARE) continue;
    sum += interval;
    count++;
  }
  return Math.round(sum / count);
}

function readGrid(reader: ByteReader, into: Float64Array): void {
  const interval = reader.varint();
  if (interval > 2 * MAX_COLUMN_INTEGER) {
    throw new DamagedBytesError(`got an interval of ${interval} ms; want at most 2^51`);
  }
  const [first = 0] = into;
  readIntegers(reader, into.subarray(1));
  let previous = first;
  for (let i = 1; i < into.length; i++) {
    const time = first + i * interval + (into[i] as number);
    if (!(time > previous)) {
      throw new DamagedBytesError(`got the time ${time} after ${previous}; want a later one`);
    }
    into[i] = time;
    previous = time;
  }
  assertTime(previous);
}

function accumulate(tMs: Float64Array): void {
  let time = tMs[0] as number;
  for (let i = 1; i < tMs.length; i++) {
    const interval = tMs[i] as number;
    if (interval < 1 || interval > 2 * MAX_COLUMN_INTEGER) {
      throw new DamagedBytesError(`got an interval of ${interval} ms; want a positive one`);
    }
    time += interval;
    tMs[i] = time;
  }
  assertTime(time);
}

function assertTime(time: number): void {
  if (time > MAX_TIME_MS) throw new DamagedBytesError(`got the time ${time}; want at most 8.64e15`);
}
