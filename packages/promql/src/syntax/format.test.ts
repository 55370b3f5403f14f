import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Expr } from './ast.ts';
import { format } from './format.ts';
import { parse } from './parse.ts';

test.each([
  ['sum by(job)(rate(x[5m]))', 'sum by (job) (rate(x[5m]))'],
  ['SUM(x) BY (job)', 'sum by (job) (x)'],
  ['sum without () (x)', 'sum without () (x)'],
  ['x{b="2",a=~"1|2"}', 'x{a=~"1|2",b="2"}'],
  [`{'foo.bar', "a b"='c'}`, '{"a b"="c",__name__="foo.bar"}'],
  ['x[1h30m:]offset-5m@start()', 'x[1h30m:] @ start() offset -5m'],
  ['x @ 1.5', 'x @ 1.500'],
  ['a*on(x)group_left b', 'a * on (x) group_left () b'],
  ['a+ignoring(y)b', 'a + ignoring (y) b'],
  ['a>bool 1', 'a > bool 1'],
  ['1e6 + 0x10 + 010 + 1_000 + .5 + 2. + 90m', '1000000 + 16 + 8 + 1000 + 0.5 + 2 + 1h30m'],
  ['+Inf + -inf + NaN', '+Inf + -Inf + NaN'],
  ['1e-7 + 1e25', '0.0000001 + 10000000000000000000000000'],
  [String.raw`"a\"\n\u00e9"`, String.raw`"a\"\né"`],
  ['`a\\b`', String.raw`"a\\b"`],
  [String.raw`"\xff\xc3\xa9"`, String.raw`"\xffé"`],
])('%s', (query, want) => {
  expect(format(parse(query))).toBe(want);
});

test('a long expression goes over several lines, as Prometheus lays it out', () => {
  const query =
    'sum by (job) (rate(http_requests_total{job="api-server", status="500"}[5m])) / sum by (job) (rate(http_requests_total{job="api-server"}[5m])) > 0.05';
  expect(format(parse(query))).toBe(
    [
      '    sum by (job) (rate(http_requests_total{job="api-server",status="500"}[5m]))',
      '  /',
      '    sum by (job) (rate(http_requests_total{job="api-server"}[5m]))',
      '>',
      '  0.05',
    ].join('\n'),
  );
  const call = `histogram_quantile(0.95, sum by (le, instance, job) (rate(some_rather_long_metric_name_bucket{job="api"}[5m])))`;
  expect(format(parse(call))).toBe(
    [
      'histogram_quantile(',
      '  0.95,',
      '  sum by (le, instance, job) (rate(some_rather_long_metric_name_bucket{job="api"}[5m]))',
      ')',
    ].join('\n'),
  );
});

const name = fc.constantFrom('a', 'b_total', 'x:y', 'rate', 'by');
const text = fc.string({ unit: 'grapheme', maxLength: 6 });
const matcher = fc
  .tuple(fc.constantFrom('job', 'le', '"a b"'), fc.constantFrom('=', '!='), text)
  .map(([label, op, value]) => `${label}${op}${JSON.stringify(value)}`);
const selector = fc
  .tuple(name, fc.array(matcher, { maxLength: 2 }))
  .map(([metric, matchers]) => `${metric}{${matchers.join(',')}}`);
const duration = fc.integer({ min: 1, max: 10_000_000_000 }).map((ms) => `${ms}ms`);
const shift = fc.oneof(
  fc.constant(''),
  duration.map((d) => ` offset ${d}`),
  duration.map((d) => ` offset -${d}`),
  fc.integer({ min: -1e9, max: 1e9 }).map((ms) => ` @ ${ms / 1000}`),
  fc.constant(' @ end()'),
);
const number = fc.double({ noNaN: true }).map((value) => {
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? 'Inf' : '-Inf';
});

/** Queries of every kind, by their types. */
const { vector } = fc.letrec<{ vector: string; scalar: string; range: string }>((tie) => ({
  scalar: fc.oneof(
    { maxDepth: 3 },
    number,
    tie('scalar').map((a) => `(${a})`),
    fc
      .tuple(tie('scalar'), fc.constantFrom('+', '*', '^', '== bool', 'atan2'), tie('scalar'))
      .map((parts) => parts.join(' ')),
    tie('vector').map((v) => `scalar(${v})`),
  ),
  range: fc.oneof(
    { maxDepth: 3 },
    fc.tuple(selector, duration, shift).map(([s, d, o]) => `${s}[${d}]${o}`),
    fc
      .tuple(tie('vector'), duration, duration, shift)
      .map(([v, d, s, o]) => `(${v})[${d}:${s}]${o}`),
  ),
  vector: fc.oneof(
    { maxDepth: 4 },
    fc.tuple(selector, shift).map((parts) => parts.join('')),
    tie('vector').map((v) => `-${v}`),
    tie('vector').map((v) => `(${v})`),
    tie('range').map((r) => `rate(${r})`),
    fc.tuple(tie('scalar'), tie('range')).map(([s, r]) => `quantile_over_time(${s}, ${r})`),
    fc
      .tuple(fc.constantFrom('sum', 'count'), tie('vector'))
      .map(([op, v]) => `${op} by (job) (${v})`),
    fc.tuple(tie('scalar'), tie('vector')).map(([s, v]) => `topk without (le) (${s}, ${v})`),
    fc
      .tuple(
        tie('vector'),
        fc.constantFrom('+', '-', '/', '>', '<= bool', 'and', 'or', 'unless'),
        tie('vector'),
      )
      .map((parts) => parts.join(' ')),
    fc.tuple(tie('vector'), tie('vector')).map(([a, b]) => `${a} * on (job) group_left (le) ${b}`),
    fc
      .tuple(tie('vector'), text)
      .map(([v, t]) => `label_replace(${v}, "a", ${JSON.stringify(t)}, "b", "(.*)")`),
  ),
}));

function withoutPositions(expr: Expr): unknown {
  return JSON.parse(
    JSON.stringify(expr, (key, value: unknown) => {
      if (key === 'position') return undefined;
      return typeof value === 'number' ? String(value) : value;
    }),
  );
}

test('what is printed and parsed again is the same expression', () => {
  fc.assert(
    fc.property(vector, (query) => {
      const expr = parse(query);
      const printed = format(expr);
      const again = parse(printed);
      expect(withoutPositions(sorted(again))).toEqual(withoutPositions(sorted(expr)));
      expect(format(again)).toBe(printed);
    }),
    { numRuns: 200 },
  );
});

/** Matchers are printed in order of their text. */
function sorted(expr: Expr): Expr {
  return JSON.parse(
    JSON.stringify(expr, (key, value: unknown) =>
      key === 'matchers' && Array.isArray(value)
        ? value.map((one) => JSON.stringify(one)).toSorted()
        : typeof value === 'number'
          ? String(value)
          : value,
    ),
  ) as Expr;
}
