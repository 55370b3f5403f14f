import type { SyntaxNode } from '@lezer/common';
import { parseError, unsupportedError } from '../errors.ts';
import type { BinaryOp, Expr, NumberLiteral, StringLiteral } from './ast.ts';
import { convertAggregation, convertCall } from './call-clause.ts';
import type { Converter } from './converter.ts';
import { type ChainPart, flattenChain } from './chain.ts';
import { LiteralError, parseDuration, parseNumber, unquote } from './literal.ts';
import { convertMatching } from './matching-clause.ts';
import { POWER_PRECEDENCE, precedenceOf } from './precedence.ts';
import { convertSelector } from './selector-clause.ts';
import type { SourceText } from './source-text.ts';
import { applyAt, applyOffset, applyRange, applySubquery } from './time-clause.ts';

/**
 * How deep expressions may nest: operands and operators count once, what nests four times, because each level takes more
 * of the stack, here and in the evaluation.
 */
const MAX_DEPTH = 2000;
const NESTING_COST = 4;

/**
 * Makes our expression of the grammar's tree.
 *
 * @throws PromqlError `bad_data` for what the grammar lets pass and PromQL does not, and for too deep a nesting.
 */
export function convertTree(root: SyntaxNode, source: SourceText): Expr {
  let depth = 0;
  const converter: Converter = {
    source,
    convert: (node) => {
      const before = depth;
      const parts = flattenChain(node, source.text, MAX_DEPTH);
      depth += NESTING_COST + parts.reduce((sum, part) => sum + costOf(part), 0);
      if (depth > MAX_DEPTH) {
        const position = source.positionOf(node.from, node.to);
        throw parseError(position, 'the expression nests too deep: want fewer levels or operators');
      }
      const expr = parseChain(parts, converter);
      depth = before;
      return expr;
    },
  };
  return converter.convert(root);
}

/** Signs and powers nest to the right, and so take the stack here too. */
function costOf(part: ChainPart): number {
  const nests = part.kind === 'sign' || (part.kind === 'operator' && part.opNode.name === 'Pow');
  return nests ? NESTING_COST : 1;
}

/** The parts of a chain that are still to be read. */
interface Rest {
  readonly parts: readonly ChainPart[];
  next: number;
}

function parseChain(parts: readonly ChainPart[], converter: Converter): Expr {
  return parseOperators({ parts, next: 0 }, 0, converter);
}

/** Reads operators that bind at least as tightly as `least`, with their operands. */
function parseOperators(rest: Rest, least: number, converter: Converter): Expr {
  let left = parseOperand(rest, converter);
  for (let part = rest.parts[rest.next]; part?.kind === 'operator'; part = rest.parts[rest.next]) {
    const op = readOperator(part, converter.source);
    const precedence = precedenceOf(op);
    if (precedence < least) break;
    rest.next += 1;
    // Only a power groups to the right.
    const right = parseOperators(rest, op === '^' ? precedence : precedence + 1, converter);
    left = combine(left, right, { part, op, source: converter.source });
  }
  return left;
}

type OperatorPart = Extract<ChainPart, { kind: 'operator' }>;

/** Operators that the grammar names and the engine leaves out. */
const TRIMS: ReadonlySet<string> = new Set(['TrimUpper', 'TrimLower']);

function readOperator({ node, opNode }: OperatorPart, source: SourceText): BinaryOp {
  const position = source.positionOf(opNode.from, opNode.to);
  if (TRIMS.has(opNode.name)) {
    throw unsupportedError(position, 'the operators "</" and ">/" work on native histograms');
  }
  if (node.getChild('FillModifier') !== null) {
    throw unsupportedError(position, 'the modifiers "fill" are experimental');
  }
  return source.slice(opNode.from, opNode.to).toLowerCase() as BinaryOp;
}

function combine(
  left: Expr,
  right: Expr,
  {
    part,
    op,
    source,
  }: { readonly part: OperatorPart; readonly op: BinaryOp; readonly source: SourceText },
): Expr {
  return {
    kind: 'binary',
    op,
    left,
    right,
    returnBool: part.node.getChild('BoolModifier') !== null,
    matching: convertMatching(part.node, source),
    position: source.positionOf(left.position.from, right.position.to),
  };
}

function parseOperand(rest: Rest, converter: Converter): Expr {
  const part = rest.parts[rest.next];
  rest.next += 1;
  if (part?.kind === 'sign') {
    const expr = parseOperators(rest, POWER_PRECEDENCE, converter);
    const position = converter.source.positionOf(part.from, expr.position.to);
    if (expr.kind !== 'number') return { kind: 'unary', op: part.op, expr, position };
    return { ...expr, value: part.op === '-' ? -expr.value : expr.value, position };
  }
  if (part?.kind !== 'operand') {
    throw parseError(converter.source.positionOf(0, 0), 'expression expected');
  }
  let expr = convertOperand(part, converter);
  for (let next = rest.parts[rest.next]; next?.kind === 'suffix'; next = rest.parts[rest.next]) {
    expr = applySuffix(expr, next.node, converter.source);
    rest.next += 1;
  }
  return expr;
}

function applySuffix(expr: Expr, node: SyntaxNode, source: SourceText): Expr {
  switch (node.name) {
    case 'OffsetExpr':
      return applyOffset(expr, node, source);
    case 'StepInvariantExpr':
      return applyAt(expr, node, source);
    case 'MatrixSelector':
      return applyRange(expr, node, source);
    case 'SubqueryExpr':
      return applySubquery(expr, node, source);
    default: {
      const word = node.name === 'AnchoredExpr' ? 'anchored' : 'smoothed';
      const position = source.positionOf(expr.position.from, node.to);
      throw unsupportedError(position, `the modifier "${word}" is experimental`);
    }
  }
}

type OperandPart = Extract<ChainPart, { kind: 'operand' }>;

function convertOperand(part: OperandPart, converter: Converter): Expr {
  const { node } = part;
  const { source } = converter;
  switch (node.name) {
    case 'NumberDurationLiteral':
      return convertNumber(part, source);
    case 'StringLiteral':
      return convertString(node, source);
    case 'VectorSelector':
      return convertSelector(node, source);
    case 'FunctionCall':
      return convertCall(node, converter);
    case 'AggregateExpr':
      return convertAggregation(node, converter);
    case 'ParenExpr':
      return {
        kind: 'paren',
        expr: converter.convert(node.firstChild ?? node),
        position: source.positionOf(node.from, node.to),
      };
    default:
      throw parseError(source.positionOf(node.from, node.to), `unexpected ${node.name}`);
  }
}

function convertNumber({ node, from }: OperandPart, source: SourceText): NumberLiteral {
  const digits = source.slice(from, node.to);
  const durationMs = parseDuration(digits);
  return {
    kind: 'number',
    value: durationMs === undefined ? parseNumber(digits) : durationMs / 1000,
    isDuration: durationMs !== undefined,
    position: source.positionOf(from, node.to),
  };
}

function convertString(node: SyntaxNode, source: SourceText): StringLiteral {
  const position = source.positionOf(node.from, node.to);
  try {
    return { kind: 'string', value: unquote(source.slice(node.from, node.to)), position };
  } catch (error) {
    if (error instanceof LiteralError) throw parseError(position, error.message);
    throw error;
  }
}
