const FIRST_BYTES = 64 * 1024;

/**
 * Writes a Protocol Buffers message from its end to its beginning, so that the length of what is nested is known when it has
 * to be written, before it. Fields and items come out in the reverse of the order in which they were written.
 */
export class BackwardWriter {
  #bytes = Buffer.alloc(FIRST_BYTES);
  /** Where the message begins by now. */
  #start = FIRST_BYTES;

  /** Bytes from the beginning by now to the end: what a nested message notes before its fields are written. */
  get length(): number {
    return this.#bytes.length - this.#start;
  }

  /** Writes the head of a nested message whose fields were written since `length` was `lengthBefore`. */
  writeHead(number: number, lengthBefore: number): void {
    this.writeVarint(this.length - lengthBefore);
    this.writeTag(number, 2);
  }

  writeTag(number: number, type: 0 | 1 | 2 | 5): void {
    this.writeVarint((number << 3) | type);
  }

  /** @param value A whole number from 0 to 2^53. */
  writeVarint(value: number): void {
    let bytes = 1;
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++;
    let at = this.#reserve(bytes);
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#bytes[at++] = (rest % 0x80) | 0x80;
    this.#bytes[at] = rest;
  }

  /** A varint of 64 bits; a negative number takes all ten bytes. */
  writeBigVarint(value: bigint): void {
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, value);
    for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
    bytes.push(Number(rest));
    this.writeBytes(bytes);
  }

  writeFixed64(value: bigint): void {
    const at = this.#reserve(8);
    this.#bytes.writeBigUInt64LE(BigInt.asUintN(64, value), at);
  }

  writeFixed32(value: number): void {
    const at = this.#reserve(4);
    this.#bytes.writeUInt32LE(value, at);
  }

  writeDouble(value: number): void {
    const at = this.#reserve(8);
    this.#bytes.writeDoubleLE(value, at);
  }

  writeText(text: string): void {
    const at = this.#reserve(Buffer.byteLength(text, 'utf8'));
    this.#bytes.write(text, at, 'utf8');
  }

  writeBytes(bytes: ArrayLike<number>): void {
    const at = this.#reserve(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** The message; the writer is of no further use. */
  finish(): Uint8Array {
    return this.#bytes.subarray(this.#start);
  }

  /** Makes room before what is there; may put other memory in place of `#bytes`. */
  #reserve(bytes: number): number {
    if (bytes > this.#start) this.#grow(bytes);
    this.#start -= bytes;
    return this.#start;
  }

  #grow(bytes: number): void {
    const grown = Buffer.alloc(2 * this.#bytes.length + bytes);
    const start = grown.length - this.length;
    this.#bytes.copy(grown, start, this.#start);
    this.#bytes = grown;
    this.#start = start;
  }
}
