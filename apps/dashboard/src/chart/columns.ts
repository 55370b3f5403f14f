import type { WindowSnapshot } from '../live/live-window.ts';
import type { ChartKind, ChartLine } from './chart-props.ts';

/** One figure a step; `null` is a gap. */
export type Column = readonly (number | null)[];

/** A chart's data in columns, one for each line, each as long as `tMs`. */
export interface ChartColumns {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly tMs: readonly number[];
  /** As measured. */
  readonly values: readonly Column[];
  /** As drawn: of a stack or of bars, each line stands on the lines before it. */
  readonly drawn: readonly Column[];
  /** The highest drawn figure; 0 when there is none. */
  readonly max: number;
  /** Whether there is any figure. */
  readonly hasData: boolean;
}

/** Takes the columns of the given lines out of the window; a line that it lacks is one gap. */
export function columnsOf(
  { fromMs, toMs, stepMs, tMs, lines: windowLines }: WindowSnapshot,
  lines: readonly ChartLine[],
  kind: ChartKind,
): ChartColumns {
  const gap: Column = tMs.map(() => null);
  const values = lines.map(({ id }) => windowLines.get(id)?.values ?? gap);
  const drawn = kind === 'line' ? values : stacked(values);
  const max = drawn.reduce((highest, column) => Math.max(highest, ...numbersOf(column)), 0);
  const hasData = values.some((column) => column.some((value) => value !== null));
  return { fromMs, toMs, stepMs, tMs, values, drawn, max, hasData };
}

/** Where the last figure of a column stands; -1 when it has none. */
export function lastIndexOf(column: Column): number {
  return column.findLastIndex((value) => value !== null);
}

/** The places of figures without a neighbour, which a line alone would not show. */
export function lonePoints(column: Column): readonly number[] {
  const places: number[] = [];
  for (const [i, value] of column.entries()) {
    const isLone = (column[i - 1] ?? null) === null && (column[i + 1] ?? null) === null;
    if (value !== null && isLone) places.push(i);
  }
  return places;
}

/** The figures of a column without its gaps. */
export function numbersOf(column: Column): readonly number[] {
  return column.filter((value) => value !== null);
}

/** Sums from the first column upward. A column's gap adds nothing, a step that is a gap in all of them stays one. */
function stacked(columns: readonly Column[]): readonly Column[] {
  let below: Column | null = null;
  const isGap = (i: number): boolean => columns.every((column) => (column[i] ?? null) === null);
  return columns.map((column) => {
    const base: Column | null = below;
    const sums = column.map((value, i) => (isGap(i) ? null : (base?.[i] ?? 0) + (value ?? 0)));
    below = sums;
    return sums;
  });
}
