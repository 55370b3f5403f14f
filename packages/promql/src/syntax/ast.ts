import type { Matcher } from '@hubpulse/model';
import type { FunctionSignature } from './function-signature.ts';
import type { ValueType } from './value-type.ts';

/** Where a node stands in the text of the query. */
export interface Position {
  /** Offset of the first character, in UTF-16 code units. */
  readonly from: number;
  /** Offset after the last character. */
  readonly to: number;
  /** Line and column of the first character, both from 1. */
  readonly line: number;
  readonly column: number;
}

interface Node {
  readonly position: Position;
}

/** A number, or a duration in seconds. */
export interface NumberLiteral extends Node {
  readonly kind: 'number';
  readonly value: number;
  /** Whether it was written as a duration (`5m`), and so is printed. */
  readonly isDuration: boolean;
}

export interface StringLiteral extends Node {
  readonly kind: 'string';
  /** The text without quotes and escapes. Bytes that are no UTF-8 are lone surrogates U+DC80 to U+DCFF. */
  readonly value: string;
}

/** The time that `@` gives: Unix milliseconds, or an end of the query's range. */
export type At = number | 'start' | 'end';

/** What shifts the time at which a selector or a subquery looks. */
export interface TimeShift {
  readonly offsetMs: number;
  readonly at: At | undefined;
}

/** Selects series and, at each step, the last sample of each within the look-back. */
export interface VectorSelector extends Node, TimeShift {
  readonly kind: 'selector';
  /** The name before the braces; `undefined` when there is none. It is among the matchers too. */
  readonly name: string | undefined;
  /** As written: patterns are RE2. */
  readonly matchers: readonly Matcher[];
}

/** Selects the samples of a window before each step. */
export interface RangeSelector extends Node {
  readonly kind: 'range';
  readonly selector: VectorSelector;
  readonly rangeMs: number;
}

/** Evaluates an expression at many instants before each step. */
export interface Subquery extends Node, TimeShift {
  readonly kind: 'subquery';
  readonly expr: Expr;
  readonly rangeMs: number;
  /** `undefined` means the engine's default. */
  readonly stepMs: number | undefined;
}

export interface Call extends Node {
  readonly kind: 'call';
  readonly signature: FunctionSignature;
  readonly args: readonly Expr[];
}

export type AggregationOp =
  | 'avg'
  | 'bottomk'
  | 'count'
  | 'count_values'
  | 'group'
  | 'max'
  | 'min'
  | 'quantile'
  | 'stddev'
  | 'stdvar'
  | 'sum'
  | 'topk';

export interface Aggregation extends Node {
  readonly kind: 'aggregation';
  readonly op: AggregationOp;
  readonly expr: Expr;
  /** The `k`, the quantile or the label of the operators that have one. */
  readonly param: Expr | undefined;
  readonly grouping: readonly string[];
  readonly without: boolean;
}

export type ArithmeticOp = '+' | '-' | '*' | '/' | '%' | '^' | 'atan2';
export type ComparisonOp = '==' | '!=' | '>' | '<' | '>=' | '<=';
export type SetOp = 'and' | 'or' | 'unless';
export type BinaryOp = ArithmeticOp | ComparisonOp | SetOp;

/** How the series of two vectors find each other. */
export interface Matching {
  readonly on: boolean;
  readonly labels: readonly string[];
  /** Which side may have many series for one of the other. */
  readonly group: 'left' | 'right' | undefined;
  /** Labels taken over from the "one" side. */
  readonly include: readonly string[];
}

export interface Binary extends Node {
  readonly kind: 'binary';
  readonly op: BinaryOp;
  readonly left: Expr;
  readonly right: Expr;
  readonly returnBool: boolean;
  readonly matching: Matching;
}

export interface Unary extends Node {
  readonly kind: 'unary';
  readonly op: '+' | '-';
  readonly expr: Expr;
}

export interface Paren extends Node {
  readonly kind: 'paren';
  readonly expr: Expr;
}

export type Expr =
  | NumberLiteral
  | StringLiteral
  | VectorSelector
  | RangeSelector
  | Subquery
  | Call
  | Aggregation
  | Binary
  | Unary
  | Paren;

/** The types that the kind of an expression alone decides. */
const TYPES = {
  number: 'scalar',
  string: 'string',
  selector: 'vector',
  aggregation: 'vector',
  range: 'matrix',
  subquery: 'matrix',
} as const;

/** The type of an expression's value. */
export function typeOf(expr: Expr): ValueType {
  if (expr.kind === 'call') return expr.signature.returns;
  if (expr.kind === 'unary' || expr.kind === 'paren') return typeOf(expr.expr);
  if (expr.kind !== 'binary') return TYPES[expr.kind];
  return typeOf(expr.left) === 'scalar' && typeOf(expr.right) === 'scalar' ? 'scalar' : 'vector';
}

/** The expression without the parentheses around it. */
export function withoutParens(expr: Expr): Exclude<Expr, Paren> {
  let inner = expr;
  while (inner.kind === 'paren') inner = inner.expr;
  return inner;
}

/** The expressions directly inside. */
export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'number':
    case 'string':
    case 'selector':
      return [];
    case 'range':
      return [expr.selector];
    case 'call':
      return expr.args;
    case 'aggregation':
      return expr.param === undefined ? [expr.expr] : [expr.param, expr.expr];
    case 'binary':
      return [expr.left, expr.right];
    case 'subquery':
    case 'unary':
    case 'paren':
      return [expr.expr];
  }
}

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '>', '<', '>=', '<=']);
const SET_OPERATORS: ReadonlySet<string> = new Set(['and', 'or', 'unless']);

export function isComparison(op: BinaryOp): op is ComparisonOp {
  return COMPARISONS.has(op);
}

export function isSetOperator(op: BinaryOp): op is SetOp {
  return SET_OPERATORS.has(op);
}
