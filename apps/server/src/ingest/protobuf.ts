import { Refusal } from './refusal.ts';

/** How a field's value is written: the low three bits of its tag. */
const WireType = { VARINT: 0, FIXED_64: 1, LENGTH: 2, FIXED_32: 5 } as const;

/** The longest varint: 64 bits, seven to a byte. */
const MAX_VARINT_BYTES = 10;

const TWO_28 = 2 ** 28;
const TWO_56 = 2 ** 56;

/**
 * Reads the binary form of Protocol Buffers field by field, without a schema. Whoever reads decides by the tag
 * (`number << 3 | type`) and hands every other one to `skip`. Nothing is read past the end of the message at hand.
 *
 * Every method throws `Refusal` `malformed` for bytes that are no valid message.
 */
export class ProtobufReader {
  bytes: Uint8Array = new Uint8Array(0);
  /** The next byte to read. */
  at = 0;
  /** End of the message at hand, exclusive; `readLength` never leads past it. */
  end = 0;

  /** Begins to read a message. */
  open(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  /** A tag, a length or an unsigned integer; above 2^53 not exact. */
  readVarint(): number {
    const byte = this.at < this.end ? (this.bytes[this.at] as number) : 0x80;
    if (byte >= 0x80) return this.#readLongVarint();
    this.at++;
    return byte;
  }

  /** A signed 64-bit integer (`int64`), exact within ±2^53. */
  readInt64(): number {
    let low = 0;
    let middle = 0;
    let high = 0;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = this.#readByte();
      const bits = byte & 0x7f;
      if (i < 4) low |= bits << (7 * i);
      else if (i < 8) middle |= bits << (7 * (i - 4));
      else high |= bits << (7 * (i - 8));
      if (byte < 0x80) return fromParts(low, middle, high);
    }
    throw malformed('a number of more than 64 bits');
  }

  /** The end of a field that says its length; the reader stands at its start. */
  readLength(): number {
    const length = this.readVarint();
    const end = this.at + length;
    if (end > this.end) throw malformed('a field that is longer than its message');
    return end;
  }

  /** Where eight bytes begin; the reader stands behind them. */
  readFixed64(): number {
    const start = this.at;
    if (start + 8 > this.end) throw malformed('a number that is cut off');
    this.at = start + 8;
    return start;
  }

  /** Passes over the value of a field that nobody asked for. */
  skip(tag: number): void {
    switch (tag & 7) {
      case WireType.VARINT:
        this.readInt64();
        break;
      case WireType.FIXED_64:
        this.readFixed64();
        break;
      case WireType.LENGTH:
        this.at = this.readLength();
        break;
      case WireType.FIXED_32:
        if (this.at + 4 > this.end) throw malformed('a number that is cut off');
        this.at += 4;
        break;
      default:
        throw malformed(`a field of type ${tag & 7}`);
    }
    if (tag < 8) throw malformed('a field without a number');
  }

  #readLongVarint(): number {
    let value = 0;
    let weight = 1;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = this.#readByte();
      value += (byte & 0x7f) * weight;
      if (byte < 0x80) return value;
      weight *= 128;
    }
    throw malformed('a number of more than 64 bits');
  }

  #readByte(): number {
    if (this.at >= this.end) throw malformed('a number that is cut off');
    return this.bytes[this.at++] as number;
  }
}

/** Joins 28, 28 and 8 bits to a signed number; a negative one through its complement, which stays exact. */
function fromParts(low: number, middle: number, high: number): number {
  if ((high & 0x80) === 0) return low + middle * TWO_28 + (high & 0x7f) * TWO_56;
  const complement =
    (~low & 0xfff_ffff) + (~middle & 0xfff_ffff) * TWO_28 + (~high & 0xff) * TWO_56;
  return -complement - 1;
}

function malformed(got: string): Refusal {
  return new Refusal('malformed', `got ${got}; want a valid Protocol Buffers message`);
}
