import { type SeriesColumns, translateMatcher } from '@hubpulse/model';
import type { SeriesSource } from '../source.ts';
import { childrenOf, type Expr, type VectorSelector } from '../syntax/ast.ts';
import type { Budget } from './budget.ts';
import { type Evaluation, fixedTime } from './evaluation.ts';
import { endOf, type Grid } from './value.ts';
import { subqueryGrid } from './window.ts';

/** The times that decide which samples a query needs. */
export type FetchTimes = Pick<
  Evaluation,
  'queryStartMs' | 'queryEndMs' | 'lookbackMs' | 'subqueryStepMs'
>;

/** The samples that one selector needs. Both ends are inclusive. */
export interface Fetch {
  readonly selector: VectorSelector;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The samples that an expression needs over a grid, selector by selector. */
export function planFetches(expr: Expr, grid: Grid, times: FetchTimes): Fetch[] {
  if (grid.count === 0) return [];
  if (expr.kind === 'selector') {
    return [fetchOf(expr, { grid, backMs: times.lookbackMs }, times)];
  }
  if (expr.kind === 'range') {
    return [fetchOf(expr.selector, { grid, backMs: expr.rangeMs }, times)];
  }
  const inner = expr.kind === 'subquery' ? subqueryGrid(expr, grid, times) : grid;
  return childrenOf(expr).flatMap((child) => planFetches(child, inner, times));
}

function fetchOf(
  selector: VectorSelector,
  { grid, backMs }: { readonly grid: Grid; readonly backMs: number },
  times: FetchTimes,
): Fetch {
  const fixedMs = fixedTime(selector, times);
  const firstMs = (fixedMs ?? grid.startMs) - selector.offsetMs;
  const lastMs = (fixedMs ?? endOf(grid)) - selector.offsetMs;
  // Windows are open at their left ends, and times are whole milliseconds.
  return { selector, fromMs: firstMs - backMs + 1, toMs: lastMs };
}

/** Reads what the plan asks for, the same only once. */
export async function fetchAll(
  fetches: readonly Fetch[],
  source: SeriesSource,
  budget: Budget,
): Promise<Map<VectorSelector, readonly SeriesColumns[]>> {
  const pending = new Map<string, Promise<readonly SeriesColumns[]>>();
  for (const { selector, fromMs, toMs } of fetches) {
    const key = keyOf({ selector, fromMs, toMs });
    if (pending.has(key)) continue;
    const matchers = selector.matchers.map(translateMatcher);
    pending.set(key, source.select({ matchers, fromMs, toMs, maxSamples: budget.maxSamples }));
  }
  const keys = [...pending.keys()];
  const results = await Promise.all(pending.values());
  for (const columns of results) for (const { tMs } of columns) budget.take(tMs.length);
  const byKey = new Map(keys.map((key, i) => [key, results[i] ?? []]));
  return new Map(fetches.map((fetch) => [fetch.selector, byKey.get(keyOf(fetch)) ?? []]));
}

function keyOf({ selector, fromMs, toMs }: Fetch): string {
  return JSON.stringify([selector.matchers, fromMs, toMs]);
}
