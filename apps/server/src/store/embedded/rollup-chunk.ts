import { crc32 } from 'node:zlib';
import { type BucketRun, type Buckets } from './bucket-run.ts';
import { ByteReader, ByteWriter, DamagedBytesError } from './codec/bytes.ts';
import { readTimes, writeTimes } from './codec/time-column.ts';
import { readValues, writeValues } from './codec/value-column.ts';

/** The version of the layout that `encodeBuckets` writes; see docs/formats/embedded-store.md. */
const VERSION = 1;

/** Version byte and checksum. */
const HEADER_BYTES = 5;

/** More buckets than a period ever has: decoding damaged bytes allocates no more than this many. */
const MAX_BUCKETS = 65_536;

/** How a column is written. */
const Coding = {
  /** By itself. */
  OWN: 0,
  /** As the last values, bit for bit: the largest of a counter, anything of a constant. */
  AS_LAST: 1,
} as const;

/** Columns that may be the same as the last values. */
const FOLLOWERS = ['min', 'max', 'sum', 'count'] as const;

/** Compresses buckets of one series: 1 to 65,536, times strictly ascending. `key` goes into the checksum. */
export function encodeBuckets(key: number, buckets: Buckets): Uint8Array {
  const writer = new ByteWriter();
  writer.u8(VERSION);
  writer.u32(0);
  writer.varint(buckets.tMs.length);
  writeTimes(writer, buckets.tMs);
  writeValues(writer, buckets.last);
  for (const name of FOLLOWERS) {
    const column = buckets[name];
    const isLast = sameBits(column, buckets.last);
    writer.u8(isLast ? Coding.AS_LAST : Coding.OWN);
    if (!isLast) writeValues(writer, column);
  }
  const bytes = writer.written();
  writer.patchU32(1, checksum(key, bytes));
  return bytes;
}

/** Appends the buckets of a chunk to `into`. @throws DamagedBytesError; `into` is unchanged then. */
export function decodeBuckets(key: number, bytes: Uint8Array, into: BucketRun): void {
  const reader = new ByteReader(bytes);
  const version = reader.u8();
  if (version !== VERSION) {
    throw new DamagedBytesError(`got buckets of version ${version}; want ${VERSION}`);
  }
  const stored = reader.u32();
  const computed = checksum(key, bytes);
  if (stored !== computed) {
    throw new DamagedBytesError(`got the checksum ${computed}; want ${stored}`);
  }
  const count = reader.varint();
  if (count < 1 || count > MAX_BUCKETS) {
    throw new DamagedBytesError(`got ${count} buckets; want 1 to ${MAX_BUCKETS}`);
  }
  const room = into.reserve(count);
  readTimes(reader, room.tMs);
  readValues(reader, room.last);
  for (const name of FOLLOWERS) {
    const coding = reader.u8();
    if (coding === Coding.AS_LAST) room[name].set(room.last);
    else if (coding === Coding.OWN) readValues(reader, room[name]);
    else throw new DamagedBytesError(`got column coding ${coding}; want 0 or 1`);
  }
  reader.end();
  into.commit(count);
}

function sameBits(a: Float64Array, b: Float64Array): boolean {
  const left = new Uint32Array(a.buffer, a.byteOffset, 2 * a.length);
  const right = new Uint32Array(b.buffer, b.byteOffset, 2 * b.length);
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
  return true;
}

function checksum(key: number, bytes: Uint8Array): number {
  const keyBytes = new Uint8Array(Float64Array.of(key).buffer);
  return crc32(bytes.subarray(HEADER_BYTES), crc32(keyBytes));
}
