const ZERO = 0x30;
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const LETTER_E = 0x65;
const LOWER_CASE_BIT = 0x20;

/** Whole numbers of so many digits are exact as doubles. */
const MAX_DIGITS = 15;

/** Powers of ten up to this one are exact as doubles. */
const MAX_POWER = 22;
const POWERS: Float64Array = Float64Array.from({ length: MAX_POWER + 1 }, (_, i) => 10 ** i);

/**
 * The number that bytes spell, in any way that Go's `ParseFloat` takes for decimals, infinities and NaN; `undefined` for what
 * is none, or too large for a double.
 *
 * Short ones are put together here: of two exact doubles one multiplication or division gives the correctly rounded result
 * (W. D. Clinger, 1990). The others take the way through a string.
 */
// oxlint-disable-next-line complexity -- Runs for every sample of a scrape (bench/scrape.ts).
export function parseNumber(bytes: Buffer, start: number, end: number): number | undefined {
  let at = start;
  const sign = bytes[at];
  if (sign === MINUS || sign === PLUS) at++;
  let mantissa = 0;
  let digits = 0;
  let isDigitSeen = false;
  let fraction = 0;
  let isPointSeen = false;
  for (; at < end; at++) {
    const byte = bytes[at] as number;
    const digit = byte - ZERO;
    if (digit >= 0 && digit <= 9) {
      isDigitSeen = true;
      mantissa = mantissa * 10 + digit;
      if (mantissa > 0) digits++;
      if (isPointSeen) fraction++;
    } else if (byte === POINT && !isPointSeen) {
      isPointSeen = true;
    } else {
      break;
    }
  }
  if (!isDigitSeen || digits > MAX_DIGITS) return parseSlowly(bytes, start, end);
  let power = -fraction;
  if (at < end) {
    const exponent = parseExponent(bytes, at, end);
    if (exponent === undefined) return parseSlowly(bytes, start, end);
    power += exponent;
  }
  if (power > MAX_POWER || power < -MAX_POWER) return parseSlowly(bytes, start, end);
  const scale = POWERS[Math.abs(power)] as number;
  const size = power < 0 ? mantissa / scale : mantissa * scale;
  return sign === MINUS ? -size : size;
}

/** A short exponent: `e5`, `E-05`, `e+09`. */
function parseExponent(bytes: Buffer, start: number, end: number): number | undefined {
  if (((bytes[start] as number) | LOWER_CASE_BIT) !== LETTER_E) return undefined;
  const sign = bytes[start + 1];
  let at = start + 1;
  if (sign === MINUS || sign === PLUS) at++;
  if (at === end || end - at > 3) return undefined;
  let exponent = 0;
  for (; at < end; at++) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    exponent = exponent * 10 + digit;
  }
  return sign === MINUS ? -exponent : exponent;
}

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const INFINITY = /^([+-]?)inf(?:inity)?$/i;

/** Longer than any number that a program prints; a bound for what is turned into a string. */
const MAX_LENGTH = 1024;

function parseSlowly(bytes: Buffer, start: number, end: number): number | undefined {
  if (end - start > MAX_LENGTH) return undefined;
  const text = bytes.toString('latin1', start, end);
  if (DECIMAL.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : undefined;
  }
  const infinity = INFINITY.exec(text);
  if (infinity !== null) {
    return infinity[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  return /^nan$/i.test(text) ? Number.NaN : undefined;
}
