import { crc32 } from 'node:zlib';
import type { SampleRun } from '../sample-run.ts';
import { ByteReader, ByteWriter, DamagedBytesError } from './bytes.ts';
import { readTimes, writeTimes } from './time-column.ts';
import { readValues, writeValues } from './value-column.ts';

/** The version of the layout that `encodeChunk` writes; see docs/formats/embedded-store.md. */
const CHUNK_VERSION = 2;

/** The oldest version that is read: its columns have codings of their own. */
const OLDEST_CHUNK_VERSION = 1;

/** Version byte and checksum. */
const HEADER_BYTES = 5;

/** More samples than a chunk ever has: decoding damaged bytes allocates no more than this many. */
export const MAX_CHUNK_SAMPLES = 65_536;

/**
 * Compresses samples of one series: 1 to 65,536, times strictly ascending within one day.
 *
 * @param key The series' key; it goes into the checksum, so that a chunk under a wrong key is found out.
 */
export function encodeChunk(key: number, tMs: Float64Array, values: Float64Array): Uint8Array {
  const writer = new ByteWriter();
  writer.u8(CHUNK_VERSION);
  writer.u32(0);
  writer.varint(tMs.length);
  writeTimes(writer, tMs);
  writeValues(writer, values);
  const bytes = writer.written();
  writer.patchU32(1, checksum(key, bytes));
  return bytes;
}

/**
 * Appends the samples of a chunk to `into`, bit for bit as they were given to `encodeChunk`.
 *
 * @throws DamagedBytesError when the bytes are not those that `encodeChunk` gave for this key; `into` is unchanged then.
 */
export function decodeChunk(key: number, bytes: Uint8Array, into: SampleRun): void {
  const reader = new ByteReader(bytes);
  const version = reader.u8();
  if (version < OLDEST_CHUNK_VERSION || version > CHUNK_VERSION) {
    throw new DamagedBytesError(
      `got chunk version ${version}; want ${OLDEST_CHUNK_VERSION} to ${CHUNK_VERSION}`,
    );
  }
  const stored = reader.u32();
  const computed = checksum(key, bytes);
  if (stored !== computed) {
    throw new DamagedBytesError(`got the checksum ${computed}; want ${stored}`);
  }
  decodeColumns(reader, into);
}

/** Reads count, times and values: what follows a chunk's header. Safe on any bytes. @throws DamagedBytesError */
export function decodeColumns(reader: ByteReader, into: SampleRun): void {
  const count = reader.varint();
  if (count < 1 || count > MAX_CHUNK_SAMPLES) {
    throw new DamagedBytesError(`got ${count} samples; want 1 to ${MAX_CHUNK_SAMPLES}`);
  }
  const { tMs, values } = into.reserve(count);
  readTimes(reader, tMs);
  readValues(reader, values);
  reader.end();
  into.commit(count);
}

function checksum(key: number, bytes: Uint8Array): number {
  const keyBytes = new Uint8Array(Float64Array.of(key).buffer);
  return crc32(bytes.subarray(HEADER_BYTES), crc32(keyBytes));
}
