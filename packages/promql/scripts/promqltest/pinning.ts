import type { Expr } from '../../src/index.ts';
import { childrenOf } from '../../src/syntax/ast.ts';

/** Functions whose value depends on the time of evaluation, so that a fixed `@` does not fix it. */
const BY_TIME: ReadonlySet<string> = new Set([
  ...['day_of_month', 'day_of_week', 'day_of_year', 'days_in_month', 'hour', 'minute', 'month'],
  ...['predict_linear', 'time', 'timestamp', 'year'],
]);

/** The expression with `@ tMs` on every outer selector and subquery; `undefined` when that would change its value. */
export function pin(expr: Expr, tMs: number): Expr | undefined {
  return dependsOnTime(expr) ? undefined : pinned(expr, tMs);
}

function dependsOnTime(expr: Expr): boolean {
  if (expr.kind === 'call' && BY_TIME.has(expr.signature.name)) return true;
  return childrenOf(expr).some(dependsOnTime);
}

function pinned(expr: Expr, tMs: number): Expr {
  if (expr.kind === 'selector' || expr.kind === 'subquery') return { ...expr, at: expr.at ?? tMs };
  if (expr.kind === 'range') {
    return { ...expr, selector: { ...expr.selector, at: expr.selector.at ?? tMs } };
  }
  return mapChildren(expr, (child) => pinned(child, tMs));
}

function mapChildren(
  expr: Exclude<Expr, { kind: 'selector' | 'subquery' | 'range' }>,
  map: (child: Expr) => Expr,
): Expr {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return expr;
    case 'call':
      return { ...expr, args: expr.args.map(map) };
    case 'binary':
      return { ...expr, left: map(expr.left), right: map(expr.right) };
    case 'aggregation': {
      const param = expr.param === undefined ? undefined : map(expr.param);
      return { ...expr, expr: map(expr.expr), param };
    }
    case 'unary':
    case 'paren':
      return { ...expr, expr: map(expr.expr) };
  }
}
