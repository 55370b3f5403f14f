import { type ByteReader, type ByteWriter, DamagedBytesError } from './bytes.ts';
import { integersSize, readIntegers, writeIntegers } from './integer-column.ts';

/**
 * Values as whole mantissas: `value = mantissa × 2^shift / 10^exponent`. What people and programs measure is mostly
 * decimal (12.34 %, 1500 bytes), and whole numbers pack into few bits where a double's mantissa looks random.
 *
 * A double that was parsed from a decimal of up to 14 digits is found again exactly, because both `x / 10^exponent` and
 * the parser round correctly. What is not (NaN, infinities, -0, full-precision values) is an exception: its eight bytes.
 */

/** More digits after the point than sensors give; past it the mantissas are as long as the doubles. */
const MAX_EXPONENT = 12;

/** Mantissas below 2^49, so that differences stay below the 2^50 that an integer column takes. */
const MANTISSA_LIMIT = 2 ** 49;

/** One exception in 8 costs more than decimals save. */
const MAX_EXCEPTION_SHARE = 1 / 8;

const Order = { PLAIN: 0, DELTA: 1 } as const;

const POWERS = Float64Array.from({ length: MAX_EXPONENT + 1 }, (_, exponent) => 10 ** exponent);

/** Writes the values as decimals, or writes nothing and returns false when they are none. */
export function tryWriteDecimals(writer: ByteWriter, values: Float64Array): boolean {
  const exponent = findExponent(values);
  if (exponent < 0) return false;
  const mantissas = new Float64Array(values.length);
  const exceptions = fillMantissas(mantissas, values, exponent);
  if (exceptions.length > values.length * MAX_EXCEPTION_SHARE) return false;
  const shift = removeCommonFactor(mantissas);
  writer.u8(exponent);
  writer.u8(shift);
  writeExceptions(writer, values, exceptions);
  writeMantissas(writer, mantissas);
  return true;
}

/** Fills `into` with what `tryWriteDecimals` wrote. @throws DamagedBytesError */
export function readDecimals(reader: ByteReader, into: Float64Array): void {
  const exponent = reader.u8();
  if (exponent > MAX_EXPONENT) {
    throw new DamagedBytesError(`got the exponent ${exponent}; want at most ${MAX_EXPONENT}`);
  }
  const factor = 2 ** readShift(reader);
  const exceptions = readExceptions(reader, into.length);
  readMantissas(reader, into);
  const divisor = POWERS[exponent] as number;
  for (let i = 0; i < into.length; i++) into[i] = ((into[i] as number) * factor) / divisor;
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
    if (mantissaOf(value, exponent) !== undefined) return exponent;
  }
  return -1;
}

function mantissaOf(value: number, exponent: number): number | undefined {
  const power = POWERS[exponent] as number;
  const mantissa = Math.round(value * power);
  const exact = mantissa / power === value && Math.abs(mantissa) < MANTISSA_LIMIT;
  return exact && !Object.is(value, -0) ? mantissa : undefined;
}

/** Fills in mantissas; returns the positions of exceptions, whose mantissa repeats the one before and so costs nothing. */
function fillMantissas(mantissas: Float64Array, values: Float64Array, exponent: number): number[] {
  const exceptions: number[] = [];
  let previous = 0;
  for (let i = 0; i < values.length; i++) {
    const mantissa = mantissaOf(values[i] as number, exponent);
    if (mantissa === undefined) exceptions.push(i);
    else previous = mantissa;
    // `+ 0` makes the -0 that rounding a small negative number gives a plain 0.
    mantissas[i] = previous + 0;
  }
  return exceptions;
}

/** Divides by the largest common power of two (memory comes in pages and kilobytes); returns its logarithm. */
function removeCommonFactor(mantissas: Float64Array): number {
  let anyBit = 0;
  for (const mantissa of mantissas) anyBit |= mantissa;
  if (anyBit === 0) return 0;
  const shift = 31 - Math.clz32(anyBit & -anyBit);
  if (shift === 0) return 0;
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
function writeMantissas(writer: ByteWriter, mantissas: Float64Array): void {
  const deltas = new Float64Array(mantissas.length - 1);
  for (let i = 0; i < deltas.length; i++) {
    deltas[i] = (mantissas[i + 1] as number) - (mantissas[i] as number);
  }
  if (integersSize(mantissas) <= integersSize(deltas)) {
    writer.u8(Order.PLAIN);
    writeIntegers(writer, mantissas);
    return;
  }
  writer.u8(Order.DELTA);
  writer.signedVarint(mantissas[0] as number);
  writeIntegers(writer, deltas);
}

function readMantissas(reader: ByteReader, into: Float64Array): void {
  const order = reader.u8();
  if (order === Order.PLAIN) {
    readIntegers(reader, into);
    return;
  }
  if (order !== Order.DELTA) throw new DamagedBytesError(`got the order ${order}; want 0 or 1`);
  into[0] = reader.signedVarint();
  readIntegers(reader, into.subarray(1));
  let mantissa = into[0];
  for (let i = 1; i < into.length; i++) {
    mantissa += into[i] as number;
    into[i] = mantissa;
  }
}
