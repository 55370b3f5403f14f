import { BLOCK_LENGTH, bitWidth, PackedBlock, packedSize, readWidth } from './bit-packing.ts';
import { type ByteReader, type ByteWriter, DamagedBytesError, signedVarintSize } from './bytes.ts';

/**
 * Integers in blocks of 32: each block is its smallest value, as the difference to the block before, then a width, then
 * what each value lies above the smallest, in that many bits. So an outlier costs its own block only.
 */

/** The largest magnitude that a column takes, so that every difference here stays exact in a double. */
export const MAX_COLUMN_INTEGER = 2 ** 50;

/** The widest offset within a block: the distance of two integers within ±2^50. */
const MAX_OFFSET_BITS = 52;

const TWO_TO_32 = 2 ** 32;

/** Writes integers within ±2^50. */
export function writeIntegers(writer: ByteWriter, integers: Float64Array): void {
  const block = new PackedBlock();
  let previousBase = 0;
  for (let start = 0; start < integers.length; start += BLOCK_LENGTH) {
    const part = integers.subarray(start, start + BLOCK_LENGTH);
    const { base, width } = frame(part);
    writer.signedVarint(base - previousBase);
    writer.u8(width);
    for (let i = 0; i < part.length; i++) {
      const offset = (part[i] as number) - base;
      block.low[i] = offset;
      block.high[i] = offset / TWO_TO_32;
    }
    block.write(writer, part.length, width);
    previousBase = base;
  }
}

/** Fills `into` with what `writeIntegers` wrote. @throws DamagedBytesError */
export function readIntegers(reader: ByteReader, into: Float64Array): void {
  const block = new PackedBlock();
  let base = 0;
  for (let start = 0; start < into.length; start += BLOCK_LENGTH) {
    const count = Math.min(BLOCK_LENGTH, into.length - start);
    base += reader.signedVarint();
    if (Math.abs(base) > MAX_COLUMN_INTEGER) {
      throw new DamagedBytesError(`got the integer ${base}; want at most 2^50 in magnitude`);
    }
    const width = readWidth(reader, MAX_OFFSET_BITS);
    block.read(reader, count, width);
    for (let i = 0; i < count; i++) {
      into[start + i] = base + (block.high[i] as number) * TWO_TO_32 + (block.low[i] as number);
    }
  }
}

/** Bytes that `writeIntegers` would write. */
export function integersSize(integers: Float64Array): number {
  let size = 0;
  let previousBase = 0;
  for (let start = 0; start < integers.length; start += BLOCK_LENGTH) {
    const part = integers.subarray(start, start + BLOCK_LENGTH);
    const { base, width } = frame(part);
    size += signedVarintSize(base - previousBase) + 1 + packedSize(part.length, width);
    previousBase = base;
  }
  return size;
}

function frame(part: Float64Array): { base: number; width: number } {
  let min = Infinity;
  let max = -Infinity;
  for (const integer of part) {
    if (integer < min) min = integer;
    if (integer > max) max = integer;
  }
  return { base: min, width: bitWidth(max - min) };
}
