import type { SyntaxNode } from '@lezer/common';

/**
 * One part of a chain of operators. The grammar parses such chains, but binds what follows an operand (`offset`, `@`, a range)
 * and signs more loosely than PromQL does; so its nesting is undone here, and `parseChain` nests anew.
 */
export type ChainPart =
  | { readonly kind: 'operand'; readonly node: SyntaxNode; readonly from: number }
  | { readonly kind: 'sign'; readonly op: '+' | '-'; readonly from: number }
  /** What follows an operand; `node` is the grammar's for both. */
  | { readonly kind: 'suffix'; readonly node: SyntaxNode }
  | { readonly kind: 'operator'; readonly node: SyntaxNode; readonly opNode: SyntaxNode };

const SUFFIXES: ReadonlySet<string> = new Set([
  ...['OffsetExpr', 'StepInvariantExpr', 'MatrixSelector', 'SubqueryExpr'],
  ...['AnchoredExpr', 'SmoothedExpr'],
]);

/** Lays out the chain that begins at a node, in the order of the text; at most `limit` + 1 parts. */
export function flattenChain(root: SyntaxNode, text: string, limit: number): ChainPart[] {
  const parts: ChainPart[] = [];
  // A stack of its own: a chain may be deeper than the call stack is.
  const pending: (SyntaxNode | ChainPart)[] = [root];
  while (pending.length > 0 && parts.length <= limit) {
    const next = pending.pop();
    if (next === undefined) break;
    if ('kind' in next) parts.push(next);
    else pending.push(...expand(next, text).toReversed());
  }
  return parts;
}

/** A node's parts, or the nodes that its parts come from. */
function expand(node: SyntaxNode, text: string): (SyntaxNode | ChainPart)[] {
  if (SUFFIXES.has(node.name)) return [...first(node), { kind: 'suffix', node }];
  if (node.name === 'BinaryExpr') return expandBinary(node);
  const sign = text[node.from] === '-' ? '-' : '+';
  if (node.name === 'UnaryExpr') {
    const operand = node.lastChild;
    return [{ kind: 'sign', op: sign, from: node.from }, ...(operand === null ? [] : [operand])];
  }
  if (node.name !== 'NumberDurationLiteral' || !/[-+]/.test(text[node.from] ?? '')) {
    return [{ kind: 'operand', node, from: node.from }];
  }
  const digitsFrom = node.from + (/^[-+]\s*/.exec(text.slice(node.from, node.to))?.[0].length ?? 0);
  return [
    { kind: 'sign', op: sign, from: node.from },
    { kind: 'operand', node, from: digitsFrom },
  ];
}

function expandBinary(node: SyntaxNode): (SyntaxNode | ChainPart)[] {
  const left = node.firstChild;
  const opNode = left?.nextSibling ?? null;
  const right = node.lastChild;
  if (left === null || opNode === null || right === null) return [];
  return [left, { kind: 'operator', node, opNode }, right];
}

function first(node: SyntaxNode): SyntaxNode[] {
  return node.firstChild === null ? [] : [node.firstChild];
}
