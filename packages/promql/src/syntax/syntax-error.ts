import { type PromqlError, parseError, unsupportedError } from '../errors.ts';
import { reasonLeftOut } from './function-signature.ts';
import { quote } from './quotation.ts';
import type { SourceText } from './source-text.ts';

/**
 * The error of a text that is no PromQL.
 *
 * @param offset Where the grammar could not go on.
 */
export function syntaxError(source: SourceText, offset: number): PromqlError {
  const from = skipBlanks(source.text, offset);
  if (source.slice(from - 1, from + 1) === '::') {
    return unsupportedError(
      source.positionOf(from, from + 1),
      'aligned subqueries are experimental',
    );
  }
  if (isDurationExpression(source, from)) {
    const position = source.positionOf(from, from);
    return unsupportedError(position, 'expressions in place of a duration are experimental');
  }
  return unknownFunction(source, from) ?? unexpected(source, from);
}

/** Where a duration must stand, newer Prometheus can compute one; the grammar does not know all the words yet. */
function isDurationExpression(source: SourceText, from: number): boolean {
  const before = source.slice(Math.max(0, from - MAX_NAME_LENGTH), from);
  return (
    /(?:[[:]|\boffset)\s*$/i.test(before) && /^(?:min|max)\s*\(/.test(source.slice(from, from + 10))
  );
}

/** A name directly before an unexpected parenthesis was meant as a function. */
function unknownFunction(source: SourceText, from: number): PromqlError | undefined {
  const start = Math.max(0, from - MAX_NAME_LENGTH);
  const before = /([a-zA-Z_:][a-zA-Z0-9_:]*)\s*$/.exec(source.slice(start, from));
  if (source.text[from] !== '(' || before === null) return undefined;
  const [whole, name = ''] = before;
  const position = source.positionOf(from - whole.length, from - whole.length + name.length);
  const reason = reasonLeftOut(name);
  if (reason !== undefined) return unsupportedError(position, reason);
  return parseError(position, `unknown function with name ${quote(name)}`);
}

/** Longer than any function's name; bounds the search before a parenthesis. */
const MAX_NAME_LENGTH = 256;

/** Longer words are cut in messages. */
const MAX_SHOWN_LENGTH = 40;

function unexpected(source: SourceText, from: number): PromqlError {
  const word =
    /^(?:[\w:]+|["'`].*|.)?/su.exec(source.slice(from, from + MAX_SHOWN_LENGTH))?.[0] ?? '';
  const position = source.positionOf(from, from + word.length);
  if (word === '') return parseError(position, 'unexpected end of input');
  return parseError(position, `unexpected ${nameOf(word)}${quote(word)}${hintAt(from)}`);
}

/** Where the grammar's parser may give up on what is well formed, but nests too deep or is too long a chain of operators. */
const DEEP_OFFSET = 2000;

function hintAt(offset: number): string {
  return offset < DEEP_OFFSET
    ? ''
    : ', or too deep a nesting or too long a chain of operators before';
}

function nameOf(word: string): string {
  if (/^\d/.test(word)) return 'number ';
  return /^\w/.test(word) ? 'identifier ' : '';
}

function skipBlanks(text: string, from: number): number {
  const rest = /(?:\s|#[^\n]*)*/y;
  rest.lastIndex = from;
  return from + (rest.exec(text)?.[0].length ?? 0);
}
