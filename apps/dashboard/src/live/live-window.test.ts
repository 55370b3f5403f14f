import type { LiveFigure, LiveFrame, Overview, OverviewLine } from '@hubpulse/api';
import * as fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { createLiveWindow, type LiveWindow, MAX_LINES } from './live-window.ts';

const STEP_MS = 20_000;
const FRAME_MS = 5000;
const START_MS = 1_700_000_000_000;

const line = (
  id: string,
  values: OverviewLine['values'],
  rest: Partial<OverviewLine> = {},
): OverviewLine => ({
  id,
  panel: 'cpu_by_host',
  name: id,
  unit: 'percent',
  aggregate: 'mean',
  values,
  ...rest,
});

/** An overview of as many steps as the lines have; by default made `aheadMs` before its last step ends. */
const overview = (
  lines: readonly OverviewLine[],
  { aheadMs = 0, ...rest }: Partial<Overview> & { aheadMs?: number } = {},
): Overview => {
  const toMs = START_MS + (lines[0]?.values.length ?? 0) * STEP_MS;
  const none = { cpu: null, memory: null, disk: null, response_time: null, error_rate: null };
  return {
    fromMs: START_MS,
    toMs,
    stepMs: STEP_MS,
    nowMs: toMs - aheadMs,
    frameIntervalMs: FRAME_MS,
    lines,
    previous: none,
    latest: none,
    ...rest,
  };
};

const figure = (id: string, value: number, rest: Partial<LiveFigure> = {}): LiveFigure => ({
  id,
  panel: 'cpu_by_host',
  name: id,
  unit: 'percent',
  aggregate: 'mean',
  value,
  ...rest,
});

/** A frame `afterMs` after the start of the overview. */
const frame = (afterMs: number, ...lines: LiveFigure[]): LiveFrame => ({
  tMs: START_MS + afterMs,
  lines,
});

const loaded = (answer: Overview, follow = true): LiveWindow => {
  const window = createLiveWindow();
  window.load(answer, { follow });
  return window;
};

const valuesOf = (window: LiveWindow, id: string) => window.snapshot()?.lines.get(id)?.values;

test('holds nothing before the first overview', () => {
  const window = createLiveWindow();
  window.push(frame(0, figure('a', 1)));
  expect(window.snapshot()).toBeNull();
  expect(window.latest('a')).toBeNull();
  expect(window.sinceMs()).toBe(0);
  expect(window.frameIntervalMs()).toBe(5000);
});

test('shows an overview as it came, gaps included', () => {
  const window = loaded(overview([line('a', [1, null, 3])]));
  expect(window.snapshot()).toMatchObject({
    fromMs: START_MS,
    toMs: START_MS + 60_000,
    stepMs: STEP_MS,
    tMs: [START_MS + 20_000, START_MS + 40_000, START_MS + 60_000],
  });
  expect(valuesOf(window, 'a')).toEqual([1, null, 3]);
});

test.each([
  { stepMs: 0 },
  { stepMs: -1 },
  { stepMs: Number.NaN },
  { toMs: START_MS },
  { toMs: START_MS - STEP_MS },
  { toMs: START_MS + STEP_MS * 1.5 },
  { toMs: START_MS + STEP_MS * 10_000_000 },
])('refuses an overview whose grid is none: %o', (grid) => {
  expect(() => loaded(overview([line('a', [1])], grid))).toThrow(/^overview: got .*want 1 to/);
});

test('slides by whole steps, keeps its length, and leaves gaps where no frame came', () => {
  const window = loaded(overview([line('a', [1, 2, 3])]));
  window.push(frame(60_000 + 45_000, figure('a', 9)));
  expect(window.snapshot()).toMatchObject({
    fromMs: START_MS + 60_000,
    toMs: START_MS + 120_000,
  });
  expect(valuesOf(window, 'a')).toEqual([null, null, 9]);
});

test('a jump far ahead leaves nothing of the old window', () => {
  const window = loaded(overview([line('cpu', [1, 2, 3], { panel: 'signals' })]));
  window.push({ tMs: 8_000_000_000_000, lines: [figure('cpu', 9)] });
  expect(valuesOf(window, 'cpu')).toEqual([null, null, 9]);
  expect(window.snapshot()?.toMs).toBe(8_000_000_000_000);
});

test('a frame at the end of a step belongs to that step, the next one to the next', () => {
  const window = loaded(overview([line('a', [1, 2, 3])]));
  window.push(frame(80_000, figure('a', 5)));
  expect(valuesOf(window, 'a')).toEqual([2, 3, 5]);
  window.push(frame(85_000, figure('a', 6)));
  expect(valuesOf(window, 'a')).toEqual([3, 5, 6]);
});

test.each([
  ['mean', 3],
  ['max', 5],
] as const)('the frames of a step become one figure by %s', (aggregate, expected) => {
  const window = loaded(overview([line('a', [1], { aggregate })]));
  for (const [i, value] of [1, 5, 2, 4].entries()) {
    window.push(frame(25_000 + i * FRAME_MS, figure('a', value, { aggregate })));
  }
  expect(valuesOf(window, 'a')).toEqual([expected]);
});

test('a frame that comes again replaces itself, also when a line has left it', () => {
  const window = loaded(overview([line('a', [1]), line('b', [1])]));
  window.push(frame(25_000, figure('a', 10), figure('b', 10)));
  window.push(frame(30_000, figure('a', 20), figure('b', 20)));
  window.push(frame(30_000, figure('a', 40)));
  expect(valuesOf(window, 'a')).toEqual([25]);
  expect(valuesOf(window, 'b')).toEqual([10]);
});

test('a late frame finds its step, one from before the window is left out', () => {
  const window = loaded(overview([line('a', [null, null])]));
  window.push(frame(85_000, figure('a', 3)));
  window.push(frame(65_000, figure('a', 1)));
  window.push(frame(20_000, figure('a', 99)));
  expect(valuesOf(window, 'a')).toEqual([1, 3]);
});

test('the steps that the overview had closed stand as the server gave them', () => {
  const window = loaded(overview([line('a', [1, 2, null])]));
  window.push(frame(35_000, figure('a', 50)));
  window.push(frame(55_000, figure('a', 50)));
  expect(valuesOf(window, 'a')).toEqual([1, 2, null]);
});

test('the open step keeps its partial figure, weighed by the frames it stands for, until its first frame is replayed', () => {
  const window = loaded(overview([line('a', [1, 10])], { nowMs: START_MS + 30_000 }));
  window.push(frame(35_000, figure('a', 40)));
  expect(valuesOf(window, 'a')).toEqual([1, 20]);
  window.push(frame(25_000, figure('a', 10)));
  window.push(frame(30_000, figure('a', 10)));
  expect(valuesOf(window, 'a')).toEqual([1, 20]);
  window.push(frame(30_000, figure('a', 70)));
  expect(valuesOf(window, 'a')).toEqual([1, 40]);
});

test('a partial maximum stands until a frame exceeds it', () => {
  const max = { aggregate: 'max' } as const;
  const window = loaded(overview([line('a', [1, 10], max)], { nowMs: START_MS + 30_000 }));
  window.push(frame(35_000, figure('a', 4, max)));
  expect(valuesOf(window, 'a')).toEqual([1, 10]);
  window.push(frame(40_000, figure('a', 12, max)));
  expect(valuesOf(window, 'a')).toEqual([1, 12]);
});

test('a line without a frame in the open step keeps its partial figure', () => {
  const window = loaded(overview([line('a', [1, 10]), line('b', [1, 7])], { aheadMs: 10_000 }));
  window.push(frame(25_000, figure('a', 2)));
  window.push(frame(35_000, figure('a', 4)));
  expect(valuesOf(window, 'a')).toEqual([1, 3]);
  expect(valuesOf(window, 'b')).toEqual([1, 7]);
});

test('a new line has gaps before its first figure', () => {
  const window = loaded(overview([line('a', [1, 2, 3])]));
  window.push(frame(65_000, figure('a', 4), figure('new', 8, { name: 'host-2' })));
  expect(valuesOf(window, 'new')).toEqual([null, null, 8]);
  expect(window.snapshot()?.lines.get('new')?.name).toBe('host-2');
});

test('a line without a figure left in the window goes, a signal stays', () => {
  const window = loaded(overview([line('a', [1, 2]), line('cpu', [1, 2], { panel: 'signals' })]));
  window.push(frame(105_000, figure('b', 1)));
  expect([...(window.snapshot()?.lines.keys() ?? [])]).toEqual(['cpu', 'b']);
  expect(valuesOf(window, 'cpu')).toEqual([null, null]);
});

test('keeps no more lines than its limit, from an overview or from frames', () => {
  const many = Array.from({ length: MAX_LINES + 5 }, (_, i) => line(`host-${i}`, [1, 2]));
  const window = loaded(overview(many));
  window.push(frame(45_000, figure('one-more', 1)));
  expect(window.snapshot()?.lines.size).toBe(MAX_LINES);
  expect(window.snapshot()?.lines.has('one-more')).toBe(false);
});

test('figures that are no numbers are left out', () => {
  const window = loaded(overview([line('a', [null, 1])]));
  window.push(frame(45_000, figure('a', Number.NaN), figure('b', Number.POSITIVE_INFINITY)));
  expect(valuesOf(window, 'a')).toEqual([1, null]);
  expect(window.latest('a')?.value).toBe(1);
  expect(window.snapshot()?.lines.has('b')).toBe(false);
});

test('a fixed window stays as it is, yet knows the newest figures', () => {
  const window = loaded(overview([line('a', [1, 2])]), false);
  const before = window.snapshot();
  window.push(frame(45_000, figure('a', 9), figure('b', 9)));
  expect(window.snapshot()).toBe(before);
  expect(window.latest('a')).toEqual({ tMs: START_MS + 45_000, value: 9 });
  expect(window.latest('b')).toBeNull();
});

test('the snapshot stays the same object until something in it changes, as does each line', () => {
  const window = loaded(overview([line('a', [1, 2]), line('b', [1, 2])]));
  window.push(frame(45_000, figure('a', 9)));
  const before = window.snapshot();
  window.push(frame(45_000, figure('a', 9)));
  window.push(frame(5000, figure('a', 1)));
  expect(window.snapshot()).toBe(before);
  window.push(frame(50_000, figure('a', 1)));
  expect(window.snapshot()).not.toBe(before);
  expect(window.snapshot()?.lines.get('b')).toBe(before?.lines.get('b'));
  expect(before?.lines.get('a')?.values).toEqual([2, 9]);
});

test('tells its listeners of every change until they leave', () => {
  const window = createLiveWindow();
  const run = vi.fn<() => void>();
  const leave = window.subscribe(run);
  window.load(overview([line('a', [1])]), { follow: true });
  window.push(frame(25_000, figure('a', 1)));
  window.clear();
  expect(run).toHaveBeenCalledTimes(3);
  expect(window.snapshot()).toBeNull();
  leave();
  window.clear();
  expect(run).toHaveBeenCalledTimes(3);
});

test('the newest figure is that of the newest frame, whatever order frames come in', () => {
  const window = loaded(overview([line('a', [1, 2])]));
  window.push(frame(50_000, figure('a', 7)));
  window.push(frame(45_000, figure('a', 6)));
  expect(window.latest('a')).toEqual({ tMs: START_MS + 50_000, value: 7 });
});

test('without a frame the newest figure is the overview’s, else the last of the line', () => {
  const latest = { tMs: START_MS + 3000, value: 5 };
  const answer = overview([line('cpu', [1, null], { panel: 'signals' }), line('a', [4, 8])], {
    aheadMs: 12_000,
  });
  const window = loaded({ ...answer, latest: { ...answer.latest, cpu: latest } });
  expect(window.latest('cpu')).toEqual(latest);
  expect(window.latest('a')).toEqual({ tMs: answer.nowMs, value: 8 });
  expect(window.latest('unknown')).toBeNull();
});

test('after the stream fell silent, a newer overview tells the newest figure', () => {
  const window = loaded(overview([line('a', [1, 2])]));
  window.push(frame(45_000, figure('a', 9)));
  const later = { fromMs: START_MS + 60_000, toMs: START_MS + 100_000, nowMs: START_MS + 100_000 };
  window.load(overview([line('a', [3, 4])], later), { follow: true });
  expect(window.latest('a')).toEqual({ tMs: START_MS + 100_000, value: 4 });
});

test('frames that came before a new overview of other steps still count in its open step', () => {
  const window = loaded(overview([line('a', [1, 2])]));
  window.push(frame(45_000, figure('a', 10)));
  window.push(frame(50_000, figure('a', 20)));
  const other = { toMs: START_MS + 80_000, stepMs: 40_000, nowMs: START_MS + 46_000 };
  window.load(overview([line('a', [1, 7])], other), { follow: true });
  expect(valuesOf(window, 'a')).toEqual([1, 15]);
});

test('a new overview slides at once to frames that are newer than it', () => {
  const answer = overview([line('a', [1, 2])]);
  const window = loaded(answer);
  window.push(frame(45_000, figure('a', 30)));
  window.load(answer, { follow: true });
  expect(valuesOf(window, 'a')).toEqual([2, 30]);
});

test('after the server’s clock was set back, an overview forgets the frames of the future', () => {
  const answer = overview([line('a', [1, 2])]);
  const window = loaded(answer);
  window.push(frame(3_600_000, figure('a', 99)));
  window.load(answer, { follow: true });
  expect(valuesOf(window, 'a')).toEqual([1, 2]);
  expect(window.latest('a')?.value).toBe(2);
  window.push(frame(45_000, figure('a', 3)));
  expect(valuesOf(window, 'a')).toEqual([2, 3]);
});

test('asks for frames from the open step on, or from the newest frame', () => {
  const window = loaded(overview([line('a', [1, 2])], { aheadMs: 12_000 }));
  expect(window.sinceMs()).toBe(START_MS + 20_000);
  window.push(frame(25_000, figure('a', 1)));
  expect(window.sinceMs()).toBe(START_MS + 25_000);
});

test('another frame interval is taken over', () => {
  const window = loaded(overview([line('a', [1])]));
  window.load(overview([line('a', [1])], { frameIntervalMs: 1000 }), { follow: true });
  expect(window.frameIntervalMs()).toBe(1000);
  for (const [i, value] of [1, 2, 6].entries()) {
    window.push(frame(21_000 + i * 1000, figure('a', value)));
  }
  expect(valuesOf(window, 'a')).toEqual([3]);
});

test('frames further back than the ring are left out without harm', () => {
  const window = loaded(overview([line('a', [1])]));
  window.push(frame(20_000_000, figure('a', 5)));
  window.push(frame(20_000_000 - 1024 * FRAME_MS, figure('a', 70)));
  expect(valuesOf(window, 'a')).toEqual([5]);
  expect(window.latest('a')?.value).toBe(5);
});

test('holds what a plain computation over all frames gives, in whatever order they come', () => {
  const steps = 6;
  const arrival = fc.record({
    index: fc.integer({ min: -8, max: 60 }),
    values: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: -50, max: 50 })),
  });
  const aggregates = { a: 'mean', b: 'max', c: 'mean' } as const;
  fc.assert(
    fc.property(fc.array(arrival, { maxLength: 80 }), (arrivals) => {
      const gaps = Array<null>(steps).fill(null);
      const signal = (id: 'a' | 'b' | 'c') => ({
        panel: 'signals' as const,
        aggregate: aggregates[id],
      });
      const ids = ['a', 'b', 'c'] as const;
      const window = loaded(overview(ids.map((id) => line(id, gaps, signal(id)))));
      const closedMs = START_MS + steps * STEP_MS;
      const kept = new Map<number, Record<string, number>>();
      let endMs = closedMs;
      for (const { index, values } of arrivals) {
        const tMs = closedMs + index * FRAME_MS;
        const figures = Object.entries(values).map(([id, value]) =>
          figure(id, value, signal(id as 'a')),
        );
        window.push({ tMs, lines: figures });
        kept.set(tMs, values);
        endMs = Math.max(endMs, Math.ceil(tMs / STEP_MS) * STEP_MS);
      }
      for (const id of ids) {
        const expected = gaps.map((_, i) => {
          const stepEndMs = endMs - (steps - 1 - i) * STEP_MS;
          if (stepEndMs <= closedMs) return null;
          const numbers = [...kept]
            .filter(([tMs]) => tMs > stepEndMs - STEP_MS && tMs <= stepEndMs)
            .flatMap(([, values]) => (id in values ? [values[id] ?? 0] : []));
          if (numbers.length === 0) return null;
          const sum = numbers.reduce((total, n) => total + n, 0);
          return aggregates[id] === 'max' ? Math.max(...numbers) : sum / numbers.length;
        });
        expect(valuesOf(window, id)).toEqual(expected);
      }
    }),
  );
});
