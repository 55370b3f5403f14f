import { type ByteReader, type ByteWriter, DamagedBytesError } from './bytes.ts';
import { planIntegers, readIntegers, writeIntegers } from './integer-column.ts';

/**
 * Values as whole mantissas: `value = mantissa × 2^shift / 10^exponent`. What people and programs measure is mostly
 * decimal (12.34 %, 1500 bytes), and whole numbers pack into few bits where a double's mantissa looks random.
 *
 * A double that was parsed from a decimal of up to 14 digits is found again exactly, because both `x / 10^exponent` and
 * the parser round correctly. One that was computed (`247712 * 0.001`, `0.1 + 0.2`) is the neighbour of such a double;
 * a second column of small integers tells which. What is no decimal (NaN, infinities, -0, full-precision values) is an
 * exception: its eight bytes.
 */

/** More digits after the point than sensors give; past it the mantissas are as long as the doubles. */
const MAX_EXPONENT = 12;

/** Mantissas below 2^49, so that differences stay below the 2^50 that an integer column takes. */
const MANTISSA_LIMIT = 2 ** 49;

/** Two roundings end at most so many doubles from the decimal. */
const MAX_CORRECTION = 3;

/** Above this mantissa decimals lie so close that any double has one as a neighbour, by chance. */
const CORRECTED_MANTISSA_LIMIT = 2 ** 43;

/** One exception in 8 costs more than decimals save. */
const MAX_EXCEPTION_SHARE = 1 / 8;

/** Bits of the byte that says how the mantissas are written. */
const MantissaFlag = {
  /** The first, then the difference of each to the one before. */
  DELTA: 1,
  /** After the mantissas comes a column of corrections. */
  CORRECTED: 2,
} as const;

const POWERS = Float64Array.from({ length: MAX_EXPONENT + 1 }, (_, exponent) => 10 ** exponent);

/** Fills a column of integers from what was written. */
type ReadColumn = (reader: ByteReader, into: Float64Array) => void;

/** Writes the values as decimals, or writes nothing and returns false when they are none. */
export function tryWriteDecimals(writer: ByteWriter, values: Float64Array): boolean {
  const exponent = findExponent(values);
  if (exponent < 0) return false;
  const { mantissas, corrections, exceptions } = toDecimals(values, exponent);
  if (exceptions.length > values.length * MAX_EXCEPTION_SHARE) return false;
  const shift = removeCommonFactor(mantissas);
  writer.u8(exponent);
  writer.u8(shift);
  writeExceptions(writer, values, exceptions);
  const corrected = corrections.some((correction) => correction !== 0);
  writeMantissas(writer, mantissas, corrected ? MantissaFlag.CORRECTED : 0);
  if (corrected) writeIntegers(writer, corrections);
  return true;
}

/**
 * Fills `into` with what `tryWriteDecimals` wrote.
 *
 * @param readColumn How the integers were written: chunks of version 1 have other columns.
 * @throws DamagedBytesError
 */
export function readDecimals(
  reader: ByteReader,
  into: Float64Array,
  readColumn: ReadColumn = readIntegers,
): void {
  const exponent = reader.u8();
  if (exponent > MAX_EXPONENT) {
    throw new DamagedBytesError(`got the exponent ${exponent}; want at most ${MAX_EXPONENT}`);
  }
  const factor = 2 ** readShift(reader);
  const exceptions = readExceptions(reader, into.length);
  const flags = readMantissas(reader, into, readColumn);
  const divisor = POWERS[exponent] as number;
  for (let i = 0; i < into.length; i++) into[i] = ((into[i] as number) * factor) / divisor;
  if ((flags & MantissaFlag.CORRECTED) !== 0) readCorrections(reader, into, readColumn);
  const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
  for (const { index, value } of exceptions) bytes.set(value, index * 8);
}

/** The fewest digits after the point that show every ordinary value; -1 when too many values have none. */
function findExponent(values: Float64Array): number {
  let exponent = 0;
  let exceptions = 0;
  for (const value of values) {
    const needed = exponentOf(value, exponent);
    if (needed >= 0) exponent = needed;
    else if (++exceptions > values.length * MAX_EXCEPTION_SHARE) return -1;
  }
  return exponent;
}

function exponentOf(value: number, from: number): number {
  for (let exponent = from; exponent <= MAX_EXPONENT; exponent++) {
    if (!Number.isNaN(mantissaOf(value, exponent))) return exponent;
  }
  return -1;
}

/** The mantissa of a value or of a neighbour; NaN when there is none. */
function mantissaOf(value: number, exponent: number): number {
  const power = POWERS[exponent] as number;
  const mantissa = Math.round(value * power);
  const magnitude = Math.abs(mantissa);
  if (mantissa / power === value) {
    return magnitude < MANTISSA_LIMIT && !Object.is(value, -0) ? mantissa : Number.NaN;
  }
  const isNear =
    magnitude < CORRECTED_MANTISSA_LIMIT &&
    magnitude > 0 &&
    Math.abs(correctionOf(value, mantissa / power)) <= MAX_CORRECTION;
  return isNear ? mantissa : Number.NaN;
}

/** Where `correctionOf` looks at the bits of two doubles. */
const pair = new Float64Array(2);
const pairBits = new Uint32Array(pair.buffer);

/** How many doubles `value` is farther from zero than `decimal`, of the same sign; infinite when it is far. */
function correctionOf(value: number, decimal: number): number {
  pair[0] = value;
  pair[1] = decimal;
  const high = (pairBits[1] as number) - (pairBits[3] as number);
  return high * 2 ** 32 + (pairBits[0] as number) - (pairBits[2] as number);
}

interface Decimals {
  readonly mantissas: Float64Array;
  readonly corrections: Float64Array;
  /** Positions of values that are no decimals. Their mantissa repeats the one before and so costs nothing. */
  readonly exceptions: number[];
}

function toDecimals(values: Float64Array, exponent: number): Decimals {
  const mantissas = new Float64Array(values.length);
  const corrections = new Float64Array(values.length);
  const exceptions: number[] = [];
  const power = POWERS[exponent] as number;
  let previous = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    const mantissa = mantissaOf(value, exponent);
    if (Number.isNaN(mantissa)) {
      exceptions.push(i);
    } else {
      // `+ 0` makes the -0 that rounding a small negative number gives a plain 0.
      previous = mantissa + 0;
      corrections[i] = correctionOf(value, mantissa / power);
    }
    mantissas[i] = previous;
  }
  return { mantissas, corrections, exceptions };
}

function readCorrections(reader: ByteReader, into: Float64Array, readColumn: ReadColumn): void {
  const corrections = new Float64Array(into.length);
  readColumn(reader, corrections);
  const bits = new Uint32Array(into.buffer, into.byteOffset, 2 * into.length);
  for (let i = 0; i < corrections.length; i++) {
    const low = (bits[2 * i] as number) + (corrections[i] as number);
    bits[2 * i] = low;
    // A correction seldom reaches into the high half.
    if (low < 0 || low >= 2 ** 32) {
      bits[2 * i + 1] = (bits[2 * i + 1] as number) + Math.floor(low / 2 ** 32);
    }
  }
}

/** Divides by the largest common power of two (memory comes in pages and kilobytes); returns its logarithm. */
function removeCommonFactor(mantissas: Float64Array): number {
  let anyBit = 0;
  for (const mantissa of mantissas) {
    anyBit |= mantissa;
    if ((anyBit & 1) === 1) return 0;
  }
  if (anyBit === 0) return 0;
  const shift = 31 - Math.clz32(anyBit & -anyBit);
  const factor = 2 ** shift;
  for (let i = 0; i < mantissas.length; i++) mantissas[i] = (mantissas[i] as number) / factor;
  return shift;
}

function readShift(reader: ByteReader): number {
  const shift = reader.u8();
  if (shift > 31) throw new DamagedBytesError(`got a shift of ${shift} bits; want at most 31`);
  return shift;
}

function writeExceptions(writer: ByteWriter, values: Float64Array, indexes: number[]): void {
  writer.varint(indexes.length);
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  for (const index of indexes) {
    writer.varint(index);
    writer.bytes(bytes.subarray(index * 8, index * 8 + 8));
  }
}

function readExceptions(
  reader: ByteReader,
  length: number,
): { index: number; value: Uint8Array }[] {
  const count = reader.varint();
  if (count > length) {
    throw new DamagedBytesError(`got ${count} exceptions; want at most ${length}`);
  }
  const exceptions: { index: number; value: Uint8Array }[] = [];
  for (let i = 0; i < count; i++) {
    const index = reader.varint();
    if (index >= length) {
      throw new DamagedBytesError(`got an exception at ${index}; want below ${length}`);
    }
    exceptions.push({ index, value: reader.bytes(8) });
  }
  return exceptions;
}

/** Gauges that wobble around a level are smaller as they are, counters and slow gauges as differences. */
function writeMantissas(writer: ByteWriter, mantissas: Float64Array, flags: number): void {
  const deltas = new Float64Array(mantissas.length - 1);
  for (let i = 0; i < deltas.length; i++) {
    deltas[i] = (mantissas[i + 1] as number) - (mantissas[i] as number);
  }
  const plain = planIntegers(mantissas);
  const delta = planIntegers(deltas);
  if (plain.size <= delta.size) {
    writer.u8(flags);
    writeIntegers(writer, mantissas, plain);
    return;
  }
  writer.u8(flags | MantissaFlag.DELTA);
  writer.signedVarint(mantissas[0] as number);
  writeIntegers(writer, deltas, delta);
}

/** Returns the flags. */
function readMantissas(reader: ByteReader, into: Float64Array, readColumn: ReadColumn): number {
  const flags = reader.u8();
  if (flags > (MantissaFlag.DELTA | MantissaFlag.CORRECTED)) {
    throw new DamagedBytesError(`got the mantissa flags ${flags}; want 0 to 3`);
  }
  if ((flags & MantissaFlag.DELTA) === 0) {
    readColumn(reader, into);
    return flags;
  }
  into[0] = reader.signedVarint();
  readColumn(reader, into.subarray(1));
  let mantissa = into[0];
  for (let i = 1; i < into.length; i++) {
    mantissa += into[i] as number;
    into[i] = mantissa;
  }
  return flags;
}
