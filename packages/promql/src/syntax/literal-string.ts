import { type Expr, withoutParens } from './ast.ts';

/** The text of a literal string, whatever parentheses stand around it; `undefined` for anything else. */
export function literalString(expr: Expr): string | undefined {
  const inner = withoutParens(expr);
  return inner.kind === 'string' ? inner.value : undefined;
}
