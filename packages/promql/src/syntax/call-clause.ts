import type { SyntaxNode } from '@lezer/common';
import { parseError, unsupportedError } from '../errors.ts';
import type { Aggregation, AggregationOp, Call, Expr, Position } from './ast.ts';
import { findSignature, reasonLeftOut } from './function-signature.ts';
import { convertNames } from './matching-clause.ts';
import { quote } from './quotation.ts';
import type { Converter } from './converter.ts';

/** A call of a function. Numbers and types of its arguments are checked later. */
export function convertCall(node: SyntaxNode, converter: Converter): Call {
  const { source } = converter;
  const position = source.positionOf(node.from, node.to);
  const nameNode = node.firstChild;
  const name = nameNode === null ? '' : source.slice(nameNode.from, nameNode.to);
  const signature = findSignature(name);
  if (signature === undefined) {
    const reason = reasonLeftOut(name);
    if (reason !== undefined) throw unsupportedError(position, reason);
    throw parseError(position, `unknown function with name ${quote(name)}`);
  }
  return { kind: 'call', signature, args: convertBody(node, converter), position };
}

/** The expressions between the parentheses of a call. */
function convertBody(node: SyntaxNode, converter: Converter): Expr[] {
  const args: Expr[] = [];
  const body = node.getChild('FunctionCallBody');
  for (let child = body?.firstChild ?? null; child !== null; child = child.nextSibling) {
    if (child.name !== 'LineComment') args.push(converter.convert(child));
  }
  return args;
}

const WITH_PARAM: ReadonlySet<string> = new Set(['topk', 'bottomk', 'quantile', 'count_values']);
const EXPERIMENTAL: ReadonlySet<string> = new Set(['limitk', 'limit_ratio']);

/** An aggregation with its clause, which may stand before or after the arguments. */
export function convertAggregation(node: SyntaxNode, converter: Converter): Aggregation {
  const { source } = converter;
  const position = source.positionOf(node.from, node.to);
  const opNode = node.getChild('AggregateOp');
  const op = opNode === null ? '' : source.slice(opNode.from, opNode.to).toLowerCase();
  if (EXPERIMENTAL.has(op)) {
    throw unsupportedError(position, `${op}() is an experimental aggregation`);
  }
  const modifier = node.getChild('AggregateModifier');
  return {
    kind: 'aggregation',
    op: op as AggregationOp,
    ...splitArguments(op, convertBody(node, converter), position),
    grouping: convertNames(modifier?.getChild('GroupingLabels') ?? null, source),
    without: modifier?.getChild('Without') != null,
    position,
  };
}

function splitArguments(
  op: string,
  args: readonly Expr[],
  position: Position,
): Pick<Aggregation, 'expr' | 'param'> {
  if (args.length === 0) {
    throw parseError(position, 'no arguments for aggregate expression provided');
  }
  const want = WITH_PARAM.has(op) ? 2 : 1;
  const expr = args.at(-1);
  if (args.length !== want || expr === undefined) {
    throw parseError(
      position,
      `wrong number of arguments for aggregate expression provided, expected ${want}, got ${args.length}`,
    );
  }
  return { expr, param: want === 2 ? args[0] : undefined };
}
