const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

const DURATION = /^(?:\d+(?:ms|[smhdwy]))+$/;

/** A duration such as `1h30m` in milliseconds; `undefined` when the text is none. */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  let totalMs = 0;
  for (const [, digits = '', unit = ''] of text.matchAll(/(\d+)(ms|[smhdwy])/g)) {
    totalMs += Number(digits) * (UNITS_MS[unit] ?? Number.NaN);
  }
  return totalMs;
}

/** A number without its sign, as PromQL writes it: `1_000`, `.5`, `0x1F`, `010` (octal, as in Go), `Inf`, `NaN`. */
export function parseNumber(text: string): number {
  const plain = text.replaceAll('_', '').toLowerCase();
  if (plain === 'inf') return Number.POSITIVE_INFINITY;
  if (plain === 'nan') return Number.NaN;
  return /^0[0-7]+$/.test(plain) ? Number.parseInt(plain, 8) : Number(plain);
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

const ESCAPE =
  /\\(?:([abfnrtv\\'"])|([0-7]{3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([^]|$))/g;

/** A string literal that is not one. */
export class LiteralError extends Error {
  override readonly name = 'LiteralError';
}

/**
 * The text of a quoted string, with Go's escapes; between backquotes everything stands for itself. Escaped bytes that
 * together are no UTF-8 become lone surrogates U+DC80 to U+DCFF, one each, so that they can be told and refused.
 *
 * @throws LiteralError when the string does not end or an escape is unknown.
 */
export function unquote(literal: string): string {
  const quote = literal[0];
  if (literal.length < 2 || literal.at(-1) !== quote) {
    throw new LiteralError('unterminated quoted string');
  }
  const body = literal.slice(1, -1);
  if (quote === '`' || !body.includes('\\')) return body;
  return decodeBytes(body.replaceAll(ESCAPE, unescape));
}

function unescape(whole: string, ...groups: readonly (string | undefined)[]): string {
  const [simple, octal, hex, short, long, unknown] = groups;
  if (unknown !== undefined) throw new LiteralError(`unknown escape sequence ${whole}`);
  if (simple !== undefined) return SIMPLE_ESCAPES[simple] ?? '';
  if (octal !== undefined) return byteEscape(Number.parseInt(octal, 8), whole);
  if (hex !== undefined) return byteEscape(Number.parseInt(hex, 16), whole);
  const codePoint = Number.parseInt(short ?? long ?? '', 16);
  if (codePoint > 0x10_ffff || (codePoint >= 0xd800 && codePoint <= 0xdfff)) {
    throw new LiteralError(`escape sequence ${whole} is no Unicode code point`);
  }
  return String.fromCodePoint(codePoint);
}

/** Where a byte that is not ASCII stays until its neighbours are known: byte 0x80 is U+DC80, as in Python's surrogateescape. */
const BYTE_BASE = 0xdc00;

function byteEscape(byte: number, whole: string): string {
  if (byte > 0xff) throw new LiteralError(`escape sequence ${whole} is no byte`);
  return byte < 0x80 ? String.fromCharCode(byte) : String.fromCharCode(BYTE_BASE + byte);
}

const CONTINUATION = '[\\udc80-\\udcbf]';

/** Escaped bytes that by their numbers may be one character of UTF-8. */
const CHARACTER = new RegExp(
  `(?<![\\ud800-\\udbff])(?:[\\udcc2-\\udcdf]${CONTINUATION}|[\\udce0-\\udcef]${CONTINUATION}{2}|[\\udcf0-\\udcf4]${CONTINUATION}{3})`,
  'g',
);

/** Joins escaped bytes that together are UTF-8. */
function decodeBytes(text: string): string {
  return text.replaceAll(CHARACTER, (run) => {
    const bytes = Uint8Array.from(run, (character) => character.charCodeAt(0) - BYTE_BASE);
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      return run;
    }
  });
}
