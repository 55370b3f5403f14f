/** Reads a pattern from left to right, by whole characters. */
export interface PatternReader {
  readonly pattern: string;
  position(): number;
  isAtEnd(): boolean;
  /** The next character; empty at the end. */
  peek(): string;
  /** Takes the next character. */
  next(): string;
  /** Takes the text if it comes next, and says whether it did. */
  take(text: string): boolean;
  /** Takes what the sticky expression matches here. */
  match(expression: RegExp): RegExpExecArray | undefined;
  /** What was read since a position. */
  since(from: number): string;
  /** At most `length` characters from a position, for messages. */
  from(from: number, length: number): string;
}

/** Opens a pattern at its start. */
export function createPatternReader(pattern: string): PatternReader {
  let at = 0;
  const peek = (): string => {
    const code = pattern.codePointAt(at);
    return code === undefined ? '' : String.fromCodePoint(code);
  };
  return {
    pattern,
    position: () => at,
    isAtEnd: () => at >= pattern.length,
    peek,
    next: () => {
      const character = peek();
      at += character.length;
      return character;
    },
    take: (text) => {
      const isNext = pattern.startsWith(text, at);
      if (isNext) at += text.length;
      return isNext;
    },
    match: (expression) => {
      expression.lastIndex = at;
      const found = expression.exec(pattern) ?? undefined;
      if (found !== undefined) at += found[0].length;
      return found;
    },
    since: (from) => pattern.slice(from, at),
    from: (from, length) => pattern.slice(from, from + length),
  };
}
