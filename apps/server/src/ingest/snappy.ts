import { Refusal } from './refusal.ts';

/** Three bytes copy at most 64, so no valid block grows by more: a longer claim is refused before memory is taken. */
const MAX_GROWTH = 22;

/** A buffer up to this size is kept for the next body. */
const KEPT_BYTES = 8 * 1024 * 1024;

/** Copies go eight bytes at a time and may write up to seven past their end. */
const SLACK_BYTES = 8;

/** Literals up to this length are cheaper to copy one by one than through a call into the engine. */
const SHORT_LITERAL_BYTES = 24;

/**
 * Decompresses blocks in Snappy's block format (`format_description.txt` of google/snappy), one after another into the same
 * memory.
 */
export class SnappyDecoder {
  #kept = new Uint8Array(64 * 1024);

  /**
   * @returns The decompressed bytes, valid until the next call.
   * @throws Refusal `too_large` when the block says that it holds more than `maxBytes`, `malformed` for anything that is
   * no block.
   */
  decode(input: Uint8Array, maxBytes: number): Uint8Array {
    const { length, start } = readLength(input);
    if (length > maxBytes) {
      throw new Refusal(
        'too_large',
        `got a body that holds ${length} bytes when decompressed; want at most ${maxBytes}; ` +
          'send smaller requests, or raise ingest_max_body_mib (a quarter of this limit)',
      );
    }
    if (length > input.length * MAX_GROWTH) throw malformed('a length that it cannot hold');
    const output = this.#bufferFor(length + SLACK_BYTES);
    const written = inflate(input, start, output.subarray(0, length + SLACK_BYTES));
    if (written !== length) throw malformed('less than it says');
    return output.subarray(0, length);
  }

  #bufferFor(length: number): Uint8Array {
    if (length <= this.#kept.length) return this.#kept;
    const grown = new Uint8Array(length);
    if (length <= KEPT_BYTES) this.#kept = grown;
    return grown;
  }
}

/** The length of the decompressed bytes, a varint of at most 32 bits, and where the elements start. */
function readLength(input: Uint8Array): { length: number; start: number } {
  let length = 0;
  for (let i = 0; i < 5; i++) {
    const byte = input[i];
    if (byte === undefined) throw malformed('less than it says');
    length += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { length, start: i + 1 };
  }
  throw malformed('no length');
}

/**
 * Writes all elements, and nothing into the last `SLACK_BYTES` but what copies leave there. One loop over local variables
 * takes half the time of a method for each kind of element (bench/ingest-decode.ts).
 *
 * @returns Bytes written.
 * @throws Refusal `malformed`
 */
// oxlint-disable-next-line complexity -- See above.
function inflate(input: Uint8Array, start: number, output: Uint8Array): number {
  const view = new DataView(output.buffer, output.byteOffset, output.length);
  const room = output.length - SLACK_BYTES;
  let at = start;
  let to = 0;
  while (at < input.length) {
    const tag = input[at++] as number;
    const kind = tag & 3;
    if (kind === 0) {
      const code = tag >>> 2;
      const more = code < 60 ? 0 : code - 59;
      const length = 1 + (more === 0 ? code : readInteger(input, at, more));
      at += more;
      if (length > input.length - at) throw malformed('a literal that is cut off');
      if (length > room - to) throw malformed('more than it says');
      if (length <= SHORT_LITERAL_BYTES) {
        for (let i = 0; i < length; i++) output[to + i] = input[at + i] as number;
      } else {
        output.set(input.subarray(at, at + length), to);
      }
      at += length;
      to += length;
      continue;
    }
    const length = kind === 1 ? 4 + ((tag >>> 2) & 7) : 1 + (tag >>> 2);
    const bytes = kind === 3 ? 4 : kind;
    if (bytes > input.length - at) throw malformed('less than it says');
    let offset = input[at] as number;
    if (kind === 1) offset |= (tag >>> 5) << 8;
    else offset |= (input[at + 1] as number) << 8;
    if (kind === 3) offset = readInteger(input, at, 4);
    at += bytes;
    if (offset === 0 || offset > to) throw malformed('a copy from before its start');
    if (length > room - to) throw malformed('more than it says');
    const end = to + length;
    if (offset < 8) {
      // What is being written is repeated, so that it goes byte by byte.
      for (let i = to; i < end; i++) output[i] = output[i - offset] as number;
    } else {
      for (let i = to, from = to - offset; i < end; i += 8, from += 8) {
        // As a whole number: a double might lose the payload of a NaN.
        view.setBigInt64(i, view.getBigInt64(from));
      }
    }
    to = end;
  }
  return to;
}

/** An integer of so many bytes, the lowest first. */
function readInteger(input: Uint8Array, at: number, bytes: number): number {
  if (bytes > input.length - at) throw malformed('less than it says');
  let value = 0;
  for (let i = 0; i < bytes; i++) value += (input[at + i] as number) * 2 ** (8 * i);
  return value;
}

function malformed(got: string): Refusal {
  return new Refusal(
    'malformed',
    `got a body with ${got}; want one block in Snappy's block format (not the framed one)`,
  );
}
