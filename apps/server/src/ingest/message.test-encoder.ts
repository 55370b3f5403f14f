/**
 * Encodes messages of remote write for tests, after their `.proto` files and with `bigint` arithmetic: it shares nothing
 * with the decoders.
 */

/** A sample as a test writes it; the value may be given as its 64 bits. */
export interface TestSample {
  readonly tMs: number | bigint;
  readonly value: number | bigint;
}

export interface TestSeries {
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly samples: readonly TestSample[];
  readonly histograms?: number;
  readonly exemplars?: number;
}

export function varint(value: number | bigint): number[] {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return bytes;
}

/** A field that says its length: a message, a text, packed numbers. */
export function field(number: number, content: Iterable<number>): number[] {
  const bytes = [...content];
  return [...varint((number << 3) | 2), ...varint(bytes.length), ...bytes];
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);

export function label([name, value]: readonly [string, string]): number[] {
  return field(1, [...field(1, text(name)), ...field(2, text(value))]);
}

export function sample({ tMs, value }: TestSample): number[] {
  const bits = new DataView(new ArrayBuffer(8));
  if (typeof value === 'bigint') bits.setBigUint64(0, value, true);
  else bits.setFloat64(0, value, true);
  return field(2, [0x09, ...new Uint8Array(bits.buffer), 0x10, ...varint(tMs)]);
}

/** A native histogram sample with a count and a sum, which nobody here reads. */
const HISTOGRAM = [0x08, 3, 0x19, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f];
const EXEMPLAR = [0x11, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f];

const times = (count: number | undefined, bytes: readonly number[]): number[] =>
  Array.from({ length: count ?? 0 }, () => bytes).flat();

/** `prometheus.WriteRequest`. */
export function writeRequest(series: readonly TestSeries[]): Uint8Array {
  return Uint8Array.from(
    series.flatMap(({ labels, samples, histograms, exemplars }) =>
      field(1, [
        ...labels.flatMap(label),
        ...samples.flatMap(sample),
        ...times(exemplars, field(3, EXEMPLAR)),
        ...times(histograms, field(4, HISTOGRAM)),
      ]),
    ),
  );
}

/** `io.prometheus.write.v2.Request`; each text stands once among the symbols. */
export function symbolRequest(series: readonly TestSeries[]): Uint8Array {
  const symbols = [...new Set(['', ...series.flatMap(({ labels }) => labels.flat())])];
  const place = new Map(symbols.map((symbol, index) => [symbol, index]));
  return Uint8Array.from([
    ...symbols.flatMap((symbol) => field(4, text(symbol))),
    ...series.flatMap(({ labels, samples, histograms, exemplars }) =>
      field(5, [
        ...field(
          1,
          labels.flat().flatMap((one) => varint(place.get(one) ?? 0)),
        ),
        ...samples.flatMap(sample),
        ...times(histograms, field(3, HISTOGRAM)),
        ...times(exemplars, field(4, EXEMPLAR)),
        ...field(5, [0x08, 1]),
      ]),
    ),
  ]);
}

/** Compresses to a block of Snappy: the last place of each four bytes becomes a copy, the rest literals. */
export function compress(bytes: Uint8Array): Uint8Array {
  const out: number[] = varint(bytes.length);
  const places = new Map<number, number>();
  let literalStart = 0;
  let at = 0;
  const flush = (end: number): void => {
    for (let from = literalStart; from < end; from += 60) {
      const part = bytes.subarray(from, Math.min(from + 60, end));
      out.push((part.length - 1) << 2);
      for (const byte of part) out.push(byte);
    }
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  while (at + 4 <= bytes.length) {
    const four = view.getUint32(at);
    const place = places.get(four);
    places.set(four, at);
    if (place === undefined || at - place > 0xffff) {
      at++;
      continue;
    }
    let length = 4;
    while (
      length < 64 &&
      at + length < bytes.length &&
      bytes[place + length] === bytes[at + length]
    ) {
      length++;
    }
    flush(at);
    const offset = at - place;
    if (length < 12 && offset < 2048)
      out.push(((offset >> 8) << 5) | ((length - 4) << 2) | 1, offset & 255);
    else out.push(((length - 1) << 2) | 2, offset & 255, offset >> 8);
    at += length;
    literalStart = at;
  }
  flush(bytes.length);
  return Uint8Array.from(out);
}
