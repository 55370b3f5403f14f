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
  ['=~', 'é.', 'é😀', true],
  ['=~', String.raw`\p{Lu}+`, 'ÄÖ', true],
  ['=~', String.raw`\p{Lu}+`, 'AB', true],
  ['=~', String.raw`\u{41}`, 'A', true],
  ['=~', String.raw`\d+\.\d`, '12.5', true],
  ['!~', 'a|b', 'c', true],
  ['!~', 'a|b', 'a', false],
] as const)('%s "%s" on "%s" is %s', (op: MatcherOp, value, candidate, want) => {
  expect(compileMatcher({ name: 'job', op, value })(candidate)).toBe(want);
});

test('a pattern that is none is refused when compiled', () => {
  expect(() => compileMatcher({ name: 'job', op: '=~', value: '(' })).toThrow(SyntaxError);
});

test('a pattern gives the same answer with and without characters beyond ASCII around', () => {
  for (const pattern of ['a.c', '[^a]+', String.raw`\w+\s\S*`, '(ab|cd)*', 'x{2,3}']) {
    const matches = compileMatcher({ name: 'job', op: '=~', value: pattern });
    const unicode = new RegExp(`^(?:${pattern})$`, 'su');
    for (const candidate of [
      'abc',
      'a\nc',
      'b c',
      'abcdab',
      'xx',
      'xxxx',
      'é',
      'aéc',
      'a😀c',
      '',
    ]) {
      expect(matches(candidate)).toBe(unicode.test(candidate));
    }
  }
});
