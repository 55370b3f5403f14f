import type { Expr } from './ast.ts';

/** What stands in the place of a part; `undefined` leaves the part and goes on inside of it. */
type Replace = (part: Expr) => Expr | undefined;

/**
 * The expression with some of its parts replaced. `replace` sees each part that is evaluated at the instants of the whole,
 * outermost first, and gives what stands in its place; what it gives is not looked into, nor are subqueries. The given
 * expression stays as it is.
 */
export function rewrite(expr: Expr, replace: Replace): Expr {
  return replace(expr) ?? rewriteInside(expr, replace);
}

function rewriteInside(expr: Expr, replace: Replace): Expr {
  const inner = (part: Expr): Expr => rewrite(part, replace);
  switch (expr.kind) {
    case 'call':
      return { ...expr, args: expr.args.map(inner) };
    case 'aggregation':
      return {
        ...expr,
        expr: inner(expr.expr),
        param: expr.param === undefined ? undefined : inner(expr.param),
      };
    case 'binary':
      return { ...expr, left: inner(expr.left), right: inner(expr.right) };
    case 'unary':
    case 'paren':
      return { ...expr, expr: inner(expr.expr) };
    case 'number':
    case 'string':
    case 'selector':
    case 'range':
    case 'subquery':
      return expr;
  }
}
