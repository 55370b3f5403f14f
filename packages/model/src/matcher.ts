/** How a matcher compares: equal, not equal, matches, does not match. Patterns are anchored at both ends. */
export type MatcherOp = '=' | '!=' | '=~' | '!~';

/** One condition on one label. A series without the label has the empty value, so `a=""` matches it. */
export interface Matcher {
  readonly name: string;
  readonly op: MatcherOp;
  readonly value: string;
}

/**
 * Compiles a matcher to a test of the label's value (the empty string for an absent label).
 *
 * @throws SyntaxError when the pattern of `=~` or `!~` is no valid regular expression.
 */
export function compileMatcher({ op, value }: Matcher): (labelValue: string) => boolean {
  switch (op) {
    case '=':
      return (candidate) => candidate === value;
    case '!=':
      return (candidate) => candidate !== value;
    case '=~':
      return anchored(value);
    case '!~': {
      const matches = anchored(value);
      return (candidate) => !matches(candidate);
    }
  }
}

/**
 * Patterns and values come from outside, and a pattern such as `(a+)+b` takes a backtracking engine longer than anybody
 * waits. V8 has an engine that is linear in the value's length, for patterns without the flag `u` (the process must ask for
 * it). Over ASCII the flag changes nothing, so it is left out there; a value beyond ASCII gets the pattern with it.
 */
function anchored(pattern: string): (labelValue: string) => boolean {
  const source = `^(?:${pattern})$`;
  const unicode = new RegExp(source, 'su');
  if (!ASCII.test(pattern) || UNICODE_ESCAPE.test(pattern))
    return (candidate) => unicode.test(candidate);
  const plain = new RegExp(source, 's');
  return (candidate) => (ASCII.test(candidate) ? plain : unicode).test(candidate);
}

/** Nothing but characters up to U+007F. */
const ASCII = /^\p{ASCII}*$/u;

/** What only the flag `u` understands, or understands otherwise. */
const UNICODE_ESCAPE = /\\[pPuk]/;
