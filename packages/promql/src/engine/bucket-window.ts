/** Functions that need two samples, and so the last ones of two buckets. */
const OF_CHANGES: ReadonlySet<string> = new Set([
  ...[
    'changes',
    'delta',
    'deriv',
    'idelta',
    'increase',
    'irate',
    'predict_linear',
    'rate',
    'resets',
  ],
]);

/** Functions whose value grows with their window. */
const EXTENSIVE: ReadonlySet<string> = new Set([
  ...['changes', 'count_over_time', 'delta', 'increase', 'resets', 'sum_over_time'],
]);

/** When and how far back a selector looks. */
export interface Look {
  /** The first instant at which it looks. */
  readonly firstMs: number;
  /** From one such instant to the next. */
  readonly stepMs: number;
  /** How many there are; 1 for a fixed time. */
  readonly count: number;
  /** How far back each looks as the query says: the look-back, or the length of the range. */
  readonly backMs: number;
  readonly isRange: boolean;
  /** The function that the range is an argument of. */
  readonly func: string | undefined;
}

/** Whether all steps lie on the ends of buckets: what happened up to a step is then in whole buckets. */
export function isAligned(
  { firstMs, stepMs, count }: Pick<Look, 'firstMs' | 'stepMs' | 'count'>,
  bucketMs: number,
): boolean {
  return firstMs % bucketMs === 0 && (count === 1 || stepMs % bucketMs === 0);
}

/**
 * How far back a selector looks at buckets: to the next bucket further between the ends of buckets, and in a range over whole
 * buckets, as many as its function needs.
 */
export function bucketWindow(look: Look, bucketMs: number): number {
  const { backMs, isRange, func } = look;
  if (!isRange) return isAligned(look, bucketMs) ? backMs : backMs + bucketMs;
  const least = OF_CHANGES.has(func ?? '') ? 2 : 1;
  return Math.max(least, Math.ceil(backMs / bucketMs)) * bucketMs;
}

/** What the value of a function over a widened window is multiplied by, to stand for the window that was asked for. */
export function windowShare(func: string, rangeMs: number, windowMs: number): number {
  return EXTENSIVE.has(func) ? rangeMs / windowMs : 1;
}
