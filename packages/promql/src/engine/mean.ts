import { addCompensated, type CompensatedSum } from './kahan.ts';

/** A mean that is computed value by value, and used again for many. */
export interface Mean {
  /** Begins anew with the first value. */
  start(first: number): void;
  add(value: number): void;
  value(): number;
}

/**
 * The mean as Prometheus computes it: the compensated sum divided by the count, or, from the value on with which the sum
 * would overflow, the mean adjusted by each value.
 */
export function createMean(): Mean {
  const total: CompensatedSum = { sum: 0, lost: 0 };
  let count = 0;
  let isIncremental = false;
  const adjust = (value: number): void => {
    const share = (count - 1) / count;
    total.sum *= share;
    total.lost *= share;
    addCompensated(total, value / count);
  };
  return {
    start: (first) => {
      total.sum = first;
      total.lost = 0;
      count = 1;
      isIncremental = false;
    },
    add: (value) => {
      count += 1;
      const { sum, lost } = total;
      if (!isIncremental) addCompensated(total, value);
      if (!isIncremental && !isInfinite(total.sum)) return;
      if (!isIncremental) {
        isIncremental = true;
        total.sum = sum / (count - 1);
        total.lost = lost / (count - 1);
      }
      adjust(value);
    },
    value: () => (isIncremental ? total.sum + total.lost : total.sum / count + total.lost / count),
  };
}

function isInfinite(value: number): boolean {
  return value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY;
}
