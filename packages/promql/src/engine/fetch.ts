import { translateMatcher } from '@hubpulse/model';
import type { SeriesSource, SourceSeries } from '../source.ts';
import { childrenOf, type Expr, type VectorSelector } from '../syntax/ast.ts';
import { bucketWindow, type Look } from './bucket-window.ts';
import type { Budget } from './budget.ts';
import { type Evaluation, fixedTime, type Selected } from './evaluation.ts';
import type { Grid } from './value.ts';
import { subqueryGrid } from './window.ts';

/** The times that decide which samples a query needs. */
export type FetchTimes = Pick<
  Evaluation,
  'queryStartMs' | 'queryEndMs' | 'lookbackMs' | 'subqueryStepMs' | 'bucketMs'
>;

/** The samples that one selector needs. */
export interface Fetch extends Look {
  readonly selector: VectorSelector;
  /** How far back each looks at what the source gives: further than `backMs` where its buckets need it. */
  readonly windowMs: number;
}

/** The samples that an expression needs over a grid, selector by selector. */
export function planFetches(expr: Expr, grid: Grid, times: FetchTimes): Fetch[] {
  return plan(expr, { grid, func: undefined }, times);
}

/** The samples that a fetch needs; both ends are inclusive. Windows are open at their left ends, and times are whole. */
export function rangeOfFetch({ firstMs, stepMs, count, windowMs }: Fetch): {
  readonly fromMs: number;
  readonly toMs: number;
} {
  return { fromMs: firstMs - windowMs + 1, toMs: firstMs + (count - 1) * stepMs };
}

interface Place {
  readonly grid: Grid;
  /** The function around. */
  readonly func: string | undefined;
}

function plan(expr: Expr, { grid, func }: Place, times: FetchTimes): Fetch[] {
  if (grid.count === 0) return [];
  if (expr.kind === 'selector') {
    const back = { backMs: times.lookbackMs, isRange: false, func: undefined };
    return [fetchOf(expr, { ...back, grid }, times)];
  }
  if (expr.kind === 'range') {
    const back = { backMs: expr.rangeMs, isRange: true, func };
    return [fetchOf(expr.selector, { ...back, grid }, times)];
  }
  const place = placeInside(expr, { grid, func }, times);
  return childrenOf(expr).flatMap((child) => plan(child, place, times));
}

function placeInside(expr: Expr, { grid, func }: Place, times: FetchTimes): Place {
  if (expr.kind === 'call') return { grid, func: expr.signature.name };
  if (expr.kind === 'subquery') return { grid: subqueryGrid(expr, grid, times), func: undefined };
  return { grid, func };
}

function fetchOf(
  selector: VectorSelector,
  { grid, ...back }: Pick<Look, 'backMs' | 'isRange' | 'func'> & { readonly grid: Grid },
  times: FetchTimes,
): Fetch {
  const fixedMs = fixedTime(selector, times);
  const fetch = {
    selector,
    ...back,
    firstMs: (fixedMs ?? grid.startMs) - selector.offsetMs,
    stepMs: grid.stepMs,
    count: fixedMs === undefined ? grid.count : 1,
  };
  const { bucketMs } = times;
  return {
    ...fetch,
    windowMs: bucketMs === undefined ? back.backMs : bucketWindow(fetch, bucketMs),
  };
}

/** Reads what the plan asks for, the same only once. */
export async function fetchAll(
  fetches: readonly Fetch[],
  source: SeriesSource,
  budget: Budget,
): Promise<Map<VectorSelector, Selected>> {
  const pending = new Map<string, Promise<readonly SourceSeries[]>>();
  for (const fetch of fetches) {
    const key = keyOf(fetch);
    if (pending.has(key)) continue;
    const matchers = fetch.selector.matchers.map(translateMatcher);
    const { maxSamples } = budget;
    pending.set(key, source.select({ matchers, ...rangeOfFetch(fetch), maxSamples }));
  }
  const keys = [...pending.keys()];
  const results = await Promise.all(pending.values());
  for (const columns of results) for (const one of columns) budget.take(sizeOf(one));
  const byKey = new Map(keys.map((key, i) => [key, results[i] ?? []]));
  return new Map(
    fetches.map((fetch) => {
      const series = byKey.get(keyOf(fetch)) ?? [];
      return [fetch.selector, { series, windowMs: fetch.windowMs }];
    }),
  );
}

/** A bucket takes as much room as three samples. */
function sizeOf({ tMs, buckets }: SourceSeries): number {
  return buckets === undefined ? tMs.length : 3 * tMs.length;
}

function keyOf(fetch: Fetch): string {
  const { fromMs, toMs } = rangeOfFetch(fetch);
  return JSON.stringify([fetch.selector.matchers, fromMs, toMs]);
}
