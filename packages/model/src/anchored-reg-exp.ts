/**
 * Anchors a pattern at both ends, with the flags `su`. The returned function gives the expression to run on a text.
 *
 * Patterns and texts come from outside, and a pattern such as `(a+)+b` takes a backtracking engine longer than anybody
 * waits. V8 has an engine that is linear in the text's length, for patterns without the flag `u` (the process must ask for
 * it). Over ASCII the flag changes nothing, so it is left out there; a text beyond ASCII gets the pattern with it.
 *
 * @throws SyntaxError when the pattern is no valid regular expression.
 */
export function anchoredRegExp(pattern: string): (text: string) => RegExp {
  const source = `^(?:${pattern})$`;
  const unicode = new RegExp(source, 'su');
  if (!ASCII.test(pattern) || UNICODE_ESCAPE.test(pattern)) return () => unicode;
  const plain = new RegExp(source, 's');
  return (text) => (ASCII.test(text) ? plain : unicode);
}

/** Nothing but characters up to U+007F. */
const ASCII = /^\p{ASCII}*$/u;

/** What only the flag `u` understands, or understands otherwise. */
const UNICODE_ESCAPE = /\\[pPuk]/;
