import { type ByteReader, ByteWriter, DamagedBytesError } from './bytes.ts';
import { readBlocks } from './block-column.ts';
import { readDecimals, tryWriteDecimals } from './decimal-column.ts';
import { readDifferences, writeDifferences } from './difference-column.ts';
import { readXors } from './xor-column.ts';

/** How the values of a chunk are written. */
const ValueCoding = {
  /** One value throughout. */
  CONSTANT: 0,
  /** Eight bytes each. */
  RAW: 1,
  /** Decimal mantissas in columns as version 1 wrote them; only read. */
  DECIMAL_BLOCKS: 2,
  /** Exclusive or with the value before, in version 1; only read. */
  XOR: 3,
  /** Decimal mantissas. */
  DECIMAL: 4,
  /** Differences of places in the order of doubles. */
  DIFFERENCE: 5,
} as const;

/** Decimals above this many bytes a value may lose against differences, so both are tried. */
const GOOD_DECIMAL_BYTES = 4;

/** Writes values bit for bit, in whichever coding is the smallest. At least one. */
export function writeValues(writer: ByteWriter, values: Float64Array): void {
  const bits = bitsOf(values);
  if (isConstant(bits)) {
    writer.u8(ValueCoding.CONSTANT);
    writer.bytes(bytesOf(values.subarray(0, 1)));
    return;
  }
  const { coding, bytes } = smallest(values, bits);
  writer.u8(coding);
  writer.bytes(bytes);
}

/** Fills `into` (at least one long) with what `writeValues` wrote, bit for bit. @throws DamagedBytesError */
export function readValues(reader: ByteReader, into: Float64Array): void {
  const coding = reader.u8();
  switch (coding) {
    case ValueCoding.CONSTANT:
      readConstant(reader, bitsOf(into));
      return;
    case ValueCoding.RAW:
      bytesOf(into).set(reader.bytes(into.byteLength));
      return;
    case ValueCoding.DECIMAL_BLOCKS:
      readDecimals(reader, into, readBlocks);
      return;
    case ValueCoding.XOR:
      readXors(reader, bitsOf(into));
      return;
    case ValueCoding.DECIMAL:
      readDecimals(reader, into);
      return;
    case ValueCoding.DIFFERENCE:
      readDifferences(reader, bitsOf(into));
      return;
    default:
      throw new DamagedBytesError(`got value coding ${coding}; want 0 to 5`);
  }
}

function smallest(values: Float64Array, bits: Uint32Array): { coding: number; bytes: Uint8Array } {
  let best: { coding: number; bytes: Uint8Array } = {
    coding: ValueCoding.RAW,
    bytes: bytesOf(values),
  };
  const decimals = new ByteWriter(values.byteLength);
  if (tryWriteDecimals(decimals, values) && decimals.length < best.bytes.length) {
    best = { coding: ValueCoding.DECIMAL, bytes: decimals.written() };
  }
  if (best.bytes.length > values.length * GOOD_DECIMAL_BYTES) {
    const differences = new ByteWriter(values.byteLength);
    writeDifferences(differences, bits);
    if (differences.length < best.bytes.length) {
      best = { coding: ValueCoding.DIFFERENCE, bytes: differences.written() };
    }
  }
  return best;
}

function isConstant(bits: Uint32Array): boolean {
  for (let i = 2; i < bits.length; i++) if (bits[i] !== bits[i - 2]) return false;
  return true;
}

function readConstant(reader: ByteReader, bits: Uint32Array): void {
  const low = reader.u32();
  const high = reader.u32();
  for (let i = 0; i < bits.length; i += 2) {
    bits[i] = low;
    bits[i + 1] = high;
  }
}

function bitsOf(values: Float64Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
}

function bytesOf(values: Float64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
