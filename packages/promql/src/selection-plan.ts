import { type Matcher, translateMatcher } from '@hubpulse/model';
import { isAligned } from './engine/bucket-window.ts';
import { type Fetch, planFetches, rangeOfFetch } from './engine/fetch.ts';
import type { Grid } from './engine/value.ts';
import { readsWholeBuckets } from './engine/window.ts';
import { LOOKBACK_MS, SUBQUERY_STEP_MS } from './query-options.ts';
import type { Expr } from './syntax/ast.ts';
import { parse } from './syntax/parse.ts';

/** What buckets do to a selection: nothing, little, or too much. */
export type BucketEffect = 'exact' | 'near' | 'coarse';

/** What a query reads for one of its selectors. */
export interface SelectionPlan {
  /** Patterns are JavaScript's, as a source gets them. */
  readonly matchers: readonly Matcher[];
  /** The range when samples are read, both ends inclusive. */
  readonly fromMs: number;
  readonly toMs: number;
  /**
   * What becomes of the answer when buckets of a width are read in place of samples. `exact`: nothing, but for rounding, and
   * for `last_over_time` where a series ended. `near`: a rate over at least five buckets is as good, up to resets of counters
   * inside of a bucket. `coarse`: another answer.
   */
  effectOf(bucketMs: number): BucketEffect;
}

/** The times of a query; see `evaluateRange`. For one at an instant both ends are that instant. */
export interface PlanOptions {
  readonly query: string | Expr;
  readonly startMs: number;
  readonly endMs: number;
  /** Above 0. */
  readonly stepMs: number;
  readonly lookbackMs?: number | undefined;
}

/**
 * What a query will read, so that who has samples at several resolutions can choose one. A selector may stand there more than
 * once.
 *
 * @throws PromqlError `bad_data` when the query cannot be parsed.
 */
export function planSelections(options: PlanOptions): SelectionPlan[] {
  const { query, startMs, endMs, stepMs, lookbackMs = LOOKBACK_MS } = options;
  const expr = typeof query === 'string' ? parse(query) : query;
  const count = Math.max(0, Math.floor((endMs - startMs) / stepMs) + 1);
  const grid: Grid = { startMs, stepMs, count };
  const times = {
    queryStartMs: startMs,
    queryEndMs: endMs,
    lookbackMs,
    subqueryStepMs: SUBQUERY_STEP_MS,
    bucketMs: undefined,
  };
  return planFetches(expr, grid, times).map((fetch) => {
    const { fromMs, toMs } = rangeOfFetch(fetch);
    const matchers = fetch.selector.matchers.map(translateMatcher);
    return { matchers, fromMs, toMs, effectOf: (bucketMs) => effectOf(fetch, bucketMs) };
  });
}

/** Functions whose result over the last samples of buckets is nearly that over all samples. */
const OVER_TIME: ReadonlySet<string> = new Set([
  ...['delta', 'deriv', 'increase', 'predict_linear', 'rate'],
]);

/** With fewer buckets in a window the last samples say too little of what lies between them. */
const LEAST_BUCKETS = 5;

function effectOf(fetch: Fetch, bucketMs: number): BucketEffect {
  if (!isAligned(fetch, bucketMs)) return 'coarse';
  // The last sample up to a bucket's end is its own last sample.
  if (!fetch.isRange) return 'exact';
  const { func = '', backMs } = fetch;
  if (backMs % bucketMs !== 0) return 'coarse';
  if (readsWholeBuckets(func) || func === 'last_over_time') return 'exact';
  return OVER_TIME.has(func) && backMs >= LEAST_BUCKETS * bucketMs ? 'near' : 'coarse';
}
