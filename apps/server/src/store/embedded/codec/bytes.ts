/** Bytes that no encoder of ours wrote. The message says what was read and what was wanted. */
export class DamagedBytesError extends Error {
  override readonly name = 'DamagedBytesError';
}

/** Integers that the varint of `ByteWriter` takes: `0 <= n <= 2^53 - 1`. */
const SEVEN_BITS = 128;

/** The longest varint of an integer below 2^53: 8 groups of 7 bits. */
const MAX_VARINT_BYTES = 8;

/** Appends little-endian fields to a growing buffer; `clear` keeps the buffer for the next use. */
export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacityBytes = 1024) {
    this.#bytes = new Uint8Array(capacityBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = 0;
  }

  /** The bytes written so far; valid until the next write. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  u8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  u32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
  }

  /** Overwrites the four bytes at `offset`, which must have been written before. */
  patchU32(offset: number, value: number): void {
    this.#view.setUint32(offset, value, true);
  }

  /** A number that is not NaN; values of samples go as bytes, because a NaN may lose its payload here. */
  f64(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  bytes(source: Uint8Array): void {
    this.#reserve(source.length);
    this.#bytes.set(source, this.#length);
    this.#length += source.length;
  }

  /** An integer from 0 to 2^53 - 1, seven bits a byte, lowest first. */
  varint(value: number): void {
    let rest = value;
    while (rest >= SEVEN_BITS) {
      this.u8((rest % SEVEN_BITS) | SEVEN_BITS);
      rest = Math.floor(rest / SEVEN_BITS);
    }
    this.u8(rest);
  }

  /** An integer within ±2^51, small magnitudes in few bytes. */
  signedVarint(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  #reserve(count: number): void {
    const wanted = this.#length + count;
    if (wanted <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(wanted, this.#bytes.length * 2));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** How many bytes `signedVarint` writes for a value. */
export function signedVarintSize(value: number): number {
  return varintSize(value < 0 ? -2 * value - 1 : 2 * value);
}

/** How many bytes `varint` writes for a value. */
export function varintSize(value: number): number {
  let rest = value;
  let size = 1;
  for (; rest >= SEVEN_BITS; rest = Math.floor(rest / SEVEN_BITS)) size++;
  return size;
}

/** Reads what `ByteWriter` wrote. Every read is checked against the end. @throws DamagedBytesError past the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset: number;

  constructor(bytes: Uint8Array, offset = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#offset = offset;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#advance(8), true);
  }

  /** The next `count` bytes, not copied. */
  bytes(count: number): Uint8Array {
    const start = this.#advance(count);
    return this.#bytes.subarray(start, start + count);
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = this.u8();
      value += (byte % SEVEN_BITS) * scale;
      if (byte < SEVEN_BITS) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
      scale *= SEVEN_BITS;
    }
    throw new DamagedBytesError('got a varint of more than 53 bits; want an integer below 2^53');
  }

  signedVarint(): number {
    const zigzag = this.varint();
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  }

  /** @throws DamagedBytesError when bytes are left over. */
  end(): void {
    if (this.remaining !== 0) {
      throw new DamagedBytesError(`got ${this.remaining} bytes after the end; want none`);
    }
  }

  #advance(count: number): number {
    const start = this.#offset;
    if (count > this.remaining) {
      throw new DamagedBytesError(`got ${this.remaining} bytes at ${start}; want ${count}`);
    }
    this.#offset = start + count;
    return start;
  }
}
