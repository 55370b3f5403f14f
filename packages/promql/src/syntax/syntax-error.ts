import type { SyntaxNode, Tree } from '@lezer/common';
import { type PromqlError, parseError, unsupportedError } from '../errors.ts';
import { reasonLeftOut } from './function-signature.ts';
import { quote } from './quotation.ts';
import type { SourceText } from './source-text.ts';

/** The first place at which the text is no PromQL, as an error; `undefined` when it is PromQL throughout. */
export function findSyntaxError(tree: Tree, source: SourceText): PromqlError | undefined {
  const cursor = tree.cursor();
  do {
    if (cursor.type.isError) return describe(cursor.node, source);
  } while (cursor.next());
  return undefined;
}

function describe(node: SyntaxNode, source: SourceText): PromqlError {
  const from = skipBlanks(source.text, node.from);
  return unknownFunction(source, from) ?? unexpected(source, from);
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
  return parseError(position, `unexpected ${nameOf(word)}${quote(word)}`);
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
