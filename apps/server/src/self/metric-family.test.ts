import { expect, test } from 'vitest';
import { byLabel, formatFamilies, single } from './metric-family.ts';

test('families are printed in the Prometheus text format', () => {
  const text = formatFamilies([
    single({ name: 'up_seconds', type: 'gauge', help: 'Up, in seconds.' }, 1.5),
    byLabel(
      { name: 'failures_total', type: 'counter', help: 'Failures.' },
      'step',
      new Map([['a', 2]]),
    ),
  ]);
  expect(text).toBe(
    [
      '# HELP up_seconds Up, in seconds.',
      '# TYPE up_seconds gauge',
      'up_seconds 1.5',
      '# HELP failures_total Failures.',
      '# TYPE failures_total counter',
      'failures_total{step="a"} 2',
      '',
    ].join('\n'),
  );
});

test('what a label value holds cannot end the line or the quotes', () => {
  const hostile = new Map([['a"b\\c\nd', 1]]);
  const text = formatFamilies([
    byLabel({ name: 'x', type: 'gauge', help: 'h\\\nh' }, 'l', hostile),
  ]);
  expect(text).toBe('# HELP x h\\\\\\nh\n# TYPE x gauge\nx{l="a\\"b\\\\c\\nd"} 1\n');
});

test('infinities and NaN have their own spelling', () => {
  const values = new Map([
    ['a', Number.POSITIVE_INFINITY],
    ['b', Number.NEGATIVE_INFINITY],
    ['c', Number.NaN],
  ]);
  const text = formatFamilies([byLabel({ name: 'x', type: 'gauge', help: 'h' }, 'l', values)]);
  expect(text).toContain('x{l="a"} +Inf\nx{l="b"} -Inf\nx{l="c"} NaN\n');
});

test('a family without series is left out', () => {
  expect(formatFamilies([byLabel({ name: 'x', type: 'gauge', help: 'h' }, 'l', new Map())])).toBe(
    '',
  );
});
