import { LABEL_NAME_TAG, LABEL_TAG, LABEL_VALUE_TAG } from '../label-bytes.ts';
import { MAX_REQUEST_SAMPLES } from '../limits.ts';
import { ProtobufReader } from '../protobuf.ts';
import { Refusal } from '../refusal.ts';
import type { RequestBatch } from '../request-batch.ts';
import { noExtras, type RemoteWriteExtras } from './extras.ts';
import { readSample } from './sample-field.ts';

/** Fields of `io.prometheus.write.v2.Request` and its `TimeSeries` that we read; any other is passed over. */
const SYMBOL_TAG = 0x22;
const TIME_SERIES_TAG = 0x2a;
const PACKED_REFS_TAG = 0x0a;
const SINGLE_REF_TAG = 0x08;
const SAMPLE_TAG = 0x12;
const HISTOGRAM_TAG = 0x1a;
const EXEMPLAR_TAG = 0x22;

/** Symbols of one request: more than its samples and their labels usually need, and a bound on memory. */
const MAX_SYMBOLS = 5 * MAX_REQUEST_SAMPLES;

/** The most that the setting `ingest_max_labels` allows. */
const MAX_LABELS = 1000;

/** Label bytes of one series: far beyond any use, and a bound on what references can be blown up to. */
const MAX_KEY_BYTES = 1024 * 1024;

/** Tags and lengths of one label beside its name and its value: three tags, three varints of at most 5 bytes. */
const LABEL_OVERHEAD_BYTES = 18;

/**
 * Decodes `io.prometheus.write.v2.Request`, the message of remote write 2.0, which names labels by their place in a table of
 * symbols. The label bytes of a series are put together as 1.0 would send them, so both messages share one cache.
 */
export class SymbolRequestDecoder {
  readonly #reader = new ProtobufReader();
  readonly #batch: RequestBatch;
  #starts = new Uint32Array(1024);
  #ends = new Uint32Array(1024);
  #symbols = 0;
  #refs = new Uint32Array(2 * MAX_LABELS);
  #refCount = 0;
  #key = new Uint8Array(1024);
  /** Views of the key and of the message: label texts are copied four bytes at a time. */
  #keyView = new DataView(this.#key.buffer);
  #view: DataView = this.#keyView;
  #keyLength = 0;
  #extras: RemoteWriteExtras = noExtras();

  constructor(batch: RequestBatch) {
    this.#batch = batch;
  }

  /**
   * Reads every series into the batch.
   *
   * @returns What the message holds beside samples.
   * @throws Refusal
   */
  decode(bytes: Uint8Array): RemoteWriteExtras {
    this.#extras = noExtras();
    this.#symbols = 0;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    // Fields may come in any order, and series need all symbols.
    this.#eachField(bytes, SYMBOL_TAG, () => this.#readSymbol());
    let isFirst = true;
    this.#eachField(bytes, TIME_SERIES_TAG, () => {
      if (isFirst) this.#assertEmptyFirst();
      isFirst = false;
      this.#readSeries();
    });
    return this.#extras;
  }

  #eachField(bytes: Uint8Array, wanted: number, read: () => void): void {
    const reader = this.#reader;
    reader.open(bytes);
    while (reader.at < bytes.length) {
      const tag = reader.readVarint();
      if (tag === wanted) {
        reader.end = reader.readLength();
        read();
        reader.end = bytes.length;
      } else {
        reader.skip(tag);
      }
    }
  }

  #readSymbol(): void {
    const reader = this.#reader;
    if (this.#symbols === this.#starts.length) this.#growSymbols();
    this.#starts[this.#symbols] = reader.at;
    this.#ends[this.#symbols] = reader.end;
    this.#symbols++;
    reader.at = reader.end;
  }

  #growSymbols(): void {
    if (this.#symbols >= MAX_SYMBOLS) {
      throw new Refusal(
        'too_large',
        `got more than ${MAX_SYMBOLS} symbols; want at most as many; send several requests`,
      );
    }
    const [starts, ends] = [this.#starts, this.#ends];
    const length = Math.min(2 * starts.length, MAX_SYMBOLS);
    this.#starts = new Uint32Array(length);
    this.#ends = new Uint32Array(length);
    this.#starts.set(starts);
    this.#ends.set(ends);
  }

  #assertEmptyFirst(): void {
    if (this.#symbols > 0 && this.#starts[0] === this.#ends[0]) return;
    throw malformed('symbols that do not begin with the empty string; want it first');
  }

  #readSeries(): void {
    const reader = this.#reader;
    this.#refCount = 0;
    while (reader.at < reader.end) {
      const tag = reader.readVarint();
      if (tag === PACKED_REFS_TAG) this.#readPackedRefs();
      else if (tag === SAMPLE_TAG) readSample(reader, this.#batch.columns);
      else if (tag === SINGLE_REF_TAG) this.#addRef(reader.readVarint());
      else this.#readOther(tag);
    }
    if (this.#refCount % 2 !== 0) {
      throw malformed('a label name without a value; want references in pairs');
    }
    if (!this.#batch.hasRows()) return;
    this.#buildKey();
    this.#batch.endSeries(this.#key, 0, this.#keyLength);
  }

  #readOther(tag: number): void {
    if (tag === HISTOGRAM_TAG) this.#extras.histograms++;
    else if (tag === EXEMPLAR_TAG) this.#extras.exemplars++;
    this.#reader.skip(tag);
  }

  #readPackedRefs(): void {
    const reader = this.#reader;
    const outerEnd = reader.end;
    const end = reader.readLength();
    reader.end = end;
    while (reader.at < end) this.#addRef(reader.readVarint());
    reader.end = outerEnd;
  }

  #addRef(symbol: number): void {
    if (symbol >= this.#symbols) {
      throw malformed(
        `a reference to symbol ${symbol} of ${this.#symbols}; want one that the request has`,
      );
    }
    if (this.#refCount === this.#refs.length) {
      throw new Refusal(
        'label_limit',
        `got more than ${MAX_LABELS} labels in one series; want fewer; drop some`,
      );
    }
    this.#refs[this.#refCount++] = symbol;
  }

  #buildKey(): void {
    this.#reserve(this.#keyBytes());
    this.#keyLength = 0;
    for (let i = 0; i < this.#refCount; i += 2) {
      const name = this.#refs[i] as number;
      const value = this.#refs[i + 1] as number;
      const nameBytes = this.#symbolBytes(name);
      const valueBytes = this.#symbolBytes(value);
      this.#put(LABEL_TAG);
      this.#putVarint(
        2 + varintBytes(nameBytes) + nameBytes + varintBytes(valueBytes) + valueBytes,
      );
      this.#put(LABEL_NAME_TAG);
      this.#putSymbol(name, nameBytes);
      this.#put(LABEL_VALUE_TAG);
      this.#putSymbol(value, valueBytes);
    }
  }

  /** The most that the label bytes of the series at hand may take. */
  #keyBytes(): number {
    let bytes = 0;
    for (let i = 0; i < this.#refCount; i++) bytes += this.#symbolBytes(this.#refs[i] as number);
    return bytes + (this.#refCount / 2) * LABEL_OVERHEAD_BYTES;
  }

  /** References repeat, so a small request can ask for a huge key. */
  #reserve(bytes: number): void {
    if (bytes > MAX_KEY_BYTES) {
      throw new Refusal(
        'label_limit',
        `got a series with ${bytes} bytes of labels; want at most ${MAX_KEY_BYTES}; shorten them`,
      );
    }
    if (bytes <= this.#key.length) return;
    this.#key = new Uint8Array(2 * bytes);
    this.#keyView = new DataView(this.#key.buffer);
  }

  #symbolBytes(symbol: number): number {
    return (this.#ends[symbol] as number) - (this.#starts[symbol] as number);
  }

  #putSymbol(symbol: number, length: number): void {
    this.#putVarint(length);
    const from = this.#starts[symbol] as number;
    const to = this.#keyLength;
    let i = 0;
    for (; i + 4 <= length; i += 4) this.#keyView.setInt32(to + i, this.#view.getInt32(from + i));
    for (; i < length; i++) this.#keyView.setUint8(to + i, this.#view.getUint8(from + i));
    this.#keyLength = to + length;
  }

  #putVarint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#put((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.#put(rest);
  }

  #put(byte: number): void {
    this.#key[this.#keyLength++] = byte;
  }
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest >>>= 7) bytes++;
  return bytes;
}

function malformed(got: string): Refusal {
  return new Refusal('malformed', `got ${got}`);
}
