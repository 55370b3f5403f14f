/** Keys up to this length need no other memory. */
const FIRST_BYTES = 4096;

/** Up to this length bytes are cheaper to copy one by one than through a call into the engine. */
const SHORT_BYTES = 32;

/**
 * The bytes by which a series is known, put together in memory that serves one key after another: what it belongs to, and
 * its attributes as they came.
 */
export class PointKey {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_BYTES);
  length = 0;
  #view = new DataView(this.bytes.buffer);

  /** @param kind What the key is of: keys of two kinds are never equal. @param owner The number of what it belongs to. */
  begin(kind: number, owner: number): void {
    this.length = 0;
    this.appendByte(kind);
    this.appendWord(owner);
  }

  appendByte(byte: number): void {
    this.#reserve(1);
    this.bytes[this.length++] = byte;
  }

  appendWord(word: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.length, word);
    this.length += 4;
  }

  appendDouble(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.length, value);
    this.length += 8;
  }

  /** Appends the bytes of `from` from `start` to before `end`. */
  append(from: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.#reserve(length);
    if (length > SHORT_BYTES) this.bytes.set(from.subarray(start, end), this.length);
    else this.#copy(from, start, length);
    this.length += length;
  }

  #copy(from: Uint8Array, start: number, length: number): void {
    const to = this.length;
    for (let i = 0; i < length; i++) this.bytes[to + i] = from[start + i] as number;
  }

  #reserve(bytes: number): void {
    if (this.length + bytes <= this.bytes.length) return;
    const grown = new Uint8Array(2 * (this.length + bytes));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
