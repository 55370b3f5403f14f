import type { Position } from './ast.ts';

/** The text of a query, and where in it something stands. */
export interface SourceText {
  readonly text: string;
  /** The part between two offsets. */
  slice(from: number, to: number): string;
  positionOf(from: number, to: number): Position;
}

/** Indexes the lines of a query. */
export function createSourceText(text: string): SourceText {
  const lineStarts = [0];
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) lineStarts.push(i + 1);
  return {
    text,
    slice: (from, to) => text.slice(from, to),
    positionOf: (from, to) => {
      const line = lineOf(lineStarts, from);
      return { from, to, line, column: from - (lineStarts[line - 1] ?? 0) + 1 };
    },
  };
}

/** How many lines begin at or before the offset. */
function lineOf(lineStarts: readonly number[], offset: number): number {
  let low = 0;
  let high = lineStarts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((lineStarts[middle] ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
