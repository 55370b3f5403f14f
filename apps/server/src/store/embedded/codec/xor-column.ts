import { BLOCK_LENGTH, PackedBlock, readWidth } from './bit-packing.ts';
import { type ByteReader, type ByteWriter, DamagedBytesError } from './bytes.ts';

/**
 * Values as the exclusive or of their 64 bits with those of the value before (the first with 0), in blocks of 32: the
 * zero bits that all of a block share at the bottom and at the top are left out.
 *
 * The bits come as pairs of 32: low half, high half.
 */

/** Writes the bits of any number of values. */
export function writeXors(writer: ByteWriter, bits: Uint32Array): void {
  const block = new PackedBlock();
  for (let start = 0; start < bits.length; start += 2 * BLOCK_LENGTH) {
    const count = Math.min(BLOCK_LENGTH, (bits.length - start) / 2);
    // The first value has none before it and stands as it is.
    const low = bits[start - 2] ?? 0;
    const high = bits[start - 1] ?? 0;
    const { trailing, width } = fillXors(block, bits.subarray(start, start + 2 * count), [
      low,
      high,
    ]);
    writer.u8(trailing);
    writer.u8(width);
    for (let i = 0; i < count; i++) block.shiftRight(i, trailing);
    block.write(writer, count, width);
  }
}

/** Fills `bits` with what `writeXors` wrote. @throws DamagedBytesError */
export function readXors(reader: ByteReader, bits: Uint32Array): void {
  const block = new PackedBlock();
  let low = 0;
  let high = 0;
  for (let start = 0; start < bits.length; start += 2 * BLOCK_LENGTH) {
    const count = Math.min(BLOCK_LENGTH, (bits.length - start) / 2);
    const trailing = readWidth(reader, 64);
    const width = readWidth(reader, 64);
    if (trailing + width > 64 || trailing > 63) {
      throw new DamagedBytesError(`got ${trailing} + ${width} bits; want at most 64`);
    }
    block.read(reader, count, width);
    for (let i = 0; i < count; i++) {
      block.shiftLeft(i, trailing);
      low ^= block.low[i] as number;
      high ^= block.high[i] as number;
      bits[start + 2 * i] = low;
      bits[start + 2 * i + 1] = high;
    }
  }
}

/** Puts the xors of one block into `block` and measures the bits that they share as zero. */
function fillXors(
  block: PackedBlock,
  bits: Uint32Array,
  before: readonly [low: number, high: number],
): { trailing: number; width: number } {
  let [previousLow, previousHigh] = before;
  let anyLow = 0;
  let anyHigh = 0;
  for (let i = 0; i < bits.length; i += 2) {
    const low = bits[i] as number;
    const high = bits[i + 1] as number;
    block.low[i >>> 1] = low ^ previousLow;
    block.high[i >>> 1] = high ^ previousHigh;
    anyLow |= low ^ previousLow;
    anyHigh |= high ^ previousHigh;
    previousLow = low;
    previousHigh = high;
  }
  if (anyLow === 0 && anyHigh === 0) return { trailing: 0, width: 0 };
  const trailing = anyLow === 0 ? 32 + trailingZeros(anyHigh) : trailingZeros(anyLow);
  const leading = anyHigh === 0 ? 32 + Math.clz32(anyLow) : Math.clz32(anyHigh);
  return { trailing, width: 64 - leading - trailing };
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}
