import { BLOCK_LENGTH, PackedBlock, readWidth } from './bit-packing.ts';
import { type ByteReader, DamagedBytesError } from './bytes.ts';
import { MAX_COLUMN_INTEGER, MAX_OFFSET_BITS, TWO_TO_32 } from './integer-column.ts';

/**
 * Fills `into` with integers as chunks of version 1 hold them: blocks of 32, each its smallest value, as the difference
 * to the block before, then a width, then what each value lies above the smallest. Nothing writes them any more.
 *
 * @throws DamagedBytesError
 */
export function readBlocks(reader: ByteReader, into: Float64Array): void {
  const block = new PackedBlock(BLOCK_LENGTH);
  let base = 0;
  for (let start = 0; start < into.length; start += BLOCK_LENGTH) {
    const count = Math.min(BLOCK_LENGTH, into.length - start);
    base += reader.signedVarint();
    if (Math.abs(base) > MAX_COLUMN_INTEGER) {
      throw new DamagedBytesError(`got the integer ${base}; want at most 2^50 in magnitude`);
    }
    block.read(reader, count, readWidth(reader, MAX_OFFSET_BITS));
    for (let i = 0; i < count; i++) {
      into[start + i] = base + (block.high[i] as number) * TWO_TO_32 + (block.low[i] as number);
    }
  }
}
