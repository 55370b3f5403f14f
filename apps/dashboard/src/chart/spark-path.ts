/** A sparkline's shapes as SVG path data, and where its last figure stands. CSS pixels. */
export interface SparkPath {
  readonly line: string;
  readonly area: string;
  readonly last: { readonly x: number; readonly y: number };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Room for the stroke and for the dot at the end. CSS pixels. */
const MARGIN_PX = 3;

/** A figure for every so many pixels is enough: more only makes the line hairy. */
const PX_PER_POINT = 2;

/**
 * Draws figures between their lowest and highest. Several figures of one place become their mean; a run of figures
 * without a neighbour becomes a dot (a line of no length, which a round cap makes visible).
 *
 * @returns `null` when there is no figure at all.
 */
export function sparkPath(
  values: readonly (number | null)[],
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
): SparkPath | null {
  const means = thinned(values, Math.max(2, Math.floor(widthPx / PX_PER_POINT)));
  const numbers = means.filter((value) => value !== null);
  if (numbers.length === 0) return null;
  const [min, max] = [Math.min(...numbers), Math.max(...numbers)];
  const stepPx = (widthPx - 2 * MARGIN_PX) / Math.max(1, means.length - 1);
  const place = (value: number, i: number): Point => ({
    x: round(MARGIN_PX + i * stepPx),
    // A flat line lies in the middle.
    y: round(
      max === min
        ? heightPx / 2
        : heightPx - MARGIN_PX - ((value - min) / (max - min)) * (heightPx - 2 * MARGIN_PX),
    ),
  });
  const runs = runsOf(means.map((value, i) => (value === null ? null : place(value, i))));
  const last = runs.at(-1)?.at(-1);
  if (last === undefined) return null;
  return {
    line: runs.map(lineOf).join(''),
    area: runs.map((run) => `${lineOf(run)}V${heightPx}H${run[0]?.x ?? 0}Z`).join(''),
    last,
  };
}

function thinned(values: readonly (number | null)[], most: number): readonly (number | null)[] {
  const size = Math.ceil(values.length / most);
  if (size <= 1) return values;
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) => {
    const numbers = values.slice(i * size, (i + 1) * size).filter((value) => value !== null);
    return numbers.length === 0 ? null : numbers.reduce((sum, n) => sum + n, 0) / numbers.length;
  });
}

/** The stretches between gaps. */
function runsOf(points: readonly (Point | null)[]): readonly (readonly Point[])[] {
  const runs: Point[][] = [];
  let isOpen = false;
  for (const point of points) {
    if (point !== null && isOpen) runs.at(-1)?.push(point);
    else if (point !== null) runs.push([point]);
    isOpen = point !== null;
  }
  return runs;
}

function lineOf(run: readonly Point[]): string {
  const path = run.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${x} ${y}`).join('');
  return run.length === 1 ? `${path}h0` : path;
}

function round(px: number): number {
  return Math.round(px * 10) / 10;
}
