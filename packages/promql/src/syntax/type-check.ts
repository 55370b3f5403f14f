import { parseError } from '../errors.ts';
import type { Aggregation, Binary, Call, Expr, Unary } from './ast.ts';
import type { ValueType } from './value-type.ts';
import { childrenOf, isComparison, isSetOperator, typeOf } from './ast.ts';
import { quote } from './quotation.ts';

/** How Prometheus' documentation calls the types. */
const DOCUMENTED: Readonly<Record<ValueType, string>> = {
  scalar: 'scalar',
  string: 'string',
  vector: 'instant vector',
  matrix: 'range vector',
};

/**
 * Checks that every operand and argument has the type it must have.
 *
 * @throws PromqlError `bad_data` at the first that has not.
 */
export function checkTypes(expr: Expr): void {
  for (const child of childrenOf(expr)) checkTypes(child);
  if (expr.kind === 'call') checkCall(expr);
  if (expr.kind === 'aggregation') checkAggregation(expr);
  if (expr.kind === 'binary') checkBinary(expr);
  if (expr.kind === 'unary') checkUnary(expr);
}

function expectType(expr: Expr, want: ValueType, context: string): void {
  const got = typeOf(expr);
  if (got === want) return;
  const message = `expected type ${DOCUMENTED[want]} in ${context}, got ${DOCUMENTED[got]}`;
  throw parseError(expr.position, message);
}

function checkCall(call: Call): void {
  const { name, args: types } = call.signature;
  checkCount(call);
  for (const [i, arg] of call.args.entries()) {
    const want = types[Math.min(i, types.length - 1)];
    if (want !== undefined) expectType(arg, want, `call to function ${quote(name)}`);
  }
}

function checkCount({ signature, args, position }: Call): void {
  const { name, args: types, optional, variadic } = signature;
  const least = types.length - (variadic ? 1 : optional);
  const wrong = `argument(s) in call to ${quote(name)}, got ${args.length}`;
  if (least === types.length && args.length !== least) {
    throw parseError(position, `expected ${least} ${wrong}`);
  }
  if (args.length < least) throw parseError(position, `expected at least ${least} ${wrong}`);
  if (!variadic && args.length > types.length) {
    throw parseError(position, `expected at most ${types.length} ${wrong}`);
  }
}

function checkAggregation({ op, expr, param }: Aggregation): void {
  expectType(expr, 'vector', 'aggregation expression');
  if (param === undefined) return;
  expectType(param, op === 'count_values' ? 'string' : 'scalar', 'aggregation parameter');
}

function checkUnary({ expr, position }: Unary): void {
  const got = typeOf(expr);
  if (got === 'scalar' || got === 'vector') return;
  throw parseError(
    position,
    `unary expression only allowed on expressions of type scalar or instant vector, got ${quote(DOCUMENTED[got])}`,
  );
}

function checkBinary(binary: Binary): void {
  const { op, left, right, returnBool, position } = binary;
  for (const side of [left, right]) {
    if (typeOf(side) === 'scalar' || typeOf(side) === 'vector') continue;
    throw parseError(
      side.position,
      'binary expression must contain only scalar and instant vector types',
    );
  }
  if (returnBool && !isComparison(op)) {
    throw parseError(position, 'bool modifier can only be used on comparison operators');
  }
  const areScalars = typeOf(left) === 'scalar' && typeOf(right) === 'scalar';
  if (isComparison(op) && !returnBool && areScalars) {
    throw parseError(position, 'comparisons between scalars must use BOOL modifier');
  }
  checkMatching(binary);
}

function checkMatching({ op, left, right, matching, position }: Binary): void {
  const both = matching.on
    ? matching.labels.find((name) => matching.include.includes(name))
    : undefined;
  if (both !== undefined) {
    throw parseError(
      position,
      `label ${quote(both)} must not occur in ON and GROUP clause at once`,
    );
  }
  const hasScalar = typeOf(left) === 'scalar' || typeOf(right) === 'scalar';
  if (hasScalar && matching.labels.length > 0) {
    throw parseError(position, 'vector matching only allowed between instant vectors');
  }
  if (hasScalar && isSetOperator(op)) {
    throw parseError(position, `set operator ${quote(op)} not allowed in binary scalar expression`);
  }
  if (isSetOperator(op) && matching.group !== undefined) {
    throw parseError(position, `no grouping allowed for ${quote(op)} operation`);
  }
}
