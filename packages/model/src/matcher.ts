import { anchoredRegExp } from './anchored-reg-exp.ts';

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

function anchored(pattern: string): (labelValue: string) => boolean {
  const regExpFor = anchoredRegExp(pattern);
  return (candidate) => regExpFor(candidate).test(candidate);
}
