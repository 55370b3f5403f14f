import { escapeForClass } from './character.ts';
import type { PatternReader } from './pattern-reader.ts';
import { PatternError } from './pattern-error.ts';

/** What a backslash begins. */
export type Escape =
  | { readonly kind: 'literal'; readonly text: string }
  /** `source` is the inside of a class. */
  | { readonly kind: 'class'; readonly source: string; readonly negated: boolean }
  | { readonly kind: 'assertion'; readonly source: string };

/** Perl's classes as RE2 knows them: ASCII only, and without the vertical tab among the blanks. */
const CLASSES: Readonly<Record<string, string>> = {
  d: '0-9',
  w: '0-9A-Za-z_',
  s: '\\t\\n\\f\\r ',
};

const ASSERTIONS: Readonly<Record<string, string>> = {
  A: '(?<![^])',
  z: '(?![^])',
  b: '\\b',
  B: '\\B',
};

const CONTROLS: Readonly<Record<string, string>> = {
  a: '\u0007',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/**
 * Takes an escape sequence; the reader stands before its backslash.
 *
 * @throws PatternError for back-references and other sequences that RE2 refuses.
 */
export function parseEscape(reader: PatternReader): Escape {
  const from = reader.position();
  const quoted = reader.match(/\\Q([^]*?)(?:\\E|$)/y);
  if (quoted !== undefined) return { kind: 'literal', text: quoted[1] ?? '' };
  const property = parseProperty(reader);
  if (property !== undefined) return property;
  const code = parseCode(reader);
  if (code !== undefined) return code;
  reader.next();
  if (reader.isAtEnd()) throw new PatternError('trailing backslash at end of expression', '');
  return single(reader.next(), reader, from);
}

function single(letter: string, reader: PatternReader, from: number): Escape {
  const assertion = ASSERTIONS[letter];
  if (assertion !== undefined) return { kind: 'assertion', source: assertion };
  const classSource = CLASSES[letter.toLowerCase()];
  if (classSource !== undefined) {
    return { kind: 'class', source: classSource, negated: letter < 'a' };
  }
  const text = CONTROLS[letter] ?? (/[!-/:-@[-`{-~]/.test(letter) ? letter : undefined);
  if (text === undefined) throw new PatternError('invalid escape sequence', reader.since(from));
  return { kind: 'literal', text };
}

/** `\x7F`, `\x{10FFFF}`, `\123`. A single digit other than 0 would be a back-reference. */
function parseCode(reader: PatternReader): Escape | undefined {
  const found = reader.match(
    /\\(?:x([0-9A-Fa-f]{2})|x\{([0-9A-Fa-f]{1,8})\}|(0[0-7]{0,2}|[1-7][0-7]{1,2}))/y,
  );
  if (found === undefined) return undefined;
  const [whole, short, long, octal] = found;
  const code = Number.parseInt(short ?? long ?? octal ?? '', octal === undefined ? 16 : 8);
  if (code > 0x10_ffff) throw new PatternError('invalid escape sequence', whole);
  return { kind: 'literal', text: String.fromCodePoint(code) };
}

/** `\pL`, `\p{Greek}`, `\P{Lu}`, `\p{^Han}`. */
function parseProperty(reader: PatternReader): Escape | undefined {
  const found = reader.match(/\\([pP])(?:\{(\^?)(\w+)\}|([A-Z]))/y);
  if (found === undefined) return undefined;
  const [whole, letter, caret, long, short] = found;
  const name = long ?? short ?? '';
  const property = name.length <= 2 ? name : `Script=${name}`;
  const source = name === 'Any' ? '\\p{Any}' : `\\p{${property}}`;
  if (!isKnown(source)) throw new PatternError('invalid character class range', whole);
  return {
    kind: 'class',
    source,
    negated: (letter === 'P') !== (caret === '^'),
  };
}

/** Whether JavaScript knows a class of Unicode. */
function isKnown(property: string): boolean {
  try {
    return new RegExp(property, 'u').unicode;
  } catch {
    return false;
  }
}

/** The inside of a class that the escape stands for. */
export function insideClass(escape: Escape, part: string): string {
  switch (escape.kind) {
    case 'literal':
      return Array.from(escape.text, escapeForClass).join('');
    case 'class':
      return escape.negated ? negate(escape.source) : escape.source;
    case 'assertion':
      throw new PatternError('invalid escape sequence', part);
  }
}

const NEGATED: Readonly<Record<string, string>> = {
  '0-9': '\\0-/:-\\u{10FFFF}',
  '0-9A-Za-z_': '\\0-/:-@\\[-\\^`{-\\u{10FFFF}',
  '\\t\\n\\f\\r ': '\\0-\\x08\\x0B\\x0E-\\x1F!-\\u{10FFFF}',
};

function negate(source: string): string {
  return NEGATED[source] ?? source.replace('\\p', '\\P');
}
