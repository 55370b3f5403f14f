import type { ProtobufReader } from '../protobuf.ts';

const scratch = new DataView(new ArrayBuffer(8));

/** What 2^32 nanoseconds are: whole milliseconds, and the nanoseconds beyond them. */
const TWO_32_MS = 4294;
const TWO_32_REST_NS = 967_296;
const MS_NS = 1_000_000;

/** Four bytes as an unsigned number, the lowest first. */
export function readWord(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)) >>>
    0
  );
}

/** A `double`. */
export function readDouble(reader: ProtobufReader): number {
  const at = reader.readFixed64();
  scratch.setUint32(0, readWord(reader.bytes, at), true);
  scratch.setUint32(4, readWord(reader.bytes, at + 4), true);
  return scratch.getFloat64(0, true);
}

/** A `fixed64`; above 2^53 the nearest number. */
export function readFixed64(reader: ProtobufReader): number {
  const at = reader.readFixed64();
  return readWord(reader.bytes, at + 4) * 2 ** 32 + readWord(reader.bytes, at);
}

/** An `sfixed64`; beyond ±2^53 the nearest number. */
export function readSignedFixed64(reader: ProtobufReader): number {
  const at = reader.readFixed64();
  return (readWord(reader.bytes, at + 4) | 0) * 2 ** 32 + readWord(reader.bytes, at);
}

/** A `fixed64` of Unix nanoseconds as whole Unix milliseconds, rounded down, exact. */
export function readTimeMs(reader: ProtobufReader): number {
  const at = reader.readFixed64();
  const low = readWord(reader.bytes, at);
  const high = readWord(reader.bytes, at + 4);
  return high * TWO_32_MS + Math.floor((high * TWO_32_REST_NS + low) / MS_NS);
}

/** An `sint32`: zigzag, so that small negative numbers are short. */
export function readZigzag32(reader: ProtobufReader): number {
  const value = reader.readVarint() >>> 0;
  return (value >>> 1) ^ -(value & 1);
}

/** An `int64` in full: a number where that is exact, else a bigint. */
export function readExactInt64(reader: ProtobufReader): number | bigint {
  const start = reader.at;
  const value = reader.readInt64();
  if (Number.isSafeInteger(value)) return value;
  let bits = 0n;
  for (let at = start; at < reader.at; at++) {
    bits |= BigInt((reader.bytes[at] as number) & 0x7f) << BigInt(7 * (at - start));
  }
  return BigInt.asIntN(64, bits);
}
