import type { SyntaxNode } from '@lezer/common';
import { parseError } from '../errors.ts';
import type { Matching } from './ast.ts';
import { LiteralError, unquote } from './literal.ts';
import type { SourceText } from './source-text.ts';

/** The `on`, `ignoring`, `group_left` and `group_right` of a binary expression. */
export function convertMatching(node: SyntaxNode, source: SourceText): Matching {
  const clause = node.getChild('MatchingModifierClause');
  const lists = clause?.getChildren('GroupingLabels') ?? [];
  return {
    on: clause?.getChild('On') != null,
    labels: convertNames(lists[0] ?? null, source),
    group: groupOf(clause),
    include: convertNames(lists[1] ?? null, source),
  };
}

function groupOf(clause: SyntaxNode | null): 'left' | 'right' | undefined {
  if (clause?.getChild('GroupLeft') != null) return 'left';
  return clause?.getChild('GroupRight') == null ? undefined : 'right';
}

/** The label names of a list in parentheses; none when there is no list. */
export function convertNames(list: SyntaxNode | null, source: SourceText): string[] {
  const names: string[] = [];
  for (let child = list?.firstChild ?? null; child !== null; child = child.nextSibling) {
    if (child.name === 'LabelName') names.push(source.slice(child.from, child.to));
    if (child.name === 'QuotedLabelName') names.push(unquoteName(child, source));
  }
  return names;
}

/**
 * A name or a value in quotes.
 *
 * @throws PromqlError `bad_data` when it is no string, or for a name that is no text.
 */
export function unquoteName(node: SyntaxNode, source: SourceText): string {
  const name = unquoteText(node, source);
  if (name === '' || !name.isWellFormed()) {
    const position = source.positionOf(node.from, node.to);
    throw parseError(position, `invalid label name ${source.slice(node.from, node.to)}`);
  }
  return name;
}

/** A string of the grammar without its quotes. */
export function unquoteText(node: SyntaxNode, source: SourceText): string {
  try {
    return unquote(source.slice(node.from, node.to));
  } catch (error) {
    if (!(error instanceof LiteralError)) throw error;
    throw parseError(source.positionOf(node.from, node.to), error.message);
  }
}
