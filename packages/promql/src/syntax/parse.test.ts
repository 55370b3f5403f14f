import { describe, expect, test } from 'vitest';
import { PromqlError } from '../errors.ts';
import { type Expr, withoutParens } from './ast.ts';
import { format } from './format.ts';
import { MAX_QUERY_LENGTH, parse } from './parse.ts';

function errorOf(query: string): PromqlError {
  try {
    parse(query);
  } catch (error) {
    if (error instanceof PromqlError) return error;
    throw error;
  }
  throw new Error(`got no error for ${query}; want one`);
}

/** The expression with every operation in parentheses. */
function grouped(expr: Expr): string {
  const inner = withoutParens(expr);
  if (inner.kind === 'binary')
    return `(${grouped(inner.left)} ${inner.op} ${grouped(inner.right)})`;
  return inner.kind === 'unary' ? `${inner.op}(${grouped(inner.expr)})` : format(inner);
}

describe('operators bind as in Prometheus', () => {
  test.each([
    ['a + b * c', '(a + (b * c))'],
    ['a * b % c', '((a * b) % c)'],
    ['a ^ b ^ c', '(a ^ (b ^ c))'],
    ['-a ^ b', '-((a ^ b))'],
    ['-2 ^ 2', '-((2 ^ 2))'],
    ['1 - -2 ^ 2', '(1 - -((2 ^ 2)))'],
    ['2 ^ -3 * 4', '((2 ^ -3) * 4)'],
    ['-a * b', '(-(a) * b)'],
    ['a or b and c unless d', '(a or ((b and c) unless d))'],
    ['a == b > c', '((a == b) > c)'],
    ['a atan2 b + c', '((a atan2 b) + c)'],
    ['a + b offset 5m * c', '(a + (b offset 5m * c))'],
    ['-a offset 5m', '-(a offset 5m)'],
    ['a offset 15m or b offset 45m', '(a offset 15m or b offset 45m)'],
    ['a + b @ 5 * c', '(a + (b @ 5.000 * c))'],
    ['1 -1', '(1 - 1)'],
    ['(a + b) * c', '((a + b) * c)'],
  ])('%s', (query, want) => {
    expect(grouped(parse(query))).toBe(want);
  });

  test('a suffix belongs to the operand before it alone', () => {
    expect(grouped(parse('sum_over_time((a + b)[5m:1m]) * c offset 1m'))).toBe(
      '(sum_over_time((a + b)[5m:1m]) * c offset 1m)',
    );
  });
});

describe('a query that is none is refused with its position', () => {
  test.each([
    ['', '1:1: parse error: no expression found in input'],
    ['# only this', '1:12: parse error: unexpected end of input'],
    ['foo bar', '1:5: parse error: unexpected identifier "bar"'],
    ['a +', '1:4: parse error: unexpected end of input'],
    ['(1', '1:3: parse error: unexpected end of input'],
    ['sum(a))', '1:7: parse error: unexpected ")"'],
    ['a{b="c"', '1:8: parse error: unexpected end of input'],
    ['foo\n  + * bar', '2:5: parse error: unexpected "*"'],
    ['nosuch(a)', '1:1: parse error: unknown function with name "nosuch"'],
    ['1 + Rate(a[5m])', '1:5: parse error: unknown function with name "Rate"'],
    ['"abc', '1:1: parse error: unterminated quoted string'],
    [String.raw`a{b="\q"}`, String.raw`1:5: parse error: unknown escape sequence \q`],
    ['{}', '1:1: parse error: vector selector must contain at least one non-empty matcher'],
    ['{a=~".*"}', '1:1: parse error: vector selector must contain at least one non-empty matcher'],
    ['a{__name__="b"}', '1:1: parse error: metric name must not be set twice: "a" or "b"'],
    ['a{b=~"("}', '1:3: parse error: error parsing regexp: missing closing ): `(`'],
    ['a[0s]', '1:1: parse error: duration must be greater than 0'],
    ['a[5m] offset 1m offset 2m', '1:1: parse error: offset may not be set multiple times'],
    ['a @ 1 @ 2', '1:1: parse error: @ <timestamp> may not be set multiple times'],
    ['a @ inf', '1:1: parse error: timestamp out of bounds for @ modifier: got Infinity'],
    [
      '1 offset 5m',
      '1:1: parse error: offset modifier must be preceded by an instant vector selector or range vector selector or a subquery',
    ],
    ['(a)[5m]', '1:1: parse error: ranges only allowed for vector selectors'],
    [
      'a[5m:1m][5m:1m]',
      '1:1: parse error: subquery is only allowed on instant vector, got matrix instead',
    ],
  ])('%j: %s', (query, want) => {
    const error = errorOf(query);
    expect(error.message).toBe(want);
    expect(error.code).toBe('bad_data');
    expect(error.position).toBeDefined();
  });
});

describe('types are checked as Prometheus does', () => {
  test.each([
    [
      'abs(1)',
      '1:5: parse error: expected type instant vector in call to function "abs", got scalar',
    ],
    [
      'rate(a)',
      '1:6: parse error: expected type range vector in call to function "rate", got instant vector',
    ],
    ['abs()', '1:1: parse error: expected 1 argument(s) in call to "abs", got 0'],
    [
      'round(a, 1, 2)',
      '1:1: parse error: expected at most 2 argument(s) in call to "round", got 3',
    ],
    [
      'label_join(a)',
      '1:1: parse error: expected at least 3 argument(s) in call to "label_join", got 1',
    ],
    [
      'sum(1)',
      '1:5: parse error: expected type instant vector in aggregation expression, got scalar',
    ],
    ['topk("a", b)', '1:6: parse error: expected type scalar in aggregation parameter, got string'],
    [
      'sum(a, b)',
      '1:1: parse error: wrong number of arguments for aggregate expression provided, expected 1, got 2',
    ],
    ['sum()', '1:1: parse error: no arguments for aggregate expression provided'],
    [
      '-"a"',
      '1:1: parse error: unary expression only allowed on expressions of type scalar or instant vector, got "string"',
    ],
    [
      'a + b[5m]',
      '1:5: parse error: binary expression must contain only scalar and instant vector types',
    ],
    ['1 == 2', '1:1: parse error: comparisons between scalars must use BOOL modifier'],
    ['a + bool b', '1:1: parse error: bool modifier can only be used on comparison operators'],
    ['a and 1', '1:1: parse error: set operator "and" not allowed in binary scalar expression'],
    ['a and on (x) group_left () b', '1:1: parse error: no grouping allowed for "and" operation'],
    [
      'a + on (x) group_left (x) b',
      '1:1: parse error: label "x" must not occur in ON and GROUP clause at once',
    ],
    ['a + on (x) 1', '1:1: parse error: vector matching only allowed between instant vectors'],
  ])('%s', (query, want) => {
    expect(errorOf(query).message).toBe(want);
  });
});

test.each([
  ['sort_by_label(a, "b")', 'sort_by_label() is an experimental function'],
  ['max_of(1, 2)', 'max_of() is an experimental function'],
  ['histogram_count(a)', 'histogram_count() works on native histograms'],
  ['limitk(1, a)', 'limitk() is an experimental aggregation'],
  ['a + fill(0) b', 'the modifiers "fill" are experimental'],
  ['a </ 3', 'the operators "</" and ">/" work on native histograms'],
  ['rate(a[5m] anchored)', 'the modifier "anchored" is experimental'],
  ['a[step()]', 'expressions in place of a duration are experimental'],
])('%s is told apart from an error', (query, want) => {
  const error = errorOf(query);
  expect(error.unsupported).toBe(true);
  expect(error.message).toMatch(/^\d+:\d+: not supported: /);
  expect(error.message).toContain(want);
});

test('words of the language name metrics and labels too', () => {
  expect(
    format(parse('sum by (by, on, and) (offset_ + on{bool="x"})'.replace('on{', 'onn{'))),
  ).toBe('sum by (by, on, and) (offset_ + onn{bool="x"})');
  expect(format(parse('start + end + avg'))).toBe('start + end + avg');
});

describe('hostile text', () => {
  test.each([
    ['parentheses', '('.repeat(10_000) + '1' + ')'.repeat(10_000)],
    ['unclosed parentheses', '('.repeat(MAX_QUERY_LENGTH)],
    ['a chain of operators', `a${'+a'.repeat(40_000)}`],
    ['a chain of selectors', `up{job="a"}${' or up{job="b"}'.repeat(1000)}`],
    ['a chain of signs', `${'-'.repeat(50_000)}a`],
    ['calls', `${'abs('.repeat(10_000)}a${')'.repeat(10_000)}`],
    ['brackets', '['.repeat(50_000)],
    ['braces', '{'.repeat(50_000)],
    ['quotes', '"\\'.repeat(30_000)],
    ['open decimals', '1.'.repeat(40_000)],
    ['controls', '\u0000'.repeat(10_000)],
    ['lone surrogates', '\ud800'.repeat(10_000)],
    ['a megabyte', 'a'.repeat(1_000_000)],
  ])('%s end in an error, not in an overflow', (_, query) => {
    const error = errorOf(query);
    expect(error.code).toBe('bad_data');
    expect(error.message.length).toBeLessThan(500);
  });

  test('what is deep but allowed is parsed', () => {
    const deep = `${'('.repeat(390)}1${')'.repeat(390)}`;
    expect(format(parse(deep)).replaceAll(/\s/g, '')).toBe(deep);
    expect(parse(`a${'+a'.repeat(900)}`).kind).toBe('binary');
  });
});
