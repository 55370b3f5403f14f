import { bitWidth, PackedBlock, packedSize, readWidth } from './bit-packing.ts';
import { type ByteReader, type ByteWriter, DamagedBytesError, signedVarintSize } from './bytes.ts';

/**
 * Integers in blocks of one length: each block is its smallest value, as the difference to the block before, then a
 * width, then what each value lies above the smallest, in that many bits. The few values that need more bits than the
 * rest (outliers) have 0 there, and follow at the end of the column with their place.
 *
 * A column that hardly ever changes so has blocks of width 0 and costs some bytes for each change.
 */

/** The largest magnitude that a column takes, so that every difference here stays exact in a double. */
export const MAX_COLUMN_INTEGER: number = 2 ** 50;

/** The widest offset within a block: the distance of two integers within ±2^50. */
export const MAX_OFFSET_BITS: number = 52;

export const TWO_TO_32: number = 2 ** 32;

/** Lengths of blocks to choose from, as powers of two: short ones follow a column's changes, long ones cost less each. */
const SHORT_BLOCK_LOG = 6;
const LONG_BLOCK_LOG = 9;

/** Any length in between may be read: which ones pay is the writer's affair. */
const MIN_BLOCK_LOG = 5;
const MAX_BLOCK_LOG = LONG_BLOCK_LOG;

/** Where a block is packed and unpacked; reused from column to column. */
const packed = new PackedBlock(2 ** MAX_BLOCK_LOG);

interface Block {
  readonly base: number;
  readonly width: number;
}

/** How a column is going to be written. */
export interface IntegerPlan {
  /** Bytes that it will take, but for a few more in long columns with outliers far apart. */
  readonly size: number;
  readonly blockLog: number;
  readonly blocks: readonly Block[];
}

/** Finds the smallest way to write integers within ±2^50. */
export function planIntegers(integers: Float64Array): IntegerPlan {
  const short = planBlocks(integers, SHORT_BLOCK_LOG);
  // One block that is not full is the same whatever its length.
  if (integers.length <= 2 ** SHORT_BLOCK_LOG) return short;
  const long = planBlocks(integers, LONG_BLOCK_LOG);
  return long.size < short.size ? long : short;
}

/** Writes integers within ±2^50, as planned for them. */
export function writeIntegers(
  writer: ByteWriter,
  integers: Float64Array,
  { blockLog, blocks }: IntegerPlan = planIntegers(integers),
): void {
  const length = 2 ** blockLog;
  const outliers: Outlier[] = [];
  let previousBase = 0;
  writer.u8(blockLog);
  for (const [index, { base, width }] of blocks.entries()) {
    const start = index * length;
    const part = integers.subarray(start, start + length);
    writer.signedVarint(base - previousBase);
    writer.u8(width);
    for (let i = 0; i < part.length; i++) {
      const offset = (part[i] as number) - base;
      const fits = offset < 2 ** width;
      if (!fits) outliers.push({ at: start + i, excess: offset });
      packed.low[i] = fits ? offset : 0;
      packed.high[i] = fits ? offset / TWO_TO_32 : 0;
    }
    packed.write(writer, part.length, width);
    previousBase = base;
  }
  writeOutliers(writer, outliers);
}

/** Fills `into` with what `writeIntegers` wrote. @throws DamagedBytesError */
export function readIntegers(reader: ByteReader, into: Float64Array): void {
  const blockLog = reader.u8();
  if (blockLog < MIN_BLOCK_LOG || blockLog > MAX_BLOCK_LOG) {
    throw new DamagedBytesError(`got blocks of 2^${blockLog}; want 2^5 to 2^9`);
  }
  const length = 2 ** blockLog;
  let base = 0;
  for (let start = 0; start < into.length; start += length) {
    base += reader.signedVarint();
    if (Math.abs(base) > MAX_COLUMN_INTEGER) {
      throw new DamagedBytesError(`got the integer ${base}; want at most 2^50 in magnitude`);
    }
    const width = readWidth(reader, MAX_OFFSET_BITS);
    packed.readAbove(reader, into.subarray(start, start + length), { base, width });
  }
  readOutliers(reader, into);
}

interface Outlier {
  readonly at: number;
  /** What the value lies above its block's smallest. */
  readonly excess: number;
}

function writeOutliers(writer: ByteWriter, outliers: readonly Outlier[]): void {
  writer.varint(outliers.length);
  let next = 0;
  for (const { at, excess } of outliers) {
    writer.varint(at - next);
    writer.varint(excess);
    next = at + 1;
  }
}

function readOutliers(reader: ByteReader, into: Float64Array): void {
  const count = reader.varint();
  if (count > into.length) {
    throw new DamagedBytesError(`got ${count} outliers; want at most ${into.length}`);
  }
  let next = 0;
  for (let i = 0; i < count; i++) {
    const at = next + reader.varint();
    const excess = reader.varint();
    if (at >= into.length || excess >= 2 ** MAX_OFFSET_BITS) {
      throw new DamagedBytesError(`got the outlier ${excess} at ${at}; want one in the column`);
    }
    into[at] = (into[at] as number) + excess;
    next = at + 1;
  }
}

function planBlocks(integers: Float64Array, blockLog: number): IntegerPlan {
  const length = 2 ** blockLog;
  const blocks: Block[] = [];
  // The length of the blocks and the number of outliers.
  let size = 2;
  let previousBase = 0;
  for (let start = 0; start < integers.length; start += length) {
    const { base, width, contentSize } = planBlock(integers.subarray(start, start + length));
    blocks.push({ base, width });
    size += signedVarintSize(base - previousBase) + 1 + contentSize;
    previousBase = base;
  }
  return { size, blockLog, blocks };
}

/** How many values of a block need how many bits; reused from block to block. */
const widths = new Uint32Array(MAX_OFFSET_BITS + 1);

/** The width at which packed bits and outliers together are the smallest. */
function planBlock(part: Float64Array): Block & { readonly contentSize: number } {
  const base = smallestOf(part);
  const widest = countWidths(part, base);
  let best = { base, width: widest, contentSize: packedSize(part.length, widest) };
  let outlierSize = 0;
  for (let width = widest - 1; width >= 0; width--) {
    outlierSize += (widths[width + 1] as number) * outlierBytes(width + 1);
    if (outlierSize >= best.contentSize) break;
    const contentSize = packedSize(part.length, width) + outlierSize;
    if (contentSize < best.contentSize) best = { base, width, contentSize };
  }
  return best;
}

function smallestOf(part: Float64Array): number {
  let smallest = part[0] as number;
  for (let i = 1; i < part.length; i++) {
    if ((part[i] as number) < smallest) smallest = part[i] as number;
  }
  return smallest;
}

/** Fills `widths` and returns the largest. */
function countWidths(part: Float64Array, base: number): number {
  widths.fill(0);
  let widest = 0;
  for (let i = 0; i < part.length; i++) {
    const width = bitWidth((part[i] as number) - base);
    widths[width] = (widths[width] as number) + 1;
    if (width > widest) widest = width;
  }
  return widest;
}

/** A varint of seven bits a byte, and one byte for the distance to the outlier before. */
function outlierBytes(width: number): number {
  return 1 + Math.ceil(width / 7);
}
