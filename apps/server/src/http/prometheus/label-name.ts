import { PromqlError } from '@hubpulse/promql';

/** What a name begins with that was escaped for a URL. */
const ESCAPED = 'U__';

/** An underscore stands as two, any other character as its code point in hexadecimal digits between two. */
const ESCAPES = /__|_([0-9a-fA-F]{1,6})_|_/g;

/**
 * A label's name as it stands in a path: as it is, or escaped after `U__`, such as `U__http_2e_status` for `http.status`.
 *
 * @throws PromqlError `bad_data` for an empty name and for one that is no text.
 */
export function labelNameOf(text: string): string {
  const name = text.startsWith(ESCAPED) ? unescape(text) : text;
  if (name !== '' && name.isWellFormed()) return name;
  throw new PromqlError('bad_data', `invalid label name: got ${JSON.stringify(text)}; want UTF-8`);
}

/** The name behind an escaped one; the text itself where it was not escaped after all, as Prometheus takes it. */
function unescape(text: string): string {
  let isEscaped = true;
  const name = text.slice(ESCAPED.length).replaceAll(ESCAPES, (whole, digits?: string) => {
    if (whole === '__') return '_';
    const codePoint = Number.parseInt(digits ?? '', 16);
    isEscaped &&= codePoint <= 0x10_ffff && !(codePoint >= 0xd800 && codePoint <= 0xdfff);
    return isEscaped ? String.fromCodePoint(codePoint) : whole;
  });
  return isEscaped ? name : text;
}
