import { describe, expect, test } from 'vitest';
import {
  around,
  MAX_WINDOW_MS,
  MIN_WINDOW_MS,
  scaled,
  selected,
  shifted,
  windowProblem,
} from './time-window.ts';

const NOW = 1_700_000_000_000;
const hour = { fromMs: NOW - 7_200_000, toMs: NOW - 3_600_000 };

describe('windowProblem', () => {
  test.each([
    [{ fromMs: Number.NaN, toMs: NOW }, 'fromMissing'],
    [{ fromMs: NOW, toMs: Number.NaN }, 'toMissing'],
    [{ fromMs: NOW, toMs: NOW - 1 }, 'fromAfterTo'],
    [{ fromMs: NOW - 60_000, toMs: NOW - 60_000 }, 'fromAfterTo'],
    [{ fromMs: NOW - 60_000, toMs: NOW + 1 }, 'inFuture'],
    [{ fromMs: NOW - MIN_WINDOW_MS + 1, toMs: NOW }, 'tooShort'],
    [{ fromMs: NOW - MAX_WINDOW_MS - 1, toMs: NOW }, 'tooLong'],
    [{ fromMs: NOW - MIN_WINDOW_MS, toMs: NOW }, undefined],
    [{ fromMs: NOW - MAX_WINDOW_MS, toMs: NOW }, undefined],
  ])('of %o is %s', (window, problem) => {
    expect(windowProblem(window, NOW)).toBe(problem);
  });
});

describe('shifted', () => {
  test('goes back by half the length', () => {
    expect(shifted(hour, -1, NOW)).toEqual({ fromMs: NOW - 9_000_000, toMs: NOW - 5_400_000 });
  });

  test('stops at the present and keeps the length', () => {
    const last = { fromMs: NOW - 3_600_000 - 60_000, toMs: NOW - 60_000 };
    expect(shifted(last, 1, NOW)).toEqual({ fromMs: NOW - 3_600_000, toMs: NOW });
  });
});

describe('scaled', () => {
  test('halves around the middle', () => {
    expect(scaled(hour, 0.5, NOW)).toEqual({ fromMs: NOW - 6_300_000, toMs: NOW - 4_500_000 });
  });

  test('doubles, but not into the future', () => {
    const last = { fromMs: NOW - 3_600_000, toMs: NOW };
    expect(scaled(last, 2, NOW)).toEqual({ fromMs: NOW - 7_200_000, toMs: NOW });
  });

  test('keeps to the shortest and the longest window', () => {
    const { fromMs, toMs } = scaled({ fromMs: NOW - 40_000, toMs: NOW }, 0.5, NOW);
    expect(toMs - fromMs).toBe(MIN_WINDOW_MS);
    const long = scaled({ fromMs: NOW - MAX_WINDOW_MS, toMs: NOW }, 2, NOW);
    expect(long.toMs - long.fromMs).toBe(MAX_WINDOW_MS);
  });
});

describe('selected', () => {
  test('takes what was dragged', () => {
    expect(selected(hour, NOW)).toEqual(hour);
  });

  test('widens a stretch that is too short to show a course', () => {
    const { fromMs, toMs } = selected({ fromMs: NOW - 70_000, toMs: NOW - 60_000 }, NOW)!;
    expect(toMs - fromMs).toBe(MIN_WINDOW_MS);
  });

  test('ignores a tremble of the pointer', () => {
    expect(selected({ fromMs: NOW - 1_500, toMs: NOW }, NOW)).toBeUndefined();
  });
});

test('around ends a little after the figure, yet not in the future', () => {
  expect(around(NOW - 7_200_000, 3_600_000, NOW)).toEqual({
    fromMs: NOW - 10_440_000,
    toMs: NOW - 6_840_000,
  });
  expect(around(NOW - 1000, 3_600_000, NOW).toMs).toBe(NOW);
});
