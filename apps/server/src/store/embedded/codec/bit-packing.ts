import { type ByteReader, type ByteWriter, DamagedBytesError } from './bytes.ts';

/** Integers in a short packed block: 32, so that a block of width `w` is exactly `w` words. */
export const BLOCK_LENGTH = 32;

const WORD_BITS = 32;
const TWO_TO_32 = 2 ** 32;

/**
 * One block of unsigned integers of up to 64 bits, in two halves, because a JavaScript number holds 53 bits and its bit
 * operators work on 32. Reused from block to block.
 */
export class PackedBlock {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  readonly #words: Uint32Array;
  readonly #bytes: Uint8Array;

  /** @param length The most integers that it will hold. */
  constructor(length: number) {
    this.low = new Uint32Array(length);
    this.high = new Uint32Array(length);
    // One word more than a block needs: the packing of the last value may touch the word after it.
    this.#words = new Uint32Array(length + 1);
    this.#bytes = new Uint8Array(this.#words.buffer);
  }

  /** Writes the first `count` integers with `width` bits each: the low 32 bits of all, then what lies above. */
  write(writer: ByteWriter, count: number, width: number): void {
    this.#writeHalf(writer, this.low.subarray(0, count), Math.min(width, WORD_BITS));
    this.#writeHalf(writer, this.high.subarray(0, count), Math.max(width - WORD_BITS, 0));
  }

  /** Reads what `write` wrote; `count` and `width` must be the same. @throws DamagedBytesError */
  read(reader: ByteReader, count: number, width: number): void {
    this.#readHalf(reader, this.low.subarray(0, count), Math.min(width, WORD_BITS));
    this.#readHalf(reader, this.high.subarray(0, count), Math.max(width - WORD_BITS, 0));
  }

  /** Reads as `read` does, as many integers as `into` is long, each of at most 52 bits and increased by `base`. */
  readAbove(
    reader: ByteReader,
    into: Float64Array,
    { base, width }: { readonly base: number; readonly width: number },
  ): void {
    if (width === 0) {
      into.fill(base);
      return;
    }
    const { low, high } = this;
    this.read(reader, into.length, width);
    if (width <= WORD_BITS) {
      for (let i = 0; i < into.length; i++) into[i] = base + (low[i] as number);
      return;
    }
    for (let i = 0; i < into.length; i++) {
      into[i] = base + (high[i] as number) * TWO_TO_32 + (low[i] as number);
    }
  }

  /** Shifts integer `i` right by 0 to 63 bits. A shift by 32 is one by 0 in JavaScript, hence the cases. */
  shiftRight(i: number, count: number): void {
    if (count === 0) return;
    const low = this.low[i] as number;
    const high = this.high[i] as number;
    const far = count >= WORD_BITS;
    this.low[i] = far ? high >>> (count - 32) : (low >>> count) | (high << (32 - count));
    this.high[i] = far ? 0 : high >>> count;
  }

  /** Shifts integer `i` left by 0 to 63 bits. */
  shiftLeft(i: number, count: number): void {
    if (count === 0) return;
    const low = this.low[i] as number;
    const high = this.high[i] as number;
    const far = count >= WORD_BITS;
    this.high[i] = far ? low << (count - 32) : (high << count) | (low >>> (32 - count));
    this.low[i] = far ? 0 : low << count;
  }

  /** Zero bits that the first `count` integers share at the bottom; 0 when all are 0. */
  trailingZeros(count: number): number {
    const { low, high } = this.#any(count);
    if (low !== 0) return 31 - Math.clz32(low & -low);
    return high === 0 ? 0 : 63 - Math.clz32(high & -high);
  }

  /** Bits that the largest of the first `count` integers needs. */
  width(count: number): number {
    const { low, high } = this.#any(count);
    return high === 0 ? 32 - Math.clz32(low) : 64 - Math.clz32(high);
  }

  /** The bits that any of the first `count` integers has. */
  #any(count: number): { low: number; high: number } {
    let low = 0;
    let high = 0;
    for (let i = 0; i < count; i++) {
      low |= this.low[i] as number;
      high |= this.high[i] as number;
    }
    return { low, high };
  }

  #writeHalf(writer: ByteWriter, values: Uint32Array, width: number): void {
    if (width === 0) return;
    const words = this.#words;
    words.fill(0);
    let bit = 0;
    for (const value of values) {
      const word = bit >>> 5;
      const shift = bit & 31;
      words[word] = (words[word] as number) | (value << shift);
      if (shift + width > WORD_BITS) words[word + 1] = value >>> (WORD_BITS - shift);
      bit += width;
    }
    writer.bytes(this.#bytes.subarray(0, (bit + 7) >>> 3));
  }

  #readHalf(reader: ByteReader, values: Uint32Array, width: number): void {
    if (width === 0) {
      values.fill(0);
      return;
    }
    const words = this.#words;
    this.#bytes.set(reader.bytes((values.length * width + 7) >>> 3));
    const mask = width === WORD_BITS ? 0xffffffff : 2 ** width - 1;
    let bit = 0;
    for (let i = 0; i < values.length; i++) {
      const word = bit >>> 5;
      const shift = bit & 31;
      let value = (words[word] as number) >>> shift;
      if (shift + width > WORD_BITS) value |= (words[word + 1] as number) << (WORD_BITS - shift);
      values[i] = value & mask;
      bit += width;
    }
  }
}

/** Bytes that a block of `count` integers of `width` bits takes. */
export function packedSize(count: number, width: number): number {
  const low = Math.min(width, WORD_BITS);
  return ((count * low + 7) >>> 3) + ((count * (width - low) + 7) >>> 3);
}

/** Bits that a whole number from 0 to 2^53 - 1 needs; 0 for 0. */
export function bitWidth(value: number): number {
  return value < TWO_TO_32 ? 32 - Math.clz32(value) : 64 - Math.clz32(value / TWO_TO_32);
}

/** Reads a width and refuses more than `max` bits. @throws DamagedBytesError */
export function readWidth(reader: ByteReader, max: number): number {
  const width = reader.u8();
  if (width > max) throw new DamagedBytesError(`got a width of ${width} bits; want at most ${max}`);
  return width;
}
