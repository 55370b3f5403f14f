/** The longest number that is written: a sign, 17 digits, a point and an exponent. */
export const MAX_NUMBER_BYTES = 32;

const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;

/** `00` to `99`, so that two digits cost one division. */
const PAIRS = Uint8Array.from({ length: 200 }, (_, i) =>
  i % 2 === 0 ? ZERO + Math.floor(i / 20) : ZERO + (((i - 1) / 2) % 10),
);

/**
 * Writes a number as Prometheus does: the shortest decimal that reads back the same, and `NaN`, `+Inf`, `-Inf`.
 *
 * By hand, because the engine's own way makes a string of each (bench/query-http.ts). What is rare is left to it.
 *
 * @param at Where to begin; `MAX_NUMBER_BYTES` bytes must be there.
 * @returns The end.
 */
export function writeNumber(bytes: Uint8Array, at: number, value: number): number {
  let to = at;
  let size = value;
  if (value < 0 || Object.is(value, -0)) {
    bytes[to++] = MINUS;
    size = -value;
  }
  const end = writeFewDecimals(bytes, to, size) || writeManyDigits(bytes, to, size);
  return end === 0 ? writeText(bytes, at, textOf(value)) : end;
}

/**
 * Writes whole numbers below 10^15 and numbers of so few decimals that they have 15 digits at most: a double tells those
 * apart, so none is shorter.
 *
 * @returns The end; 0 when the number is none of these.
 */
function writeFewDecimals(bytes: Uint8Array, at: number, size: number): number {
  if (size < 1e9) {
    const whole = size | 0;
    const end = writeWhole(bytes, at, whole);
    if (whole === size) return end;
    const scaled = Math.round(size * 1e6);
    if (scaled / 1e6 !== size) return 0;
    bytes[end] = POINT;
    return trimZeros(bytes, writePairs(bytes, end + 1, scaled - whole * 1e6, 3));
  }
  if (size >= 1e15) return 0;
  const whole = Math.floor(size);
  const scaled = whole === size ? 0 : Math.round(size * 1e3);
  if (whole !== size && (size >= 1e12 || scaled / 1e3 !== size)) return 0;
  const high = Math.floor(whole / 1e8);
  const end = writePairs(bytes, writeWhole(bytes, at, high), whole - high * 1e8, 4);
  if (whole === size) return end;
  bytes[end] = POINT;
  return trimZeros(bytes, writePairs(bytes, end + 1, 10 * (scaled - whole * 1e3), 2));
}

/** Writes a whole number from 0 to below 10^9 and gives the end. */
function writeWhole(bytes: Uint8Array, at: number, whole: number): number {
  const end = at + digitsOf(whole);
  let to = end;
  let rest = whole;
  while (rest >= 10) {
    const quotient = (rest / 100) | 0;
    const pair = 2 * (rest - 100 * quotient);
    bytes[--to] = PAIRS[pair + 1] as number;
    bytes[--to] = PAIRS[pair] as number;
    rest = quotient;
  }
  // The first digit, where their number is odd; of 0 the only one.
  if (to > at) bytes[at] = ZERO + rest;
  return end;
}

function digitsOf(whole: number): number {
  let digits = 1;
  for (let bound = 10; whole >= bound; bound *= 10) digits++;
  return digits;
}

/** Writes a whole number below 10^8 in so many pairs of digits, with leading zeros, and gives the end. */
// oxlint-disable-next-line max-params -- Called for every number of an answer (bench/query-http.ts).
function writePairs(bytes: Uint8Array, at: number, value: number, pairs: number): number {
  const end = at + 2 * pairs;
  let rest = value | 0;
  for (let to = end - 2; to >= at; to -= 2) {
    const quotient = (rest / 100) | 0;
    const pair = 2 * (rest - 100 * quotient);
    bytes[to] = PAIRS[pair] as number;
    bytes[to + 1] = PAIRS[pair + 1] as number;
    rest = quotient;
  }
  return end;
}

function trimZeros(bytes: Uint8Array, end: number): number {
  let to = end;
  while (bytes[to - 1] === ZERO) to--;
  return to;
}

/** Powers of ten that a double holds exactly, and each cut into two halves of 26 bits, for exact products. */
const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
const POWERS_HIGH = POWERS.map(highHalf);
const POWERS_LOW = POWERS.map((power, i) => power - (POWERS_HIGH[i] as number));

/** The upper 26 bits of a double's 53 (Veltkamp). */
function highHalf(value: number): number {
  const spread = 134_217_729 * value;
  return spread - (spread - value);
}

/** The numbers that `writeManyDigits` takes: one of the powers above makes 17 digits of them. */
const MANY_DIGITS_FROM = 1e-5;
const MANY_DIGITS_BELOW = 1e15;

/** Half the distance to the next double, by the number's binary exponent; 10^-5 has the exponent -17, 10^15 has 49. */
const LEAST_EXPONENT = -17;
const HALF_STEPS = Float64Array.from({ length: 67 }, (_, i) => 2 ** (i + LEAST_EXPONENT - 53));

/** Where the parts of a number are looked at, and where its digits are put together. */
const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
const digits = Buffer.alloc(17);

/**
 * Writes a number of up to 17 digits.
 *
 * @returns The end; 0 when the number is too small or too large, a power of two, or a tie.
 */
function writeManyDigits(bytes: Uint8Array, at: number, size: number): number {
  if (!(size >= MANY_DIGITS_FROM && size < MANY_DIGITS_BELOW)) return 0;
  double[0] = size;
  const high = words[1] as number;
  // The neighbours of a power of two are not equally far.
  if (words[0] === 0 && (high & 0xfffff) === 0) return 0;
  const exponent = (high >>> 20) - 1023;
  // 1233 / 4096 is the logarithm of two to the base of ten; the estimate may be one too low.
  const estimate = 16 - ((exponent * 1233) >> 12);
  const power = size * (POWERS[estimate] as number) < 1e17 ? estimate : estimate - 1;
  const count = shortestDigits(size, power, HALF_STEPS[exponent - LEAST_EXPONENT] as number);
  return count === 0 ? 0 : placeDigits(bytes, at, { count, point: 17 - power });
}

/**
 * Puts the fewest digits that read back as the number into `digits`, and says how many they are; 0 for a tie.
 *
 * The product with the power of ten that makes 17 digits of it is computed exactly, as the sum of two doubles (Dekker). Then
 * the last digit is rounded away while what is left lies nearer to the number than half the way to the next double. That
 * is less than twelve units of the 17th digit, so after two digits nothing but zeros at the end can go.
 */
function shortestDigits(size: number, power: number, halfStep: number): number {
  const factor = POWERS[power] as number;
  const factorHigh = POWERS_HIGH[power] as number;
  const factorLow = POWERS_LOW[power] as number;
  const sizeHigh = highHalf(size);
  const sizeLow = size - sizeHigh;
  const product = size * factor;
  const rest = sizeHigh * factorHigh - product + sizeHigh * factorLow + sizeLow * factorHigh;
  const error = rest + sizeLow * factorLow;
  const reach = halfStep * factor;
  let upper = Math.floor(product / 1e8);
  const wholeError = Math.round(error);
  let lower = product - upper * 1e8 + wholeError;
  /** How far the number lies above upper and lower together. */
  let offset = error - wholeError;
  if (Math.abs(offset) === 0.5) return 0;
  for (let unit = 10; unit <= 100; unit *= 10) {
    // As 32-bit integers: the rest of a division of doubles is a call of its own.
    const last = (lower | 0) % (unit | 0);
    const above = last + offset;
    const distance = above > unit / 2 ? unit - above : Math.abs(above);
    if (above === unit / 2 || distance === reach) return 0;
    if (distance > reach) break;
    const step = above > unit / 2 ? unit - last : -last;
    lower += step;
    offset -= step;
  }
  const carry = Math.floor(lower / 1e8);
  upper += carry;
  lower -= carry * 1e8;
  if (upper < 1e8 || upper >= 1e9) return 0;
  writeWhole(digits, 0, upper);
  writePairs(digits, 9, lower, 4);
  return trimZeros(digits, 17);
}

/** Writes the first `count` of `digits` with the decimal point after `point` of them. */
function placeDigits(
  bytes: Uint8Array,
  at: number,
  { count, point }: { readonly count: number; readonly point: number },
): number {
  let to = at;
  if (point <= 0) {
    bytes[to++] = ZERO;
    bytes[to++] = POINT;
    for (let zeros = point; zeros < 0; zeros++) bytes[to++] = ZERO;
  }
  for (let i = 0; i < count || i < point; i++) {
    if (i === point && point > 0) bytes[to++] = POINT;
    bytes[to++] = i < count ? (digits[i] as number) : ZERO;
  }
  return to;
}

function textOf(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}

function writeText(bytes: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
}
