import type { TimeGrid } from '@hubpulse/api';
import { labelValue, type SeriesColumns } from '@hubpulse/model';
import type { MetricStore } from '../store/port.ts';
import type { LineDefinition } from './line-definitions.ts';
import { combine, ratePerSecond, resample, type StepValues } from './steps.ts';

/** A line with its figures; `name` is the value of the label that splits the definition, else empty. */
export interface Line {
  readonly definition: LineDefinition;
  readonly name: string;
  readonly values: StepValues;
}

/** So far before the first step a counter's sample is looked for from which its first increase counts. */
const COUNTER_LOOKBACK_MS = 60_000;

/** The most lines that one split gives: the largest names would be unreadable on one chart long before. */
const MAX_LINES_PER_SPLIT = 100;

/** Reads a definition's series on a grid: one line, several when it is split, none when nothing was measured. */
export async function selectLines(
  store: MetricStore,
  definition: LineDefinition,
  grid: TimeGrid,
): Promise<Line[]> {
  const lookbackMs = definition.kind === 'counter' ? COUNTER_LOOKBACK_MS : 0;
  const series = await store.select({
    matchers: definition.matchers,
    fromMs: grid.fromMs + 1 - lookbackMs,
    toMs: grid.toMs,
  });
  return [...groupByName(series, definition.splitBy)]
    .slice(0, MAX_LINES_PER_SPLIT)
    .map(([name, members]) => ({ definition, name, values: lineValues(members, definition, grid) }))
    .filter(({ values }) => values.some((value) => !Number.isNaN(value)));
}

function groupByName(
  series: readonly SeriesColumns[],
  splitBy: string | undefined,
): Map<string, SeriesColumns[]> {
  return Map.groupBy(series, ({ labels }) =>
    splitBy === undefined ? '' : labelValue(labels, splitBy),
  );
}

function lineValues(
  series: readonly SeriesColumns[],
  { kind, aggregate, across, scale = 1 }: LineDefinition,
  grid: TimeGrid,
): StepValues {
  const steps = series.map((columns) =>
    kind === 'counter' ? ratePerSecond(columns, grid) : resample(columns, grid, aggregate),
  );
  const combined = combine(steps, across);
  return scale === 1 ? combined : combined.map((value) => value * scale);
}
