import { MAX_SAMPLES } from './engine/budget.ts';
import type { Grid } from './engine/value.ts';
import { PromqlError } from './errors.ts';
import type { SeriesSource } from './source.ts';
import type { Expr } from './syntax/ast.ts';

/** Prometheus' look-back. */
export const LOOKBACK_MS = 300_000;

/** Prometheus' default evaluation interval, the step of subqueries that name none. */
export const SUBQUERY_STEP_MS = 60_000;

/** What every query takes. */
export interface QueryOptions {
  /** The text of a query, or what `parse` made of it. */
  readonly query: string | Expr;
  readonly source: SeriesSource;
  /** How old a sample may be to stand for a step, in milliseconds; default 5 minutes. */
  readonly lookbackMs?: number;
  /** The most samples that may be held at once; default 50 million. */
  readonly maxSamples?: number;
  /** The step of subqueries that name none, in milliseconds; default 1 minute. */
  readonly subqueryStepMs?: number;
  /**
   * The width of the buckets that the source gives, in milliseconds; absent when it gives samples. A bucket begins after a
   * multiple of the width and ends with the next one. See `planSelections` for what buckets do to a query.
   */
  readonly bucketMs?: number | undefined;
  /** Ends the query early; a `TimeoutError` as its reason gives the code `timeout`. */
  readonly signal?: AbortSignal;
  /**
   * Whether metric names stay until the end of the query and are dropped there, as under Prometheus' feature flag
   * `promql-delayed-name-removal`; default false.
   */
  readonly delayedNameRemoval?: boolean;
}

export interface InstantOptions extends QueryOptions {
  /** Unix milliseconds, an integer. */
  readonly tMs: number;
}

export interface RangeOptions extends QueryOptions {
  /** The first step, Unix milliseconds, an integer. */
  readonly startMs: number;
  /** The last step is the last at or before it. */
  readonly endMs: number;
  /** Above 0, an integer. */
  readonly stepMs: number;
}

/**
 * The steps of a range.
 *
 * @throws PromqlError `bad_data` when a time is no integer, or for no steps or too many.
 */
export function gridOf({ startMs, endMs, stepMs, maxSamples = MAX_SAMPLES }: RangeOptions): Grid {
  checkInteger('startMs', startMs);
  checkInteger('endMs', endMs);
  checkInteger('stepMs', stepMs);
  if (stepMs <= 0) throw badOption('stepMs', stepMs, 'more than 0');
  if (endMs < startMs) throw badOption('endMs', endMs, `at least startMs, ${startMs}`);
  const count = Math.floor((endMs - startMs) / stepMs) + 1;
  if (count > maxSamples) {
    throw badOption('steps', count, `at most ${maxSamples}: a longer step or a shorter range`);
  }
  return { startMs, stepMs, count };
}

/** Times are whole milliseconds. */
export function checkInteger(name: string, value: number): void {
  if (!Number.isSafeInteger(value)) throw badOption(name, value, 'an integer');
}

function badOption(name: string, got: number, want: string): PromqlError {
  return new PromqlError('bad_data', `${name}: got ${got}; want ${want}`);
}
