import type {
  Aggregation,
  Binary,
  Call,
  Expr,
  Matching,
  TimeShift,
  VectorSelector,
} from './ast.ts';
import { METRIC_NAME, printDuration } from '@hubpulse/model';
import { printFloat, quote, quoteName } from './quotation.ts';

/** Longer expressions are split over lines, as Prometheus' `format_query` does. */
const MAX_LINE_LENGTH = 100;

const INDENT = '  ';

/** Prints an expression as Prometheus does: on one line, or on several when it is longer than 100 characters. */
export function format(expr: Expr): string {
  return layOut(expr, 0);
}

/** Prints an expression on one line. Parsed again it gives the same expression. */
export function formatLine(expr: Expr): string {
  switch (expr.kind) {
    case 'number':
      return printNumber(expr.value, expr.isDuration);
    case 'string':
      return quote(expr.value);
    case 'selector':
      return `${printSelector(expr)}${printShift(expr)}`;
    case 'range':
      return `${printSelector(expr.selector)}[${printDuration(expr.rangeMs)}]${printShift(expr.selector)}`;
    case 'subquery':
      return `${formatLine(expr.expr)}[${printDuration(expr.rangeMs)}:${expr.stepMs === undefined ? '' : printDuration(expr.stepMs)}]${printShift(expr)}`;
    case 'call':
      return `${expr.signature.name}(${expr.args.map(formatLine).join(', ')})`;
    case 'aggregation':
      return `${printHead(expr)}(${argumentsOf(expr).map(formatLine).join(', ')})`;
    case 'binary':
      return `${asLeft(expr.op, formatLine(expr.left))} ${printOperator(expr)} ${formatLine(expr.right)}`;
    case 'unary':
      return `${expr.op}${formatLine(expr.expr)}`;
    case 'paren':
      return `(${formatLine(expr.expr)})`;
  }
}

/** A sign before a power is a sign of the power: positive infinity goes without. */
function asLeft(op: Binary['op'], text: string): string {
  return op === '^' ? text.replace(/^( *)\+Inf/, '$1Inf') : text;
}

function layOut(expr: Expr, level: number): string {
  const line = formatLine(expr);
  const indent = INDENT.repeat(level);
  if (line.length <= MAX_LINE_LENGTH) return `${indent}${line}`;
  switch (expr.kind) {
    case 'call':
      return `${indent}${expr.signature.name}(\n${layOutList(expr, level + 1)}\n${indent})`;
    case 'aggregation':
      return `${indent}${printHead(expr)}(\n${layOutList(expr, level + 1)}\n${indent})`;
    case 'binary':
      return `${asLeft(expr.op, layOut(expr.left, level + 1))}\n${indent}${printOperator(expr)}\n${layOut(expr.right, level + 1)}`;
    case 'unary':
      return `${indent}${expr.op}${layOut(expr.expr, level).trim()}`;
    case 'paren':
      return `${indent}(\n${layOut(expr.expr, level + 1)}\n${indent})`;
    case 'subquery':
      return `${layOut(expr.expr, level)}${line.slice(formatLine(expr.expr).length)}`;
    case 'number':
    case 'string':
    case 'selector':
    case 'range':
      return `${indent}${line}`;
  }
}

function layOutList(expr: Call | Aggregation, level: number): string {
  const list = expr.kind === 'call' ? expr.args : argumentsOf(expr);
  return list.map((arg) => layOut(arg, level)).join(',\n');
}

function argumentsOf({ param, expr }: Aggregation): Expr[] {
  return param === undefined ? [expr] : [param, expr];
}

function printHead({ op, without, grouping }: Aggregation): string {
  if (without) return `${op} without (${printNames(grouping)}) `;
  return grouping.length > 0 ? `${op} by (${printNames(grouping)}) ` : op;
}

function printNames(names: readonly string[]): string {
  return names.map(quoteName).join(', ');
}

function printOperator({ op, returnBool, matching }: Binary): string {
  return `${op}${returnBool ? ' bool' : ''}${printMatching(matching)}`;
}

function printMatching({ on, labels, group, include }: Matching): string {
  if (!on && labels.length === 0 && group === undefined) return '';
  const match = ` ${on ? 'on' : 'ignoring'} (${printNames(labels)})`;
  return group === undefined ? match : `${match} group_${group} (${printNames(include)})`;
}

function printSelector({ name = '', matchers }: VectorSelector): string {
  const inside = matchers
    .filter((m) => name === '' || m.name !== METRIC_NAME || m.op !== '=' || m.value !== name)
    .map((matcher) => `${quoteName(matcher.name)}${matcher.op}${quote(matcher.value)}`);
  if (inside.length === 0) return name;
  return `${name}{${inside.toSorted().join(',')}}`;
}

function printShift({ at, offsetMs }: TimeShift): string {
  return `${printAt(at)}${printOffset(offsetMs)}`;
}

function printAt(at: TimeShift['at']): string {
  if (at === undefined) return '';
  return typeof at === 'number' ? ` @ ${(at / 1000).toFixed(3)}` : ` @ ${at}()`;
}

function printOffset(offsetMs: number): string {
  if (offsetMs === 0) return '';
  return ` offset ${offsetMs < 0 ? '-' : ''}${printDuration(Math.abs(offsetMs))}`;
}

function printNumber(value: number, isDuration: boolean): string {
  if (!isDuration) return printFloat(value);
  return `${value < 0 ? '-' : ''}${printDuration(Math.abs(value) * 1000)}`;
}
