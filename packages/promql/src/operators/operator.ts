import type { ArithmeticOp, ComparisonOp } from '../syntax/ast.ts';

/** How operators compute. */
const ARITHMETIC: Readonly<Record<ArithmeticOp, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '^': power,
  atan2: Math.atan2,
};

/** How comparisons decide; NaN is unequal to everything. */
const COMPARISON: Readonly<Record<ComparisonOp, (a: number, b: number) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
};

/** IEEE 754, as in Go: 1 to any power is 1, and so is -1 to an infinite one; JavaScript says NaN. */
function power(base: number, exponent: number): number {
  if (base === 1) return 1;
  if (base === -1 && Math.abs(exponent) === Number.POSITIVE_INFINITY) return 1;
  return base ** exponent;
}

/** What an operator makes of two values: a value, or nothing where a comparison filters. */
export interface Operation {
  /** Whether there is a value. */
  readonly keeps: (a: number, b: number) => boolean;
  readonly valueOf: (a: number, b: number) => number;
  /** Whether the result is no longer what its metric's name says. */
  readonly changesMeaning: boolean;
}

const always = (): boolean => true;

/** An operator between vectors, or a vector and a scalar. `bool` makes 1 and 0 of a comparison. */
export function operationOf(op: ArithmeticOp | ComparisonOp, returnBool: boolean): Operation {
  if (!(op in COMPARISON)) {
    return { keeps: always, valueOf: ARITHMETIC[op as ArithmeticOp], changesMeaning: true };
  }
  const compare = COMPARISON[op as ComparisonOp];
  return returnBool
    ? { keeps: always, valueOf: (a, b) => Number(compare(a, b)), changesMeaning: true }
    : { keeps: compare, valueOf: (a) => a, changesMeaning: false };
}
