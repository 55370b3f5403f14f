import { expect, test } from 'vitest';

import {
  directory,
  flag,
  host,
  hostList,
  type Kind,
  oneOf,
  pathList,
  wholeNumber,
} from './kind.ts';

const INTERVAL = wholeNumber({ min: 1000, max: 60_000, zeroMeans: 'off' });
const PORT = wholeNumber({ min: 0, max: 65_535, zeroMeans: 'any' });
const DAYS = wholeNumber({ min: 1, max: 3650 });

function judge(kind: Kind<unknown>, value: unknown): unknown {
  const verdict = kind.schema.safeParse(value);
  return verdict.success ? verdict.data : 'refused';
}

test.each([
  [INTERVAL, 0],
  [INTERVAL, 1000],
  [INTERVAL, 60_000],
  [PORT, 0],
  [PORT, 65_535],
  [DAYS, 1],
  [DAYS, 3650],
] as const)('a number at the edge of its range is taken (%#)', (kind, value) => {
  expect(judge(kind, value)).toBe(value);
});

test.each([
  [INTERVAL, 1],
  [INTERVAL, 999],
  [INTERVAL, 60_001],
  [INTERVAL, -1000],
  [PORT, -1],
  [PORT, 65_536],
  [DAYS, 0],
  [DAYS, 3651],
  [DAYS, 1.5],
  [DAYS, Number.NaN],
  [DAYS, Infinity],
  [DAYS, '15'],
  [DAYS, true],
  [DAYS, null],
  [DAYS, 15n],
] as const)('a number outside, or something else, is refused (%#)', (kind, value) => {
  expect(judge(kind, value)).toBe('refused');
});

test('a range says what its zero means', () => {
  expect(INTERVAL.want).toBe('a whole number from 1000 to 60000, or 0 (off)');
  expect(PORT.want).toBe('a whole number from 0 to 65535 (0 = any)');
  expect(DAYS.want).toBe('a whole number from 1 to 3650');
});

test.each(['0x10', '1e3', '1.5', '+1', ' 1', '1 2', 'tcp://10.0.0.1:4600', '', '9'.repeat(400)])(
  'the text %.20o is no number',
  (text) => {
    expect(judge(PORT, PORT.parseText(text))).toBe('refused');
  },
);

test('decimal digits are a number', () => {
  expect(PORT.parseText('4600')).toBe(4600);
  expect(PORT.parseText('-1')).toBe(-1);
});

test('only true and false are flags', () => {
  expect(flag.parseText('true')).toBe(true);
  expect(flag.parseText('false')).toBe(false);
  for (const text of ['1', 'yes', 'TRUE', 'on']) {
    expect(judge(flag, flag.parseText(text))).toBe('refused');
  }
  expect(judge(flag, 'true')).toBe('refused');
});

test('a word outside the list is refused', () => {
  const kind = oneOf(['debug', 'info']);
  expect(judge(kind, 'info')).toBe('info');
  expect(judge(kind, 'INFO')).toBe('refused');
  expect(judge(kind, 3)).toBe('refused');
});

test('hosts of a list come in one spelling', () => {
  expect(judge(hostList, hostList.parseText('Pulse.Example.org, 10.0.0.7,::0:1'))).toEqual([
    'pulse.example.org',
    '10.0.0.7',
    '::1',
  ]);
});

test.each([['a,,b'], ['a,'], ['http://a'], ['a:80'], ['*']])('the list %s is refused', (text) => {
  expect(judge(hostList, hostList.parseText(text))).toBe('refused');
});

test('a list takes a hundred hosts and no more', () => {
  expect(judge(hostList, Array(100).fill('a'))).toHaveLength(100);
  expect(judge(hostList, Array(101).fill('a'))).toBe('refused');
});

test('a host is a name or an address', () => {
  expect(judge(host, '0.0.0.0')).toBe('0.0.0.0');
  expect(judge(host, 'http://a')).toBe('refused');
  expect(judge(host, 5)).toBe('refused');
});

test.each(['', '~', '~/data', 'a\0b', 'x'.repeat(4097)])('%.20o is no directory', (path) => {
  expect(judge(directory, path)).toBe('refused');
});

test.each(['./data', '/var/lib/hubpulse', '~data', 'a b', '数据'])('%s is a directory', (path) => {
  expect(judge(directory, path)).toBe(path);
});

test('paths of a list have commas between', () => {
  expect(judge(pathList, pathList.parseText('a.yaml, /etc/rules/*.yaml'))).toEqual([
    'a.yaml',
    '/etc/rules/*.yaml',
  ]);
  expect(judge(pathList, ['a', ''])).toBe('refused');
  expect(judge(pathList, ['~/rules.yaml'])).toBe('refused');
  expect(judge(pathList, 'a.yaml')).toBe('refused');
  expect(judge(pathList, Array(101).fill('a'))).toBe('refused');
});
