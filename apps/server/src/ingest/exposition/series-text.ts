import { type Label, METRIC_NAME } from '@hubpulse/model';
import { faultAt } from './exposition-error.ts';

const TAB = 0x09;
const LINE_FEED = 0x0a;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** Where a series ends that starts at a place: behind its name or its closing brace. What stands between is not judged. */
export function seriesEnd(bytes: Buffer, start: number): number {
  let at = start;
  for (; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === SPACE || byte === OPEN || byte === TAB || byte === LINE_FEED) break;
  }
  const open = skipBlanks(bytes, at);
  return bytes[open] === OPEN ? labelsEnd(bytes, open) : at;
}

/** Where the labels end whose opening brace stands at a place. */
export function labelsEnd(bytes: Buffer, open: number): number {
  for (let at = open + 1; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) at = textEnd(bytes, at) - 1;
    else if (byte === CLOSE) return at + 1;
    else if (byte === LINE_FEED) break;
  }
  throw faultAt(bytes, open, { want: 'labels that end with }' });
}

/** Where the text ends whose opening quote stands at a place: behind its closing quote. */
export function textEnd(bytes: Buffer, quote: number): number {
  for (let at = quote + 1; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at++;
    if (bytes[at] === LINE_FEED) break;
  }
  throw faultAt(bytes, quote, { want: 'a text that ends with "' });
}

/** The first place that holds neither a space nor a tab. */
export function skipBlanks(bytes: Buffer, start: number): number {
  let at = start;
  while (bytes[at] === SPACE || bytes[at] === TAB) at++;
  return at;
}

/**
 * Decodes a series as it is written: `name`, `name{a="b"}`, `{"any name", "any.label"="b"}`.
 *
 * @param end As `seriesEnd` gives it.
 * @returns Labels in the order in which they came, the metric's name as `__name__`; empty values are kept.
 * @throws ExpositionError for a name of another form, a label that comes twice, no name, no UTF-8.
 */
export function decodeSeries(bytes: Buffer, start: number, end: number): Label[] {
  const reader = new SeriesReader(bytes, start);
  const labels = reader.read(end);
  const names = new Set(labels.map(([name]) => name));
  if (names.size < labels.length) throw faultAt(bytes, start, { want: 'each label once' });
  if (!names.has(METRIC_NAME)) throw faultAt(bytes, start, { want: 'a metric name' });
  return labels;
}

/** Decodes the text between the quotes at `quote` and `end`. */
export function decodeText(bytes: Buffer, quote: number, end: number): string {
  return unescape(decodeUtf8(bytes, quote + 1, end - 1));
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws ExpositionError when the bytes are no UTF-8. */
export function decodeUtf8(bytes: Buffer, start: number, end: number): string {
  try {
    return utf8.decode(bytes.subarray(start, end));
  } catch {
    throw faultAt(bytes, start, { want: 'UTF-8' });
  }
}

/** Three escapes are known; a backslash before anything else stands for itself, as in Prometheus. */
function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replaceAll(/\\([\\"n])/g, (_, character: string) =>
    character === 'n' ? '\n' : character,
  );
}

class SeriesReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, start: number) {
    this.#bytes = bytes;
    this.#at = start;
  }

  read(end: number): Label[] {
    const labels: Label[] = [];
    if (this.#peek() !== OPEN) labels.push([METRIC_NAME, this.#name(isNameByte, 'a metric name')]);
    this.#skip();
    if (this.#at >= end) return labels;
    this.#expect(OPEN, '{');
    for (this.#skip(); this.#peek() !== CLOSE; this.#skip()) {
      labels.push(this.#label());
      this.#skip();
      if (this.#peek() === CLOSE) break;
      this.#expect(COMMA, 'a comma or }');
    }
    return labels;
  }

  /** A pair, or a quoted metric name. */
  #label(): Label {
    const isQuoted = this.#peek() === QUOTE;
    const name = isQuoted ? this.#text() : this.#name(isLabelByte, 'a label name');
    this.#skip();
    if (isQuoted && this.#peek() !== EQUALS) {
      if (name === '') throw faultAt(this.#bytes, this.#at, { want: 'a metric name' });
      return [METRIC_NAME, name];
    }
    this.#expect(EQUALS, '=');
    this.#skip();
    if (name === '') throw faultAt(this.#bytes, this.#at, { want: 'a label with a name' });
    return [name, this.#text()];
  }

  #name(belongs: (byte: number) => boolean, want: string): string {
    const start = this.#at;
    while (this.#at < this.#bytes.length && belongs(this.#bytes[this.#at] as number)) this.#at++;
    if (this.#at === start || isDigit(this.#bytes[start] as number)) {
      throw faultAt(this.#bytes, start, { want });
    }
    return this.#bytes.toString('latin1', start, this.#at);
  }

  #text(): string {
    if (this.#peek() !== QUOTE) throw faultAt(this.#bytes, this.#at, { want: 'a text in quotes' });
    const quote = this.#at;
    this.#at = textEnd(this.#bytes, quote);
    return decodeText(this.#bytes, quote, this.#at);
  }

  #peek(): number | undefined {
    return this.#bytes[this.#at];
  }

  #skip(): void {
    this.#at = skipBlanks(this.#bytes, this.#at);
  }

  #expect(byte: number, want: string): void {
    if (this.#peek() !== byte) throw faultAt(this.#bytes, this.#at, { want });
    this.#at++;
  }
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** Letters of ASCII, digits and the underscore; a digit may not come first. */
function isLabelByte(byte: number): boolean {
  const lower = byte | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || byte === 0x5f || isDigit(byte);
}

/** As in labels, and the colon. */
function isNameByte(byte: number): boolean {
  return isLabelByte(byte) || byte === 0x3a;
}
