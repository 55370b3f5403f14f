import { caseVariants, escapeForClass, escapeLiteral } from './character.ts';
import { parseClass } from './character-class.ts';
import { type Escape, parseEscape } from './escape.ts';
import { PatternError } from './pattern-error.ts';
import { createPatternReader, type PatternReader } from './pattern-reader.ts';
import { parseRepetition } from './repetition.ts';

/** An RE2 pattern in the words of JavaScript. */
export interface TranslatedPattern {
  /** For `RegExp` with the flags `su`; its groups have the numbers of the original's. */
  readonly source: string;
  /** Named groups and their numbers. */
  readonly names: ReadonlyMap<string, number>;
}

/** Bounds what the translation and the compilation of one pattern cost. */
const MAX_PATTERN_LENGTH = 50_000;

/** Go's limit of nested groups. */
const MAX_DEPTH = 1000;

/** Go's limit of how often a repetition, with those inside of it, may copy its content. */
const MAX_REPEAT = 1000;

interface Flags {
  readonly ignoreCase: boolean;
  readonly dotAll: boolean;
  readonly multiline: boolean;
  readonly ungreedy: boolean;
}

interface Translation {
  readonly reader: PatternReader;
  readonly names: Map<string, number>;
  groups: number;
  depth: number;
  flags: Flags;
}

/** A translated piece, and how often its content is copied at most. */
interface Piece {
  readonly source: string;
  readonly copies: number;
}

/**
 * Translates an RE2 pattern. What JavaScript understands otherwise is spelled out: flags, classes, escapes, anchors.
 * Repeated groups may take longer than RE2 would, because JavaScript backtracks.
 *
 * @throws PatternError for what RE2 refuses (look-around, back-references, …) and for patterns over 50,000 characters.
 */
export function translatePattern(pattern: string): TranslatedPattern {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    const what = `expression too long (got ${pattern.length} characters; want at most ${MAX_PATTERN_LENGTH})`;
    throw new PatternError(what, `${pattern.slice(0, 40)}…`);
  }
  const translation: Translation = {
    reader: createPatternReader(pattern),
    names: new Map(),
    groups: 0,
    depth: 0,
    // As Prometheus compiles: a dot matches line feeds too.
    flags: { ignoreCase: false, dotAll: true, multiline: false, ungreedy: false },
  };
  const { source } = alternation(translation);
  if (!translation.reader.isAtEnd()) throw new PatternError('unexpected )', pattern);
  return { source, names: translation.names };
}

function alternation(translation: Translation): Piece {
  const { reader } = translation;
  const branches = [concatenation(translation)];
  while (reader.take('|')) branches.push(concatenation(translation));
  return {
    source: branches.map(({ source }) => source).join('|'),
    copies: Math.max(...branches.map(({ copies }) => copies)),
  };
}

function concatenation(translation: Translation): Piece {
  const { reader } = translation;
  let source = '';
  let copies = 1;
  while (!reader.isAtEnd() && reader.peek() !== '|' && reader.peek() !== ')') {
    const piece = repeated(translation, atom(translation));
    source += piece.source;
    copies = Math.max(copies, piece.copies);
  }
  return { source, copies };
}

function repeated(translation: Translation, piece: Piece | undefined): Piece {
  const { reader, flags } = translation;
  const from = reader.position();
  const repetition = parseRepetition(reader);
  if (repetition === undefined) return piece ?? { source: '', copies: 1 };
  const text = reader.since(from);
  if (piece === undefined) throw new PatternError('missing argument to repetition operator', text);
  const { most, quantifier, isLazy } = repetition;
  const copies = piece.copies * Math.max(most, 1);
  if (most > MAX_REPEAT || copies > MAX_REPEAT)
    throw new PatternError('invalid repeat count', text);
  const second = parseRepetition(reader);
  if (second !== undefined) {
    throw new PatternError('invalid nested repetition operator', reader.since(from));
  }
  const lazy = isLazy === flags.ungreedy ? '' : '?';
  return { source: `(?:${piece.source})${quantifier}${lazy}`, copies };
}

/** One thing that may be repeated; `undefined` for nothing, such as flags or a repetition without a thing before it. */
function atom(translation: Translation): Piece | undefined {
  const { reader, flags } = translation;
  const character = reader.peek();
  if (character === '(') return group(translation);
  if ('*+?'.includes(character)) return undefined;
  if (character === '[') return { source: parseClass(reader, flags), copies: 1 };
  if (character === '\\') return { source: escapeSource(parseEscape(reader), flags), copies: 1 };
  reader.next();
  return { source: plain(character, flags), copies: 1 };
}

function plain(character: string, flags: Flags): string {
  if (character === '.') return flags.dotAll ? '[^]' : '[^\\n]';
  if (character === '^') return flags.multiline ? '(?<![^\\n])' : '(?<![^])';
  if (character === '$') return flags.multiline ? '(?![^\\n])' : '(?![^])';
  return literal(character, flags);
}

function literal(text: string, { ignoreCase }: Flags): string {
  if (!ignoreCase) return escapeLiteral(text);
  return Array.from(text, (character) => {
    const variants = caseVariants(character);
    return variants.length === 1
      ? escapeLiteral(character)
      : `[${variants.map(escapeForClass).join('')}]`;
  }).join('');
}

function escapeSource(escape: Escape, flags: Flags): string {
  switch (escape.kind) {
    case 'literal':
      return literal(escape.text, flags);
    case 'class':
      return `[${escape.negated ? '^' : ''}${escape.source}]`;
    case 'assertion':
      return escape.source;
  }
}

function group(translation: Translation): Piece | undefined {
  const { reader } = translation;
  const from = reader.position();
  const outer = translation.flags;
  reader.next();
  const opening = reader.take('?') ? special(translation, from) : capture(translation);
  // Flags alone hold until the surrounding group ends.
  if (opening === undefined) return undefined;
  translation.depth += 1;
  if (translation.depth > MAX_DEPTH) {
    throw new PatternError('expression nests too deeply', reader.since(from));
  }
  const content = alternation(translation);
  if (!reader.take(')')) throw new PatternError('missing closing )', reader.pattern);
  translation.depth -= 1;
  translation.flags = outer;
  return { source: `${opening}${content.source})`, copies: content.copies };
}

function capture(translation: Translation): string {
  translation.groups += 1;
  return '(';
}

/** What follows `(?`: a name, or flags. Gives the opening of the group, nothing when flags stand alone. */
function special(translation: Translation, from: number): string | undefined {
  const { reader } = translation;
  const name = reader.match(/P?<([^>]*)>/y);
  if (name !== undefined) return named(translation, name[1] ?? '', from);
  const flags = reader.match(/([imsU]*)(?:-([imsU]+))?([:)])/y);
  if (flags === undefined) {
    throw new PatternError('invalid or unsupported Perl syntax', reader.from(from, 4));
  }
  const [, on = '', off = '', end] = flags;
  translation.flags = changeFlags(changeFlags(translation.flags, on, true), off, false);
  return end === ':' ? '(?:' : undefined;
}

function named(translation: Translation, name: string, from: number): string {
  if (!/^\w+$/.test(name)) {
    throw new PatternError('invalid named capture', translation.reader.since(from));
  }
  if (translation.names.has(name)) throw new PatternError('duplicate capture group name', name);
  const opening = capture(translation);
  translation.names.set(name, translation.groups);
  return opening;
}

function changeFlags(flags: Flags, letters: string, value: boolean): Flags {
  return {
    ignoreCase: letters.includes('i') ? value : flags.ignoreCase,
    dotAll: letters.includes('s') ? value : flags.dotAll,
    multiline: letters.includes('m') ? value : flags.multiline,
    ungreedy: letters.includes('U') ? value : flags.ungreedy,
  };
}
