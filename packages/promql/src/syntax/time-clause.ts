import type { SyntaxNode } from '@lezer/common';
import { parseError, unsupportedError } from '../errors.ts';
import { typeOf } from './ast.ts';
import type { At, Expr, Position, RangeSelector, Subquery, VectorSelector } from './ast.ts';
import { parseDuration, parseNumber } from './literal.ts';
import type { SourceText } from './source-text.ts';

/** Instants and durations stay within a Date's range, so that their sums are exact integers. */
const MAX_TIME_MS = 8.64e15;

/** What `offset` and `@` may follow. */
type Shiftable = VectorSelector | RangeSelector | Subquery;

/** The expression with the `offset` that the node gives it. */
export function applyOffset(expr: Expr, node: SyntaxNode, source: SourceText): Expr {
  const position = source.positionOf(expr.position.from, node.to);
  const target = shiftable(expr, 'offset modifier');
  if (shiftOf(target).offsetMs !== 0) {
    throw parseError(expr.position, 'offset may not be set multiple times');
  }
  const [durationNode] = node.getChildren('OffsetDurationExpr');
  const offsetMs = readSignedDurationMs(durationNode, position, source);
  return shift(target, { offsetMs }, position);
}

/** The expression with the `@` that the node gives it. */
export function applyAt(expr: Expr, node: SyntaxNode, source: SourceText): Expr {
  const position = source.positionOf(expr.position.from, node.to);
  const target = shiftable(expr, '@ modifier');
  if (shiftOf(target).at !== undefined) {
    throw parseError(expr.position, '@ <timestamp> may not be set multiple times');
  }
  return shift(target, { at: readAt(node, position, source) }, position);
}

function shiftable(expr: Expr, what: string): Shiftable {
  if (expr.kind === 'selector' || expr.kind === 'range' || expr.kind === 'subquery') return expr;
  throw parseError(
    expr.position,
    `${what} must be preceded by an instant vector selector or range vector selector or a subquery`,
  );
}

function shiftOf(expr: Shiftable): VectorSelector | Subquery {
  return expr.kind === 'range' ? expr.selector : expr;
}

function shift(
  expr: Shiftable,
  change: Partial<Pick<Subquery, 'offsetMs' | 'at'>>,
  position: Position,
): Expr {
  return expr.kind === 'range'
    ? { ...expr, selector: { ...expr.selector, ...change }, position }
    : { ...expr, ...change, position };
}

function readAt(node: SyntaxNode, position: Position, source: SourceText): At {
  const preprocessor = node.getChild('AtModifierPreprocessors');
  if (preprocessor !== null) {
    return /^start/i.test(source.slice(preprocessor.from, preprocessor.to)) ? 'start' : 'end';
  }
  const literal = node.getChild('At')?.nextSibling;
  const seconds = literal == null ? Number.NaN : readSeconds(literal, source);
  const tMs = Math.round(seconds * 1000);
  if (!(Math.abs(tMs) <= MAX_TIME_MS)) {
    throw parseError(position, `timestamp out of bounds for @ modifier: got ${seconds}`);
  }
  return tMs;
}

function readSeconds(node: SyntaxNode, source: SourceText): number {
  const text = source.slice(node.from, node.to);
  const digits = text.replace(/^[-+]\s*/, '');
  const durationMs = parseDuration(digits);
  const size = durationMs === undefined ? parseNumber(digits) : durationMs / 1000;
  return text.startsWith('-') ? -size : size;
}

/** The range vector that a duration in brackets makes of a selector. */
export function applyRange(expr: Expr, node: SyntaxNode, source: SourceText): RangeSelector {
  const position = source.positionOf(expr.position.from, node.to);
  if (expr.kind !== 'selector') {
    throw parseError(position, 'ranges only allowed for vector selectors');
  }
  if (expr.offsetMs !== 0) throw parseError(position, 'no offset modifiers allowed before range');
  if (expr.at !== undefined) throw parseError(position, 'no @ modifiers allowed before range');
  const [duration] = node.getChildren('DurationExpr');
  const rangeMs = readDurationMs(duration, position, source);
  return { kind: 'range', selector: expr, rangeMs, position };
}

/** The subquery that a range and a step make of an expression. */
export function applySubquery(expr: Expr, node: SyntaxNode, source: SourceText): Subquery {
  const position = source.positionOf(expr.position.from, node.to);
  if (typeOf(expr) !== 'vector') {
    throw parseError(
      position,
      `subquery is only allowed on instant vector, got ${typeOf(expr)} instead`,
    );
  }
  const [range, step] = node.getChildren('DurationExpr');
  return {
    kind: 'subquery',
    expr,
    rangeMs: readDurationMs(range, position, source),
    stepMs: step === undefined ? undefined : readDurationMs(step, position, source),
    offsetMs: 0,
    at: undefined,
    position,
  };
}

/** A literal duration in milliseconds, above zero. */
function readDurationMs(
  node: SyntaxNode | undefined,
  position: Position,
  source: SourceText,
): number {
  const durationMs = readSignedDurationMs(node, position, source);
  if (durationMs <= 0) throw parseError(position, 'duration must be greater than 0');
  return durationMs;
}

function readSignedDurationMs(
  node: SyntaxNode | undefined,
  position: Position,
  source: SourceText,
): number {
  const text = node === undefined ? '' : source.slice(node.from, node.to);
  const match = /^([-+]?)\s*([\w.]+)$/.exec(text);
  const [, sign, digits = ''] = match ?? [];
  const sizeMs = parseDuration(digits) ?? parseNumber(digits) * 1000;
  if (match === null || Number.isNaN(sizeMs)) {
    throw unsupportedError(position, 'expressions in place of a duration are experimental');
  }
  if (sizeMs > MAX_TIME_MS) {
    throw parseError(position, `duration out of range: got ${text}; want at most 8.64e12 seconds`);
  }
  return Math.trunc(sign === '-' ? -sizeMs : sizeMs);
}
