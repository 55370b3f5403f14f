import { BLOCK_LENGTH, PackedBlock, readWidth } from './bit-packing.ts';
import { type ByteReader, ByteWriter, DamagedBytesError } from './bytes.ts';

/**
 * Values as the differences of their places in the order of all doubles. The 64 bits of a double, its sign turned round,
 * ascend as the double does, so values that are near have places that are near, whatever digits they have.
 *
 * Each difference is taken less one `drift` for the whole column, which a clock or a steady counter has, and the zero
 * bits that all of a block share at the bottom are left out: a 32-bit float has 29 of them.
 *
 * All 64-bit integers are pairs of 32: low half, high half.
 */

type Pair = readonly [low: number, high: number];

const NO_DRIFT: Pair = [0, 0];
const SIGN_BIT = 0x8000_0000;

/** Where a block is packed and unpacked; reused from column to column. */
const block = new PackedBlock(BLOCK_LENGTH);

/** Writes the bits of at least two values. */
export function writeDifferences(writer: ByteWriter, bits: Uint32Array): void {
  const differences = differencesOf(bits);
  // The difference in the middle stands for all: were it an outlier, no drift would be smaller.
  const middle = (differences.length >>> 2) * 2;
  const drift: Pair = [differences[middle] as number, differences[middle + 1] as number];
  const plain = encodeWith(differences, NO_DRIFT);
  const drifting = encodeWith(differences, drift);
  writePair(writer, [bits[0] as number, bits[1] as number]);
  writer.bytes(drifting.length < plain.length ? drifting : plain);
}

/** Fills `bits` with what `writeDifferences` wrote. @throws DamagedBytesError */
export function readDifferences(reader: ByteReader, bits: Uint32Array): void {
  bits[0] = reader.u32();
  bits[1] = reader.u32();
  const [driftLow, driftHigh] = [reader.u32(), reader.u32()];
  let low = placeLow(bits[0], bits[1]);
  let high = placeHigh(bits[1]);
  for (let start = 2; start < bits.length; start += 2 * BLOCK_LENGTH) {
    const count = Math.min(BLOCK_LENGTH, (bits.length - start) / 2);
    readBlock(reader, count);
    for (let i = 0; i < count; i++) {
      // A sum of low halves is at most 2^34, exact in a double; what is above 32 bits is the carry.
      const sum = low + (block.low[i] as number) + driftLow;
      low = sum >>> 0;
      high = (high + (block.high[i] as number) + driftHigh + Math.floor(sum / 2 ** 32)) >>> 0;
      const negative = high < SIGN_BIT;
      bits[start + 2 * i] = negative ? ~low : low;
      bits[start + 2 * i + 1] = negative ? ~high : high ^ SIGN_BIT;
    }
  }
}

/** The differences of neighbours, modulo 2^64: one pair fewer than there are values. */
function differencesOf(bits: Uint32Array): Uint32Array {
  const differences = new Uint32Array(bits.length - 2);
  for (let i = 2; i < bits.length; i += 2) {
    const low = placeLow(bits[i] as number, bits[i + 1] as number);
    const high = placeHigh(bits[i + 1] as number);
    const lowBefore = placeLow(bits[i - 2] as number, bits[i - 1] as number);
    const highBefore = placeHigh(bits[i - 1] as number);
    differences[i - 2] = low - lowBefore;
    differences[i - 1] = high - highBefore - (low < lowBefore ? 1 : 0);
  }
  return differences;
}

/** The place of a double in their order: of negative ones all bits are turned round, of others the sign. */
function placeLow(low: number, high: number): number {
  return (high >= SIGN_BIT ? ~low : low) >>> 0;
}

function placeHigh(high: number): number {
  return (high >= SIGN_BIT ? ~high : high ^ SIGN_BIT) >>> 0;
}

/** The drift, then the differences in blocks of 32. */
function encodeWith(differences: Uint32Array, drift: Pair): Uint8Array {
  const writer = new ByteWriter(differences.byteLength + 64);
  writePair(writer, drift);
  for (let start = 0; start < differences.length; start += 2 * BLOCK_LENGTH) {
    const part = differences.subarray(start, start + 2 * BLOCK_LENGTH);
    fillBlock(part, drift);
    const count = part.length / 2;
    const trailing = block.trailingZeros(count);
    for (let i = 0; i < count; i++) zigzag(i, trailing);
    const width = block.width(count);
    writer.u8(trailing);
    writer.u8(width);
    block.write(writer, count, width);
  }
  return writer.written();
}

function fillBlock(part: Uint32Array, [driftLow, driftHigh]: Pair): void {
  for (let i = 0; i < part.length; i += 2) {
    const low = part[i] as number;
    block.low[i >>> 1] = low - driftLow;
    block.high[i >>> 1] = (part[i + 1] as number) - driftHigh - (low < driftLow ? 1 : 0);
  }
}

/** Takes the zeros at the bottom away and folds negative integers between the others: 0, -1, 1, -2, … */
function zigzag(i: number, trailing: number): void {
  const sign = (block.high[i] as number) >> 31;
  // Turned round first, a negative integer is shifted like any other.
  block.low[i] = (block.low[i] as number) ^ sign;
  block.high[i] = (block.high[i] as number) ^ sign;
  block.shiftRight(i, trailing);
  block.shiftLeft(i, 1);
  block.low[i] |= sign & 1;
}

function readBlock(reader: ByteReader, count: number): void {
  const trailing = reader.u8();
  if (trailing > 63) throw new DamagedBytesError(`got ${trailing} zero bits; want at most 63`);
  block.read(reader, count, readWidth(reader, 64));
  for (let i = 0; i < count; i++) {
    const sign = -((block.low[i] as number) & 1);
    block.shiftRight(i, 1);
    block.low[i] = (block.low[i] as number) ^ sign;
    block.high[i] = (block.high[i] as number) ^ sign;
    block.shiftLeft(i, trailing);
  }
}

function writePair(writer: ByteWriter, [low, high]: Pair): void {
  writer.u32(low);
  writer.u32(high);
}
