import { type BinaryOp, isComparison, isSetOperator } from './ast.ts';

/** Signs bind like a product: tighter than it to the left, looser than a power. */
export const POWER_PRECEDENCE = 6;

const SUMS: ReadonlySet<BinaryOp> = new Set(['+', '-']);

/** How tightly an operator binds; more is tighter. */
export function precedenceOf(op: BinaryOp): number {
  if (op === '^') return POWER_PRECEDENCE;
  if (op === 'or') return 1;
  if (isSetOperator(op)) return 2;
  if (isComparison(op)) return 3;
  return SUMS.has(op) ? 4 : 5;
}
