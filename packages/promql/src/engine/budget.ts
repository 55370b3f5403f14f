import { executionError } from '../errors.ts';

/** Default of `maxSamples`: 800 MB in columns. */
export const MAX_SAMPLES = 50_000_000;

/** Work between two pauses, in values visited: a millisecond, and not much more where each costs most (quantiles). */
const VALUES_A_SLICE = 100_000;

/** How many samples a query holds, and when it must pause. */
export interface Budget {
  readonly maxSamples: number;
  /** Samples held now. */
  readonly held: number;
  /** The most samples held at any time. */
  readonly peak: number;
  /**
   * Counts samples that are about to be held.
   *
   * @throws PromqlError `execution` when they are too many.
   */
  take(count: number): void;
  /** Goes back to fewer samples, when those taken since are no longer held. */
  release(held: number): void;
  /** Counts work, in values visited; whether it is time to pause. */
  spend(values: number): boolean;
}

/** Opens the budget of one query. */
export function createBudget(maxSamples: number): Budget {
  let held = 0;
  let peak = 0;
  let spent = 0;
  return {
    maxSamples,
    get held() {
      return held;
    },
    get peak() {
      return peak;
    },
    take: (count) => {
      held += count;
      if (held > peak) peak = held;
      if (held <= maxSamples) return;
      throw executionError(
        'query processing would load too many samples into memory in query execution: ' +
          `got more than ${maxSamples}; want fewer series, a shorter range or a longer step`,
      );
    },
    release: (to) => {
      held = to;
    },
    spend: (values) => {
      spent += values;
      if (spent < VALUES_A_SLICE) return false;
      spent = 0;
      return true;
    },
  };
}
