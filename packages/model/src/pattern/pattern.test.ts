import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileGroups, compilePattern, translateMatcher } from './pattern.ts';
import { PatternError } from './pattern-error.ts';
import { expandReplacement } from './replacement.ts';

// The wanted answers follow RE2's syntax page; Prometheus anchors patterns and lets dots match line feeds.
test.each([
  ['a|b', 'b', true],
  ['a|b', 'ab', false],
  ['.*', 'line\nfeed', true],
  ['(?-s).*', 'line\nfeed', false],
  ['(?i)prod', 'PROD', true],
  ['((?i)pr)od', 'PRod', true],
  ['((?i)pr)od', 'PROD', false],
  ['(?i:[a-c]+)x', 'AbCx', true],
  ['(?i:[a-c]+)x', 'AbCX', false],
  [String.raw`\d+`, '123', true],
  [String.raw`\d+`, '١٢', false],
  [String.raw`\w\W\s\S`, 'a- b', true],
  [String.raw`[\d\s]+`, '1 2', true],
  [String.raw`[^\w]`, '-', true],
  [String.raw`[\W]`, 'a', false],
  ['[[:alpha:]]+', 'aZ', true],
  ['[[:^alpha:]]+', 'aZ', false],
  ['[]a]+', ']a', true],
  ['[a-]+', 'a-', true],
  ['[^]]', ']', false],
  [String.raw`\pL+`, 'éß', true],
  [String.raw`\p{Greek}`, 'α', true],
  [String.raw`\P{Greek}`, 'α', false],
  [String.raw`[\p{^Lu}]`, 'A', false],
  [String.raw`\Qa.b\E.`, 'a.bc', true],
  [String.raw`\Qa.b\E.`, 'axbc', false],
  [String.raw`\x41\x{1F600}\101`, 'A😀A', true],
  ['a{2,3}', 'aaa', true],
  ['a{2,3}', 'aaaa', false],
  ['a{,3}', 'a{,3}', true],
  ['{', '{', true],
  ['(?P<x>a)(?<y>b)', 'ab', true],
  ['(?U)a+?', 'aaa', true],
  [String.raw`\Aab\z`, 'ab', true],
  ['(?m)a$\n^b', 'a\nb', true],
  ['a$\n^b', 'a\nb', false],
  [String.raw`foo\b.*`, 'foo bar', true],
  ['', '', true],
  ['.', '😀', true],
])('%s on %j is %s', (pattern, text, want) => {
  expect(compilePattern(pattern)(text)).toBe(want);
});

test.each([
  ['(', 'missing closing ): `(`'],
  [')', 'unexpected ): `)`'],
  ['*a', 'missing argument to repetition operator: `*`'],
  ['a**', 'invalid nested repetition operator: `**`'],
  ['(?=a)', 'invalid or unsupported Perl syntax: `(?=a`'],
  ['(?<!a)', 'invalid or unsupported Perl syntax: `(?<!`'],
  [String.raw`(a)\1`, String.raw`invalid escape sequence: ${'`'}\1${'`'}`],
  [String.raw`\8`, String.raw`invalid escape sequence: ${'`'}\8${'`'}`],
  ['a{1001}', 'invalid repeat count: `{1001}`'],
  ['(a{100}){100}', 'invalid repeat count: `{100}`'],
  ['a{3,2}', 'invalid repeat count: `{3,2}`'],
  ['[b-a]', 'invalid character class range: `b-a`'],
  ['[a', 'missing closing ]: `[a`'],
  ['[[:nope:]]', 'invalid character class range: `[:nope:]`'],
  ['(?P<x>a)(?P<x>b)', 'duplicate capture group name: `x`'],
  [String.raw`a\ `.trim(), 'trailing backslash at end of expression: ``'],
])('%s is refused: %s', (pattern, want) => {
  expect(() => compilePattern(pattern)).toThrow(`error parsing regexp: ${want}`);
});

test('a pattern of unbounded length or depth is refused, not compiled', () => {
  expect(() => compilePattern('a'.repeat(50_001))).toThrow('expression too long');
  expect(() => compilePattern('('.repeat(5000) + ')'.repeat(5000))).toThrow('nests too deeply');
});

test('any text matches itself when it is quoted', () => {
  const plain = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\\E', ''));
  fc.assert(
    fc.property(plain, fc.string({ unit: 'grapheme' }), (text, other) => {
      const matches = compilePattern(`\\Q${text}\\E`);
      expect(matches(text)).toBe(true);
      expect(matches(text + other)).toBe(other === '');
    }),
  );
});

/** What compiling a pattern says: nothing, or the message of its PatternError. Other errors pass. */
function complaintOf(pattern: string): string {
  try {
    compilePattern(pattern);
    return '';
  } catch (error) {
    if (error instanceof PatternError) return error.message;
    throw error;
  }
}

test('whatever the translation lets pass compiles', () => {
  const piece = fc.constantFrom(
    ...Array.from('()[]{}*+?|^$.\\-:,abzpPQEx0123(?i)'),
    '[:alpha:]',
    '(?',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      expect(complaintOf(pieces.join(''))).not.toContain('unsupported expression');
    }),
    { numRuns: 3000 },
  );
});

test('matchers go to the source in the words of JavaScript', () => {
  expect(translateMatcher({ name: 'a', op: '=~', value: '(?i)x' }).value).toBe('[xX]');
  expect(translateMatcher({ name: 'a', op: '=', value: '(?i)x' }).value).toBe('(?i)x');
});

describe('a replacement', () => {
  test.each([
    ['$1-$2', 'b-c'],
    ['${1}x$1x', 'bx'],
    ['$name', 'c'],
    ['$$1', '$1'],
    ['$9', ''],
    ['$', '$'],
    ['$0', 'a b c'],
  ])('%s', (template, want) => {
    const { match, names } = compileGroups(String.raw`a (\w) (?P<name>\w)`);
    expect(expandReplacement(template, match('a b c') ?? [], names)).toBe(want);
  });
});
