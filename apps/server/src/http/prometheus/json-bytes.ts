/** Room of a new piece. Most answers are small; a large one is made of pieces that have grown. */
const FIRST_BYTES = 16 * 1024;

/** The longest number that is written: a sign, 17 digits, a point and an exponent. */
const MAX_NUMBER_BYTES = 32;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;

/** `00` to `99`, so that two digits cost one division. */
const PAIRS = Uint8Array.from({ length: 200 }, (_, i) =>
  i % 2 === 0 ? ZERO + Math.floor(i / 20) : ZERO + (((i - 1) / 2) % 10),
);

/** Below these, 10^9, 10^12 and 10^15, a number with so many decimals has at most 15 digits, which a double keeps apart. */
const SIX_DECIMALS_BELOW = 1e9;
const THREE_DECIMALS_BELOW = 1e12;
const INTEGERS_BELOW = 1e15;

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
    const size = Math.abs(value);
    const decimals = size < SIX_DECIMALS_BELOW ? 6 : size < THREE_DECIMALS_BELOW ? 3 : 0;
    const unit = decimals === 6 ? 1e6 : decimals === 3 ? 1e3 : 1;
    const scaled = Math.round(size * unit);
    if (size < INTEGERS_BELOW && scaled / unit === size) {
      if (value < 0 || Object.is(value, -0)) this.#bytes[this.#length++] = MINUS;
      this.#decimal(scaled, unit);
      return;
    }
    const isInfinite = size === Number.POSITIVE_INFINITY;
    const text = isInfinite ? (value > 0 ? '+Inf' : '-Inf') : String(value);
    for (let i = 0; i < text.length; i++) this.#bytes[this.#length++] = text.charCodeAt(i);
  }

  /** A quotient without a sign; room for it is there. */
  #decimal(scaled: number, unit: number): void {
    const whole = Math.floor(scaled / unit);
    this.#integer(whole);
    const fraction = scaled - whole * unit;
    if (fraction === 0) return;
    const bytes = this.#bytes;
    bytes[this.#length++] = POINT;
    if (unit === 1e6) this.#pairs(fraction, 3);
    else this.#pairs(fraction * 10, 2);
    while (bytes[this.#length - 1] === ZERO) this.#length--;
  }

  /** A whole number below 10^15. */
  #integer(value: number): void {
    if (value >= 1e9) {
      const high = Math.floor(value / 1e8);
      this.#integer(high);
      this.#pairs(value - high * 1e8, 4);
      return;
    }
    let digits = 1;
    for (let bound = 10; value >= bound; bound *= 10) digits++;
    if (digits % 2 === 1) {
      const power = 10 ** (digits - 1);
      const first = Math.floor(value / power);
      this.#bytes[this.#length++] = ZERO + first;
      this.#pairs(value - first * power, (digits - 1) / 2);
    } else this.#pairs(value, digits / 2);
  }

  /** A whole number below 10^9 in so many pairs of digits, with leading zeros. */
  #pairs(value: number, pairs: number): void {
    const bytes = this.#bytes;
    let rest = value | 0;
    for (let at = this.#length + 2 * (pairs - 1); at >= this.#length; at -= 2) {
      const quotient = (rest / 100) | 0;
      const pair = 2 * (rest - 100 * quotient);
      bytes[at] = PAIRS[pair] as number;
      bytes[at + 1] = PAIRS[pair + 1] as number;
      rest = quotient;
    }
    this.#length += 2 * pairs;
  }

  #reserve(bytes: number): void {
    const wanted = this.#length + bytes;
    if (wanted <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(wanted, 2 * this.#bytes.length));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
