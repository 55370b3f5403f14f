import { BLOCK_LENGTH, PackedBlock, readWidth } from './bit-packing.ts';
import { type ByteReader, DamagedBytesError } from './bytes.ts';

/**
 * Values as the exclusive or of their 64 bits with those of the value before (the first with 0), in blocks of 32: the
 * zero bits that all of a block share at the bottom and at the top are left out. Chunks of version 1 have them; nothing
 * writes them any more.
 *
 * The bits come as pairs of 32: low half, high half.
 */

/** Fills `bits` with such values. @throws DamagedBytesError */
export function readXors(reader: ByteReader, bits: Uint32Array): void {
  const block = new PackedBlock(BLOCK_LENGTH);
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
