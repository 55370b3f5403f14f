/** No key, variable or flag is near this long; longer words are not worth the comparison. */
const MAX_WORD_CHARACTERS = 64;

/** The candidate that the writer most likely meant: at most a third of its letters are wrong. `undefined` without one. */
export function closestWord(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > MAX_WORD_CHARACTERS) return undefined;
  const ranked = candidates
    .map((candidate) => ({
      candidate,
      edits: editDistance(word.toLowerCase(), candidate.toLowerCase()),
    }))
    .filter(({ candidate, edits }) => edits <= Math.max(1, candidate.length / 3))
    .toSorted((a, b) => a.edits - b.edits);
  return ranked[0]?.candidate;
}

/** Begins the remedy of an unknown word; empty without a guess. */
export function didYouMean(guess: string | undefined): string {
  return guess === undefined ? '' : `Did you mean ${guess}? `;
}

/**
 * Optimal string alignment distance: the fewest insertions, deletions and replacements of letters and exchanges of two
 * neighbours that make `b` of `a`.
 */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 0; row < a.length; row++) {
    const current = [row + 1];
    for (let column = 0; column < b.length; column++) {
      const replace = (previous[column] ?? 0) + (a[row] === b[column] ? 0 : 1);
      const remove = (previous[column + 1] ?? 0) + 1;
      const insert = (current[column] ?? 0) + 1;
      const isExchange = row > 0 && a[row] === b[column - 1] && a[row - 1] === b[column];
      const exchange = isExchange ? (beforePrevious[column - 1] ?? 0) + 1 : Infinity;
      current.push(Math.min(replace, remove, insert, exchange));
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
