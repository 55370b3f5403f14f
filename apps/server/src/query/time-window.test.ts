import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseGrid, parseTimeWindow, pointsOf } from './time-window.ts';

const NOW_MS = Date.UTC(2026, 10, 22, 14, 0, 0);

describe('parseTimeWindow', () => {
  test('a named range ends now', () => {
    expect(parseTimeWindow({ range: '6h' }, NOW_MS)).toEqual({
      window: { fromMs: NOW_MS - 21_600_000, toMs: NOW_MS },
    });
  });

  test('nothing given means the last hour', () => {
    expect(parseTimeWindow({}, NOW_MS)).toEqual({
      window: { fromMs: NOW_MS - 3_600_000, toMs: NOW_MS },
    });
  });

  test('instants are Unix milliseconds or ISO 8601', () => {
    expect(parseTimeWindow({ from: '1000', to: '1970-01-01T01:00:02+01:00' }, NOW_MS)).toEqual({
      window: { fromMs: 1000, toMs: 2000 },
    });
  });

  test('without to the window ends now', () => {
    expect(parseTimeWindow({ from: '2026-11-22T13:00:00Z' }, NOW_MS)).toEqual({
      window: { fromMs: NOW_MS - 3_600_000, toMs: NOW_MS },
    });
  });

  test.each([
    [{ range: '7d' }, 'got range "7d"; want one of 5m, 1h, 6h, 24h, or from and to'],
    [{ range: '' }, 'got range ""; want one of'],
    [{ range: 'constructor' }, 'got range "constructor"; want one of'],
    [{ range: '1h', from: '0' }, 'got range together with from or to'],
    [{ to: '5' }, 'got to without from'],
    [{ from: '10', to: '10' }, 'want from before to'],
    [
      { from: '20', to: '10' },
      'got from 1970-01-01T00:00:00.020Z, to 1970-01-01T00:00:00.010Z; want from before to',
    ],
    [{ from: 'yesterday' }, 'got from "yesterday"; want Unix milliseconds or ISO 8601'],
    [{ from: '2026-11-22' }, 'want Unix milliseconds or ISO 8601 with a time zone'],
    [{ from: '2026-13-45T00:00:00Z' }, 'want Unix milliseconds'],
    [{ from: '0', to: '9999999999999999' }, 'got to "9999999999999999"'],
    [{ from: '1e3', to: '1e4' }, 'got from "1e3"'],
  ])('%j is refused with what was wanted', (query, problem) => {
    expect(parseTimeWindow(query, NOW_MS)).toEqual({ problem: expect.stringContaining(problem) });
  });

  test('a hostile value comes back cut', () => {
    const parsed = parseTimeWindow({ from: 'x'.repeat(10_000_000) }, NOW_MS);
    expect('problem' in parsed && parsed.problem.length).toBeLessThan(200);
  });
});

describe('chooseGrid', () => {
  test.each([
    ['five minutes', 300_000, 1500, 5000, 60],
    ['an hour', 3_600_000, 1500, 5000, 720],
    ['six hours', 21_600_000, 1500, 15_000, 1440],
    ['a day', 86_400_000, 720, 120_000, 720],
    ['ten years', 315_576_000_000, 1500, 3 * 86_400_000, 1218],
  ])('%s get a step that people can read', (_, lengthMs, maxPoints, stepMs, points) => {
    const grid = chooseGrid(
      { fromMs: NOW_MS - lengthMs, toMs: NOW_MS },
      { maxPoints, minStepMs: 5000 },
    );
    expect(grid.stepMs).toBe(stepMs);
    expect(pointsOf(grid)).toBe(points);
  });

  test('the last step is the one in which the window ends', () => {
    const grid = chooseGrid(
      { fromMs: NOW_MS - 300_000 + 1, toMs: NOW_MS + 1 },
      { minStepMs: 5000 },
    );
    expect(grid).toEqual({ fromMs: NOW_MS - 295_000, toMs: NOW_MS + 5000, stepMs: 5000 });
  });

  test('any window fits into the allowed number of aligned steps and ends inside the last', () => {
    const instant = fc.integer({ min: -8.64e15, max: 8.64e15 });
    fc.assert(
      fc.property(instant, instant, fc.integer({ min: 1, max: 1500 }), (a, b, maxPoints) => {
        fc.pre(a !== b);
        const window = { fromMs: Math.min(a, b), toMs: Math.max(a, b) };
        const grid = chooseGrid(window, { maxPoints, minStepMs: 5000 });
        expect(pointsOf(grid)).toBeLessThanOrEqual(maxPoints);
        expect(pointsOf(grid)).toBeGreaterThanOrEqual(1);
        expect(Math.abs(grid.toMs % grid.stepMs)).toBe(0);
        expect(grid.toMs).toBeGreaterThanOrEqual(window.toMs);
        expect(grid.toMs - grid.stepMs).toBeLessThan(window.toMs);
      }),
    );
  });
});
