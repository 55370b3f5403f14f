import type { SyntaxNode } from '@lezer/common';
import {
  compilePattern,
  type Matcher,
  type MatcherOp,
  METRIC_NAME,
  PatternError,
} from '@hubpulse/model';
import { parseError } from '../errors.ts';
import type { Position, VectorSelector } from './ast.ts';
import { unquoteName, unquoteText } from './matching-clause.ts';
import { quote } from './quotation.ts';
import type { SourceText } from './source-text.ts';

/**
 * A vector selector with its matchers.
 *
 * @throws PromqlError `bad_data` for a bad pattern, a name set twice, or when every series would match.
 */
export function convertSelector(node: SyntaxNode, source: SourceText): VectorSelector {
  const position = source.positionOf(node.from, node.to);
  const nameNode = node.getChild('Identifier');
  const name = nameNode === null ? undefined : source.slice(nameNode.from, nameNode.to);
  if (name !== undefined && /^atan2$/i.test(name)) {
    throw parseError(position, `unexpected <op:${name}>`);
  }
  const inside = convertMatchers(node.getChild('LabelMatchers'), source);
  checkName(name, inside, position);
  const matchers =
    name === undefined ? inside : [...inside, { name: METRIC_NAME, op: '=' as const, value: name }];
  if (matchers.every(takesEmpty)) {
    throw parseError(position, 'vector selector must contain at least one non-empty matcher');
  }
  return { kind: 'selector', name, matchers, offsetMs: 0, at: undefined, position };
}

function checkName(
  name: string | undefined,
  matchers: readonly Matcher[],
  position: Position,
): void {
  const second = matchers.find((matcher) => matcher.name === METRIC_NAME);
  if (name === undefined || second === undefined) return;
  throw parseError(
    position,
    `metric name must not be set twice: ${quote(name)} or ${quote(second.value)}`,
  );
}

/** Whether a series without the label would pass. */
function takesEmpty({ op, value }: Matcher): boolean {
  switch (op) {
    case '=':
      return value === '';
    case '!=':
      return value !== '';
    case '=~':
      return compilePattern(value)('');
    case '!~':
      return !compilePattern(value)('');
  }
}

function convertMatchers(list: SyntaxNode | null, source: SourceText): Matcher[] {
  const matchers: Matcher[] = [];
  for (let child = list?.firstChild ?? null; child !== null; child = child.nextSibling) {
    const matcher = convertMatcher(child, source);
    if (matcher !== undefined) matchers.push(matcher);
  }
  return matchers;
}

function convertMatcher(node: SyntaxNode, source: SourceText): Matcher | undefined {
  if (node.name === 'QuotedLabelName') {
    return { name: METRIC_NAME, op: '=', value: unquoteName(node, source) };
  }
  const opNode = node.getChild('MatchOp');
  const valueNode = node.getChild('StringLiteral');
  if (opNode === null || valueNode === null) return undefined;
  const op = source.slice(opNode.from, opNode.to) as MatcherOp;
  const value = unquoteText(valueNode, source);
  if (op === '=~' || op === '!~') checkPattern(value, source.positionOf(node.from, node.to));
  return { name: nameOf(node, source), op, value };
}

function nameOf(node: SyntaxNode, source: SourceText): string {
  const quoted = node.getChild('QuotedLabelName');
  if (quoted !== null) return unquoteName(quoted, source);
  const plain = node.getChild('LabelName');
  return plain === null ? '' : source.slice(plain.from, plain.to);
}

function checkPattern(pattern: string, position: Position): void {
  try {
    compilePattern(pattern);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw parseError(position, error.message);
  }
}
