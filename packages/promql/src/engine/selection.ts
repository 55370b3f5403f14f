import type { SeriesColumns } from '@hubpulse/model';
import type { VectorSelector } from '../syntax/ast.ts';
import { createSeries, type Evaluation, referenceTimes, type Work } from './evaluation.ts';
import { findStaleMarkers } from './stale-marker.ts';
import { type Grid, type GridSeries, type VectorValue, vectorOf } from './value.ts';

/** What a selector reads of the sample it finds: its value, or its time in seconds. */
export type Reading = 'value' | 'time';

/** Evaluates a selector: at each step the last sample of each series, if it is young enough and not a stale marker. */
export function* selectVector(
  selector: VectorSelector,
  grid: Grid,
  evaluation: Evaluation,
): Work<VectorValue> {
  return yield* readSamples(selector, { grid, reading: 'value' }, evaluation);
}

/** The same, for either reading. */
export function* readSamples(
  selector: VectorSelector,
  { grid, reading }: { readonly grid: Grid; readonly reading: Reading },
  evaluation: Evaluation,
): Work<VectorValue> {
  const times = referenceTimes(selector, grid, evaluation);
  const series: GridSeries[] = [];
  const selected = evaluation.selected.get(selector);
  const window = { times, lookbackMs: selected?.windowMs ?? 0, reading };
  for (const columns of selected?.series ?? []) {
    const one = createSeries(columns.labels, grid, evaluation);
    sample(columns, window, one);
    series.push(one);
    if (evaluation.budget.spend(columns.tMs.length + grid.count)) yield;
  }
  return vectorOf(series);
}

interface Lookup {
  readonly times: Float64Array;
  readonly lookbackMs: number;
  readonly reading: Reading;
}

/** One sweep over the samples for all steps. */
function sample({ tMs, values }: SeriesColumns, lookup: Lookup, out: GridSeries): void {
  const { times, lookbackMs, reading } = lookup;
  const stale = findStaleMarkers(values);
  let last = -1;
  for (let step = 0; step < times.length; step += 1) {
    const time = times[step] ?? 0;
    while (last + 1 < tMs.length && (tMs[last + 1] ?? 0) <= time) last += 1;
    const at = tMs[last] ?? Number.NEGATIVE_INFINITY;
    if (at <= time - lookbackMs || stale?.[last] === 1) continue;
    out.values[step] = reading === 'value' ? (values[last] ?? 0) : at / 1000;
    out.present[step] = 1;
  }
}
