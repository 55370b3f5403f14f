import type { PatternReader } from './pattern-reader.ts';

/** How often something is repeated. */
export interface Repetition {
  /** In the words of JavaScript, without the mark of laziness. */
  readonly quantifier: string;
  /** The highest count that is written; 0 when none is. */
  readonly most: number;
  readonly isLazy: boolean;
}

/** Takes a repetition operator if one comes next. Braces without a count stand for themselves, as in Go. */
export function parseRepetition(reader: PatternReader): Repetition | undefined {
  const found = reader.match(/(?:[*+?]|\{(\d+)(?:,(\d*))?\})(\?)?/y);
  if (found === undefined) return undefined;
  const [whole, least, most, lazy] = found;
  const quantifier = lazy === undefined ? whole : whole.slice(0, -1);
  return {
    quantifier,
    most: mostOf(least, most),
    isLazy: lazy !== undefined,
  };
}

/** A range whose end is before its start is refused like one that is too high. */
function mostOf(least: string | undefined, most: string | undefined): number {
  if (least === undefined) return 0;
  const low = Number(least);
  if (most === undefined || most === '') return low;
  return low > Number(most) ? Number.POSITIVE_INFINITY : Number(most);
}
