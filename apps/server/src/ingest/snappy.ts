import { Refusal } from './refusal.ts';

/** Three bytes copy at most 64, so no valid block grows by more: a longer claim is refused before memory is taken. */
const MAX_GROWTH = 22;

/** A buffer up to this size is kept for the next body. */
const KEPT_BYTES = 8 * 1024 * 1024;

/** Copies go four bytes at a time and may write up to three past their end. */
const SLACK_BYTES = 4;

/** Literals up to this length are cheaper to copy one by one than through a call into the engine. */
const SHORT_LITERAL_BYTES = 24;

/**
 * Decompresses blocks in Snappy's block format (`format_description.txt` of google/snappy), one after another into the same
 * memory.
 */
export class SnappyDecoder {
  #kept = new Uint8Array(64 * 1024);
  #input: Uint8Array = new Uint8Array(0);
  #output: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #length = 0;
  #at = 0;
  #written = 0;

  /**
   * @returns The decompressed bytes, valid until the next call.
   * @throws Refusal `too_large` when the block says that it holds more than `maxBytes`, `malformed` for anything that is
   * no block.
   */
  decode(input: Uint8Array, maxBytes: number): Uint8Array {
    this.#input = input;
    this.#at = 0;
    this.#written = 0;
    this.#length = this.#readLength();
    if (this.#length > maxBytes) {
      throw new Refusal(
        'too_large',
        `got a body that holds ${this.#length} bytes when decompressed; want at most ${maxBytes}; ` +
          'send smaller requests, or raise ingest_max_body_mib (a quarter of this limit)',
      );
    }
    if (this.#length > input.length * MAX_GROWTH) throw malformed('a length that it cannot hold');
    this.#output = this.#bufferFor(this.#length + SLACK_BYTES);
    this.#view = new DataView(this.#output.buffer);
    while (this.#at < input.length) this.#readElement();
    if (this.#written !== this.#length) throw malformed('less than it says');
    return this.#output.subarray(0, this.#length);
  }

  #bufferFor(length: number): Uint8Array {
    if (length <= this.#kept.length) return this.#kept;
    const grown = new Uint8Array(length);
    if (length <= KEPT_BYTES) this.#kept = grown;
    return grown;
  }

  /** The length of the decompressed bytes: a varint of at most 32 bits. */
  #readLength(): number {
    let length = 0;
    for (let i = 0; i < 5; i++) {
      const byte = this.#readByte();
      length += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return length;
    }
    throw malformed('no length');
  }

  #readElement(): void {
    const tag = this.#readByte();
    switch (tag & 3) {
      case 0:
        this.#copyLiteral(tag >>> 2);
        break;
      case 1:
        this.#copyBack(4 + ((tag >>> 2) & 7), ((tag >>> 5) << 8) | this.#readByte());
        break;
      case 2:
        this.#copyBack(1 + (tag >>> 2), this.#readByte() | (this.#readByte() << 8));
        break;
      default:
        this.#copyBack(1 + (tag >>> 2), this.#readInteger(4));
    }
  }

  /** @param code The length less one; from 60 on the number of bytes, less 59, that hold it. */
  #copyLiteral(code: number): void {
    const length = 1 + (code < 60 ? code : this.#readInteger(code - 59));
    const input = this.#input;
    const output = this.#output;
    const from = this.#at;
    const to = this.#written;
    if (length > input.length - from) throw malformed('a literal that is cut off');
    if (length > this.#length - to) throw malformed('more than it says');
    if (length <= SHORT_LITERAL_BYTES) {
      for (let i = 0; i < length; i++) output[to + i] = input[from + i] as number;
    } else {
      output.set(input.subarray(from, from + length), to);
    }
    this.#at = from + length;
    this.#written = to + length;
  }

  /** Copies from what was written. A short offset repeats what is being written, so that goes byte by byte. */
  #copyBack(length: number, offset: number): void {
    const to = this.#written;
    const end = to + length;
    if (offset === 0 || offset > to) throw malformed('a copy from before its start');
    if (length > this.#length - to) throw malformed('more than it says');
    if (offset < 4) {
      const output = this.#output;
      for (let i = to; i < end; i++) output[i] = output[i - offset] as number;
    } else {
      const view = this.#view;
      for (let i = to; i < end; i += 4) view.setInt32(i, view.getInt32(i - offset));
    }
    this.#written = end;
  }

  #readInteger(bytes: number): number {
    let value = 0;
    for (let i = 0; i < bytes; i++) value += this.#readByte() * 2 ** (8 * i);
    return value;
  }

  #readByte(): number {
    const byte = this.#input[this.#at++];
    if (byte === undefined) throw malformed('less than it says');
    return byte;
  }
}

function malformed(got: string): Refusal {
  return new Refusal(
    'malformed',
    `got a body with ${got}; want one block in Snappy's block format (not the framed one)`,
  );
}
