import { MAX_TIME_MS } from '@hubpulse/model';
import { faultAt } from './exposition-error.ts';
import type { ExpositionFormat } from './exposition-format.ts';
import { parseNumber } from './number-text.ts';
import {
  decodeText,
  decodeUtf8,
  labelsEnd,
  seriesEnd,
  skipBlanks,
  textEnd,
} from './series-text.ts';

const TAB = 0x09;
const LINE_FEED = 0x0a;
const SPACE = 0x20;
const QUOTE = 0x22;
const HASH = 0x23;
const OPEN = 0x7b;

/** What `next` came to. */
export type ExpositionEntry = 'sample' | 'metadata' | 'end';

/** What a program says of a metric. */
export interface ExposedMetadata {
  readonly kind: 'help' | 'type' | 'unit';
  /** The name of the family, without `_total`, `_bucket` and their like where OpenMetrics leaves them out. */
  readonly name: string;
  readonly text: string;
}

const METADATA_WORDS: Readonly<Record<string, ExposedMetadata['kind']>> = {
  HELP: 'help',
  TYPE: 'type',
  UNIT: 'unit',
};

const TYPES: ReadonlySet<string> = new Set([
  ...['counter', 'gauge', 'histogram', 'summary', 'untyped'],
  ...['unknown', 'info', 'stateset', 'gaugehistogram'],
]);

/**
 * Reads what a program exposes, from the first line to the last, one entry at a time. The fields hold the entry at hand; no
 * string and no object is made for a sample.
 *
 * `next` throws an `ExpositionError` for a line that has not the form of the format; of a series' name and labels it looks at
 * the ends alone, since most series were seen before (`decodeSeries` judges them).
 */
export class ExpositionReader {
  readonly bytes: Buffer;
  readonly #isOpenMetrics: boolean;
  #at = 0;
  /** Where the series of the sample begins and ends, as it is written. */
  seriesStart: number = 0;
  seriesEnd: number = 0;
  value: number = 0;
  /** Unix milliseconds; NaN where the sample has no time of its own. */
  tMs: number = Number.NaN;
  /** Exemplars so far; they are passed over. */
  exemplars: number = 0;
  /** Where the line of the metadata begins and ends. */
  lineStart: number = 0;
  lineEnd: number = 0;
  #kind: ExposedMetadata['kind'] = 'help';
  #nameStart = 0;
  #nameEnd = 0;
  #textStart = 0;
  #textEnd = 0;

  constructor(bytes: Uint8Array, format: ExpositionFormat) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#isOpenMetrics = format === 'openmetrics';
  }

  /** Goes on to the next entry. */
  next(): ExpositionEntry {
    const { bytes } = this;
    for (;;) {
      this.#at = skipBlanks(bytes, this.#at);
      const byte = bytes[this.#at];
      if (byte === undefined) {
        if (this.#isOpenMetrics) throw this.#fault('# EOF as the last line');
        return 'end';
      }
      if (byte === LINE_FEED) {
        if (this.#isOpenMetrics) throw this.#fault('a sample, # HELP, # TYPE, # UNIT or # EOF');
        this.#at++;
      } else if (byte === HASH) {
        const entry = this.#readComment();
        if (entry !== undefined) return entry;
      } else {
        this.#readSample();
        return 'sample';
      }
    }
  }

  /** The metadata at hand. @throws ExpositionError when it is no UTF-8 */
  metadata(): ExposedMetadata {
    const { bytes } = this;
    const isQuoted = bytes[this.#nameStart] === QUOTE;
    const decodeName = isQuoted ? decodeText : decodeUtf8;
    return {
      kind: this.#kind,
      name: decodeName(bytes, this.#nameStart, this.#nameEnd),
      text: decodeUtf8(bytes, this.#textStart, this.#textEnd).replaceAll(
        /\\([\\n])/g,
        (_, character: string) => (character === 'n' ? '\n' : character),
      ),
    };
  }

  #readSample(): void {
    const { bytes } = this;
    this.seriesStart = this.#at;
    this.seriesEnd = seriesEnd(bytes, this.#at);
    this.#at = skipBlanks(bytes, this.seriesEnd);
    this.value = this.#readNumber('a value');
    this.tMs = Number.NaN;
    this.#at = skipBlanks(bytes, this.#at);
    if (this.#isAtLineEnd()) return this.#endLine();
    if (bytes[this.#at] !== HASH) {
      this.tMs = this.#readTime();
      this.#at = skipBlanks(bytes, this.#at);
    }
    if (this.#isOpenMetrics && bytes[this.#at] === HASH) this.#readExemplar();
    this.#endLine();
  }

  #readNumber(want: string): number {
    const start = this.#at;
    const end = wordEnd(this.bytes, start);
    const value = parseNumber(this.bytes, start, end);
    if (value === undefined) throw this.#fault(want);
    this.#at = end;
    return value;
  }

  /** Whole milliseconds in Prometheus' format, seconds in OpenMetrics. */
  #readTime(): number {
    const start = this.#at;
    const time = this.#readNumber('a time');
    const tMs = this.#isOpenMetrics ? Math.round(time * 1000) : time;
    if (Number.isInteger(tMs) && Math.abs(tMs) <= MAX_TIME_MS) return tMs;
    throw faultAt(this.bytes, start, {
      want: this.#isOpenMetrics ? 'Unix seconds' : 'whole Unix milliseconds',
    });
  }

  #readExemplar(): void {
    const { bytes } = this;
    this.#at = skipBlanks(bytes, this.#at + 1);
    if (bytes[this.#at] !== OPEN) throw this.#fault('the labels of an exemplar');
    this.#at = skipBlanks(bytes, labelsEnd(bytes, this.#at));
    this.#readNumber('the value of an exemplar');
    this.#at = skipBlanks(bytes, this.#at);
    if (!this.#isAtLineEnd()) this.#readNumber('the time of an exemplar');
    this.exemplars++;
  }

  /** Takes a line that begins with `#`. Gives nothing for a comment that means nothing. */
  #readComment(): ExpositionEntry | undefined {
    const { bytes } = this;
    const lineEnd = endOfLine(bytes, this.#at);
    const wordStart = skipBlanks(bytes, this.#at + 1);
    const end = wordEnd(bytes, wordStart);
    const word = bytes.toString('latin1', wordStart, Math.min(end, wordStart + 5));
    if (this.#isOpenMetrics && word === 'EOF') return this.#endAfter(end);
    const kind = Object.hasOwn(METADATA_WORDS, word) ? METADATA_WORDS[word] : undefined;
    this.#nameStart = skipBlanks(bytes, end);
    const isMetadata = kind !== undefined && this.#nameStart < lineEnd;
    if (!isMetadata && this.#isOpenMetrics) throw this.#fault('# HELP, # TYPE, # UNIT or # EOF');
    this.lineStart = this.#at;
    this.lineEnd = lineEnd;
    const isKnown = isMetadata && (kind !== 'unit' || this.#isOpenMetrics);
    if (isKnown) this.#readMetadata(kind, lineEnd);
    this.#at = Math.min(lineEnd + 1, bytes.length);
    return isKnown ? 'metadata' : undefined;
  }

  #readMetadata(kind: ExposedMetadata['kind'], lineEnd: number): void {
    const { bytes } = this;
    this.#kind = kind;
    const isQuoted = bytes[this.#nameStart] === QUOTE;
    this.#nameEnd = isQuoted ? textEnd(bytes, this.#nameStart) : wordEnd(bytes, this.#nameStart);
    this.#textStart = skipBlanks(bytes, this.#nameEnd);
    this.#textEnd = lineEnd;
    if (kind !== 'type') return;
    const type = bytes.toString('latin1', this.#textStart, this.#textEnd).trim();
    if (!TYPES.has(type)) {
      throw faultAt(bytes, this.#textStart, { want: `a type: ${[...TYPES].join(', ')}` });
    }
  }

  #endAfter(end: number): 'end' {
    const { bytes } = this;
    const rest = bytes[end] === LINE_FEED ? end + 1 : end;
    if (rest < bytes.length) throw faultAt(bytes, rest, { want: 'nothing after # EOF' });
    return 'end';
  }

  #isAtLineEnd(): boolean {
    const byte = this.bytes[this.#at];
    return byte === LINE_FEED || byte === undefined;
  }

  #endLine(): void {
    if (!this.#isAtLineEnd()) throw this.#fault('the end of the line');
    this.#at++;
  }

  #fault(want: string): Error {
    return faultAt(this.bytes, this.#at, { want });
  }
}

/** Where the word ends that starts at a place: before a blank, the end of the line, or of all. */
function wordEnd(bytes: Buffer, start: number): number {
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === SPACE || byte === LINE_FEED || byte === TAB) return at;
  }
  return bytes.length;
}

function endOfLine(bytes: Buffer, start: number): number {
  const at = bytes.indexOf(LINE_FEED, start);
  return at < 0 ? bytes.length : at;
}
