import { type ByteReader, type ByteWriter, DamagedBytesError } from './bytes.ts';
import { MAX_COLUMN_INTEGER, readIntegers, writeIntegers } from './integer-column.ts';

/** How the times of a chunk are written. */
const TimeCoding = {
  /** The first time, then one interval that holds throughout. */
  CONSTANT: 0,
  /** The first time, then every interval, in blocks relative to the block's smallest. */
  INTERVALS: 1,
} as const;

/** The largest Unix time in milliseconds that JavaScript dates know, either side of 1970. */
const MAX_TIME_MS = 8.64e15;

/**
 * Writes times: integers in Unix milliseconds, strictly ascending, each at most 2^50 ms after the one before. At least one.
 */
export function writeTimes(writer: ByteWriter, tMs: Float64Array): void {
  const intervals = new Float64Array(tMs.length - 1);
  let constant = true;
  for (let i = 0; i < intervals.length; i++) {
    const interval = (tMs[i + 1] as number) - (tMs[i] as number);
    intervals[i] = interval;
    if (interval !== intervals[0]) constant = false;
  }
  writer.u8(constant ? TimeCoding.CONSTANT : TimeCoding.INTERVALS);
  writer.f64(tMs[0] as number);
  if (constant) writer.varint(intervals[0] ?? 0);
  else writeIntegers(writer, intervals);
}

/** Fills `into` (at least one long) with what `writeTimes` wrote. @throws DamagedBytesError unless they ascend strictly. */
export function readTimes(reader: ByteReader, into: Float64Array): void {
  const coding = reader.u8();
  const first = reader.f64();
  if (!Number.isInteger(first) || Math.abs(first) > MAX_TIME_MS) {
    throw new DamagedBytesError(`got the time ${first}; want Unix milliseconds within ±8.64e15`);
  }
  into[0] = first;
  const intervals = into.subarray(1);
  if (coding === TimeCoding.CONSTANT) intervals.fill(reader.varint());
  else if (coding === TimeCoding.INTERVALS) readIntegers(reader, intervals);
  else throw new DamagedBytesError(`got time coding ${coding}; want 0 or 1`);
  accumulate(into);
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
  if (time > MAX_TIME_MS) throw new DamagedBytesError(`got the time ${time}; want at most 8.64e15`);
}
