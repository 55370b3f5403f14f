import { MAX_NUMBER_BYTES, writeNumber } from './number-text.ts';

/** Room of a new piece. Most answers are small; a large one is made of pieces that have grown. */
const FIRST_BYTES = 16 * 1024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Writes JSON as bytes. Numbers are printed by hand: of a large answer, turning doubles into text was two thirds of the cost
 * (bench/query-http.ts).
 */
export class JsonBytes {
  #bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #length = 0;

  /** Bytes since the last `take`. */
  get length(): number {
    return this.#length;
  }

  /** Gives what was written and begins anew. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = Buffer.allocUnsafeSlow(this.#bytes.length);
    this.#length = 0;
    return taken;
  }

  /** Text that is JSON already, all of it ASCII. */
  raw(text: string): void {
    this.#reserve(text.length);
    for (let i = 0; i < text.length; i++) this.#bytes[this.#length++] = text.charCodeAt(i);
  }

  /** Text that is JSON already. */
  text(json: string): void {
    // A UTF-16 unit takes at most three bytes.
    this.#reserve(3 * json.length);
    this.#length += this.#bytes.write(json, this.#length, 'utf8');
  }

  /** A string with its quotes. */
  string(text: string): void {
    this.#reserve(text.length + 2);
    const bytes = this.#bytes;
    const start = this.#length;
    bytes[start] = QUOTE;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH) {
        this.text(JSON.stringify(text));
        return;
      }
      bytes[start + 1 + i] = code;
    }
    bytes[start + 1 + text.length] = QUOTE;
    this.#length = start + text.length + 2;
  }

  /** Some of the bytes of an array. */
  copy(from: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = start; i < end; i++) bytes[at++] = from[i] as number;
    this.#length = at;
  }

  /**
   * A number as Prometheus writes values: the shortest decimal that reads back the same; `NaN`, `+Inf`, `-Inf`, which are
   * no JSON outside of quotes.
   */
  number(value: number): void {
    this.#reserve(MAX_NUMBER_BYTES);
    this.#length = writeNumber(this.#bytes, this.#length, value);
  }

  #reserve(bytes: number): void {
    const wanted = this.#length + bytes;
    if (wanted <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(wanted, 2 * this.#bytes.length));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
