import { expect, test } from 'vitest';
import { compileMatcher, type MatcherOp } from './matcher.ts';

test.each([
  ['=', 'api', 'api', true],
  ['=', 'api', 'apis', false],
  ['=', '', '', true],
  ['!=', 'api', 'api', false],
  ['!=', 'api', '', true],
  ['=~', 'a.c', 'abc', true],
  ['=~', 'a.c', 'xabc', false],
  ['=~', 'a|b', 'b', true],
  ['=~', 'a|b', 'ab', false],
  ['=~', '.*', 'line\nbreak', true],
  ['=~', '.+', '', false],
  ['=~', '.', '😀', true],
  ['!~', 'a|b', 'c', true],
  ['!~', 'a|b', 'a', false],
] as const)('%s "%s" on "%s" is %s', (op: MatcherOp, value, candidate, want) => {
  expect(compileMatcher({ name: 'job', op, value })(candidate)).toBe(want);
});

test('a pattern that is none is refused when compiled', () => {
  expect(() => compileMatcher({ name: 'job', op: '=~', value: '(' })).toThrow(SyntaxError);
});
