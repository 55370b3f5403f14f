import { caseVariants, escapeForClass } from './character.ts';
import { insideClass, parseEscape } from './escape.ts';
import type { PatternReader } from './pattern-reader.ts';
import { PatternError } from './pattern-error.ts';

/** The POSIX classes, all ASCII, as the inside of a class and its complement. */
const POSIX: Readonly<Record<string, readonly [inside: string, outside: string]>> = {
  alnum: ['0-9A-Za-z', '\\0-/:-@\\[-`{-\\u{10FFFF}'],
  alpha: ['A-Za-z', '\\0-@\\[-`{-\\u{10FFFF}'],
  ascii: ['\\0-\\x7F', '\\x80-\\u{10FFFF}'],
  blank: ['\\t ', '\\0-\\x08\\x0A-\\x1F!-\\u{10FFFF}'],
  cntrl: ['\\0-\\x1F\\x7F', ' -~\\x80-\\u{10FFFF}'],
  digit: ['0-9', '\\0-/:-\\u{10FFFF}'],
  graph: ['!-~', '\\0- \\x7F-\\u{10FFFF}'],
  lower: ['a-z', '\\0-`{-\\u{10FFFF}'],
  print: [' -~', '\\0-\\x1F\\x7F-\\u{10FFFF}'],
  punct: ['!-\\/:-@\\[-`{-~', '\\0- 0-9A-Za-z\\x7F-\\u{10FFFF}'],
  space: ['\\t\\n\\v\\f\\r ', '\\0-\\x08\\x0E-\\x1F!-\\u{10FFFF}'],
  upper: ['A-Z', '\\0-@\\[-\\u{10FFFF}'],
  word: ['0-9A-Za-z_', '\\0-/:-@\\[-\\^`{-\\u{10FFFF}'],
  xdigit: ['0-9A-Fa-f', '\\0-/:-@G-`g-\\u{10FFFF}'],
};

/** Cases are spelled out for ranges up to this size; larger ones hold both cases of nearly all their letters anyway. */
const MAX_FOLDED_RANGE = 1024;

interface ClassFlags {
  readonly ignoreCase: boolean;
}

/**
 * Takes a class; the reader stands before its bracket.
 *
 * @throws PatternError when it does not end, or holds a range from high to low.
 */
export function parseClass(reader: PatternReader, flags: ClassFlags): string {
  const from = reader.position();
  reader.next();
  let source = reader.take('^') ? '[^' : '[';
  // A bracket directly after the opening stands for itself.
  for (let isFirst = true; isFirst || reader.peek() !== ']'; isFirst = false) {
    if (reader.isAtEnd()) throw new PatternError('missing closing ]', reader.from(from, 40));
    source += posix(reader) ?? range(reader, flags);
  }
  reader.next();
  return `${source}]`;
}

function posix(reader: PatternReader): string | undefined {
  const found = reader.match(/\[:(\^?)(\w+):\]/y);
  if (found === undefined) return undefined;
  const [whole, caret, name = ''] = found;
  const pair = POSIX[name];
  if (pair === undefined) throw new PatternError('invalid character class range', whole);
  return pair[caret === '^' ? 1 : 0];
}

function range(reader: PatternReader, flags: ClassFlags): string {
  const from = reader.position();
  const low = member(reader);
  const isRange = reader.match(/-(?!\])/y) !== undefined;
  if (low.character === undefined && isRange) {
    throw new PatternError('invalid character class range', reader.since(from));
  }
  if (low.character === undefined) return low.source;
  if (!isRange) return folded(low.character, low.character, flags);
  const high = member(reader).character;
  if (high === undefined || codeOf(high) < codeOf(low.character)) {
    throw new PatternError('invalid character class range', reader.since(from));
  }
  return folded(low.character, high, flags);
}

interface Member {
  /** The one character that the member is; `undefined` for a class. */
  readonly character: string | undefined;
  readonly source: string;
}

function member(reader: PatternReader): Member {
  if (reader.isAtEnd()) throw new PatternError('missing closing ]', reader.pattern);
  if (reader.peek() !== '\\') {
    const character = reader.next();
    return { character, source: escapeForClass(character) };
  }
  const from = reader.position();
  const escape = parseEscape(reader);
  const source = insideClass(escape, reader.since(from));
  const isCharacter = escape.kind === 'literal' && Array.from(escape.text).length === 1;
  return { character: isCharacter ? escape.text : undefined, source };
}

function folded(low: string, high: string, { ignoreCase }: ClassFlags): string {
  const plain =
    low === high ? escapeForClass(low) : `${escapeForClass(low)}-${escapeForClass(high)}`;
  const size = codeOf(high) - codeOf(low) + 1;
  if (!ignoreCase || size > MAX_FOLDED_RANGE) return plain;
  const variants = Array.from({ length: size }, (_, i) =>
    caseVariants(String.fromCodePoint(codeOf(low) + i)).slice(1),
  );
  return plain + variants.flat().map(escapeForClass).join('');
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
