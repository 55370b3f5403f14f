import { childrenOf, type Expr } from '../syntax/ast.ts';

/** Functions whose value depends on the step's time, whatever their arguments. */
const BY_TIME: ReadonlySet<string> = new Set([
  ...['day_of_month', 'day_of_week', 'day_of_year', 'days_in_month', 'hour', 'minute', 'month'],
  ...['predict_linear', 'time', 'timestamp', 'year'],
]);

/** The expressions whose value is the same at every step, such as those that look at a fixed time with `@`. */
export function findInvariants(root: Expr): ReadonlySet<Expr> {
  const invariants = new Set<Expr>();
  visit(root, invariants);
  return invariants;
}

function visit(expr: Expr, invariants: Set<Expr>): boolean {
  // Every child is visited: no short cut here.
  const children = childrenOf(expr).map((child) => visit(child, invariants));
  const isInvariant = isFixed(expr) ?? children.every(Boolean);
  if (isInvariant) invariants.add(expr);
  return isInvariant;
}

/** Whether an expression is invariant by itself; `undefined` when its children decide. */
function isFixed(expr: Expr): boolean | undefined {
  if (expr.kind === 'selector' || expr.kind === 'subquery') return expr.at !== undefined;
  return expr.kind === 'call' && BY_TIME.has(expr.signature.name) ? false : undefined;
}
