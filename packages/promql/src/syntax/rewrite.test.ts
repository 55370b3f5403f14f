import { expect, test } from 'vitest';
import { formatLine } from './format.ts';
import { parse } from './parse.ts';
import { rewrite } from './rewrite.ts';

/** Replaces sums by `x`. */
const withoutSums = (query: string): string =>
  formatLine(
    rewrite(parse(query), (part) =>
      part.kind === 'aggregation' && part.op === 'sum' ? parse('x') : undefined,
    ),
  );

test.each([
  ['sum(a)', 'x'],
  ['-(sum(a) + 2 * sum by (b) (sum(a)))', '-(x + 2 * x)'],
  ['topk(scalar(sum(a)), sum(b))', 'topk(scalar(x), x)'],
  ['clamp_max(sum(a), 3) or max(sum(a))', 'clamp_max(x, 3) or max(x)'],
  ['max_over_time(sum(a)[5m:1m]) + rate(a[5m])', 'max_over_time(sum(a)[5m:1m]) + rate(a[5m])'],
  ['"text"', '"text"'],
])('in %s every part at the same instants is replaced', (query, want) => {
  expect(withoutSums(query)).toBe(want);
});

test('the given expression stays as it is', () => {
  const expr = parse('1 + sum(a)');
  rewrite(expr, () => undefined);
  rewrite(expr, (part) => (part.kind === 'aggregation' ? parse('x') : undefined));
  expect(formatLine(expr)).toBe('1 + sum(a)');
});
