import type { SyntaxNode, Tree } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import { parseError } from '../errors.ts';
import type { Expr } from './ast.ts';
import { checkTypes } from './type-check.ts';
import { createSourceText, type SourceText } from './source-text.ts';
import { syntaxError } from './syntax-error.ts';
import { convertTree } from './tree.ts';

/** The longest query that is parsed, in UTF-16 code units: parsing takes about 4 us for each in the worst case. */
export const MAX_QUERY_LENGTH = 100_000;

/**
 * Parses a query and checks its types.
 *
 * @throws PromqlError `bad_data`, with the position and Prometheus' wording, when the query is no PromQL, is not well
 * typed, is too long or too deep, or asks for what the engine leaves out (`unsupported` is then true).
 */
export function parse(query: string): Expr {
  const source = createSourceText(query.slice(0, MAX_QUERY_LENGTH));
  if (query.length > MAX_QUERY_LENGTH) {
    const limit = `got ${query.length} characters; want at most ${MAX_QUERY_LENGTH}`;
    throw parseError(source.positionOf(0, 0), `the query is too long: ${limit}`);
  }
  if (query.trim() === '') {
    throw parseError(source.positionOf(0, 0), 'no expression found in input');
  }
  const tree = parseTree(source);
  const root = skipComments(tree.topNode.firstChild);
  if (root === null) throw parseError(source.positionOf(0, 0), 'no expression found in input');
  const expr = convertTree(root, source);
  checkTypes(expr);
  return expr;
}

const strictParser = parser.configure({ strict: true });

/** The grammar's tree; strict, because the recovery from errors costs much and helps only an editor. */
function parseTree(source: SourceText): Tree {
  try {
    return strictParser.parse(withClosedDecimals(source.text));
  } catch (error) {
    const offset =
      error instanceof SyntaxError ? /^No parse at (\d+)/.exec(error.message)?.[1] : undefined;
    if (offset === undefined) throw error;
    throw syntaxError(source, Number(offset));
  }
}

/** The node, or the first after it that is no comment. */
function skipComments(node: SyntaxNode | null): SyntaxNode | null {
  let next = node;
  while (next !== null && next.name === 'LineComment') next = next.nextSibling;
  return next;
}

/** Strings that do not end go to the end, so that no text is read twice. */
const STRING_OR_OPEN_DECIMAL =
  /"(?:\\[^]?|[^"\\])*(?:"|$)|'(?:\\[^]?|[^'\\])*(?:'|$)|`[^`]*(?:`|$)|#[^\n]*|(?<![\w.:])(\d[\d_]*)\.(?!\d)/g;

/**
 * The text with `2.` written `02`, which the grammar takes and PromQL's `2.` it does not. Nothing moves: the literal itself
 * is read from the original text.
 */
function withClosedDecimals(query: string): string {
  return query.replaceAll(STRING_OR_OPEN_DECIMAL, (whole: string, digits: string | undefined) =>
    digits === undefined ? whole : `0${digits}`,
  );
}
