import type { Overview } from '@hubpulse/api';
import { expect, test } from 'vitest';
import { createLiveWindow } from '../live/live-window.ts';
import { keyFigureOf } from './key-figure.ts';

const STEP = 5_000;
const TO = 1_700_000_000_000;
const FROM = TO - 4 * STEP;
const nothing = { cpu: null, memory: null, disk: null, response_time: null, error_rate: null };

function loaded(values: (number | null)[], latest: Overview['latest'], follow: boolean) {
  const liveWindow = createLiveWindow();
  const line = {
    id: 'cpu',
    panel: 'signals',
    name: '',
    unit: 'percent',
    aggregate: 'mean',
  } as const;
  liveWindow.load(
    {
      fromMs: FROM,
      toMs: TO,
      stepMs: STEP,
      nowMs: TO,
      frameIntervalMs: STEP,
      previous: nothing,
      latest,
      lines: [{ ...line, values }],
    },
    { follow },
  );
  return liveWindow;
}

test('nothing is known before the first answer', () => {
  const figure = keyFigureOf('cpu', { liveWindow: createLiveWindow(), follows: true });
  expect(figure).toEqual({ unit: 'percent', newest: null, mean: null, values: [] });
});

test('while the page follows, the newest measured figure counts', () => {
  const latest = { ...nothing, cpu: { tMs: TO - 1_000, value: 42 } };
  const liveWindow = loaded([10, null, 20, 30], latest, true);
  const figure = keyFigureOf('cpu', { liveWindow, follows: true });
  expect(figure.newest).toEqual({ tMs: TO - 1_000, value: 42 });
  expect(figure.mean).toBe(20);
});

test('a figure from before the window is not its figure', () => {
  const latest = { ...nothing, cpu: { tMs: FROM, value: 42 } };
  const liveWindow = loaded([null, null, null, null], latest, true);
  expect(keyFigureOf('cpu', { liveWindow, follows: true }).newest).toBeNull();
});

test('a window of the past shows its own last figure, not the present', () => {
  const latest = { ...nothing, cpu: { tMs: TO + 9_000_000, value: 99 } };
  const liveWindow = loaded([10, 20, 30, null], latest, false);
  const figure = keyFigureOf('cpu', { liveWindow, follows: false });
  expect(figure.newest).toEqual({ tMs: FROM + 3 * STEP, value: 30 });
});

test('response time is in milliseconds', () => {
  const liveWindow = loaded([1, 1, 1, 1], nothing, true);
  expect(keyFigureOf('response_time', { liveWindow, follows: true }).unit).toBe('milliseconds');
});
