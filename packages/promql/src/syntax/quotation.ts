const NAMED: ReadonlyMap<string, string> = new Map([
  ['\u0007', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['\\', '\\\\'],
  ['"', '\\"'],
]);

/** A text in double quotes, with the escapes of Go; the reverse of `unquote`. */
export function quote(text: string): string {
  return `"${text.replaceAll(/[\\"\p{Cc}\p{Cs}]/gu, escapeCharacter)}"`;
}

function escapeCharacter(character: string): string {
  const named = NAMED.get(character);
  if (named !== undefined) return named;
  const code = character.charCodeAt(0);
  // Lone surrogates U+DC80 to U+DCFF stand for bytes that are no UTF-8.
  if (code >= 0xd800) return `\\x${(code & 0xff).toString(16).padStart(2, '0')}`;
  return code < 0x80
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** A label's name, quoted when it is not of the classic form. */
export function quoteName(name: string): string {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) ? name : quote(name);
}

/** The series' labels as Prometheus prints them in its messages: `{__name__="up", job="api"}`. */
export function printLabels(labels: readonly (readonly [string, string])[]): string {
  return `{${labels.map(([name, value]) => `${quoteName(name)}=${quote(value)}`).join(', ')}}`;
}

/** A number without an exponent and with no more digits than it needs: Go's `FormatFloat(value, 'f', -1, 64)`. */
export function printFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const [mantissa = '', exponent] = String(value).split('e');
  return exponent === undefined ? mantissa : withoutExponent(mantissa, Number(exponent));
}

function withoutExponent(mantissa: string, exponent: number): string {
  const sign = mantissa.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const digits = whole + fraction;
  const point = whole.length + exponent;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, '0')}`;
}
