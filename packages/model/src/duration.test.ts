import { expect, test } from 'vitest';
import { parseDuration, printDuration } from './duration.ts';

test.each([
  ['15s', 15_000],
  ['1h30m', 5_400_000],
  ['500ms', 500],
  ['0s', 0],
  ['1y2w3d4h5m6s7ms', 31_536_000_000 + 1_209_600_000 + 259_200_000 + 14_706_007],
])('%s is %d ms', (text, durationMs) => {
  expect(parseDuration(text)).toBe(durationMs);
});

test.each(['', '15', 's', '1s1m', '1s1s', '-1s', '1.5s', ' 1s', '9999999999999999y'])(
  '%j is no duration',
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test.each([
  [15_000, '15s'],
  [5_400_000, '1h30m'],
  [1500, '1s500ms'],
  [604_800_000, '1w'],
  [691_200_000, '8d'],
  [0, '0s'],
])('%d ms are printed as %s', (durationMs, text) => {
  expect(printDuration(durationMs)).toBe(text);
});
