import { describe, expect, test } from 'vitest';
import { TEXTS } from '../i18n/dictionary.ts';
import type { WindowLine, WindowSnapshot } from '../live/live-window.ts';
import {
  errorLines,
  hasFigures,
  hostLines,
  MAX_HOSTS,
  presentLines,
  REQUEST_LINES,
  signalLines,
} from './panels.ts';

function snapshotOf(lines: readonly Pick<WindowLine, 'id' | 'panel' | 'name' | 'values'>[]) {
  const whole = lines.map((line) => ({ ...line, unit: 'percent', aggregate: 'mean' }) as const);
  const map = new Map(whole.map((line) => [line.id, line]));
  return { fromMs: 0, toMs: 2, stepMs: 1, tMs: [1, 2], lines: map } satisfies WindowSnapshot;
}

const host = (name: string, values: (number | null)[]) =>
  ({ id: `cpu_by_host:${name}`, panel: 'cpu_by_host', name, values }) as const;

describe('hostLines', () => {
  test('shows hosts by name, each in a colour of its own', () => {
    const { lines, count } = hostLines(snapshotOf([host('web-2', [1, 2]), host('web-1', [3, 4])]));
    expect(lines.map(({ label }) => label)).toEqual(['web-1', 'web-2']);
    expect(new Set(lines.map(({ color }) => color)).size).toBe(2);
    expect(count).toBe(2);
  });

  test('keeps the busiest where there are too many', () => {
    const many = Array.from({ length: MAX_HOSTS + 3 }, (_, i) => host(`h${i}`, [i, null]));
    const { lines, count } = hostLines(snapshotOf(many));
    expect(lines).toHaveLength(MAX_HOSTS);
    expect(lines.map(({ label }) => label)).not.toContain('h0');
    expect(count).toBe(MAX_HOSTS + 3);
  });

  test('is empty before the first answer', () => {
    expect(hostLines(null)).toEqual({ lines: [], count: 0 });
  });
});

describe('presentLines', () => {
  test('leaves out what the window does not hold', () => {
    const snapshot = snapshotOf([
      { id: 'requests.2xx', panel: 'requests', name: '', values: [1, 1] },
    ]);
    expect(presentLines(REQUEST_LINES, snapshot).map(({ id }) => id)).toEqual(['requests.2xx']);
  });

  test('keeps all where there is none, so that the legend tells what will come', () => {
    expect(presentLines(REQUEST_LINES, null)).toEqual(REQUEST_LINES);
  });
});

test('gaps are no figures', () => {
  const lines = errorLines(TEXTS.en);
  const line = (values: (number | null)[]) =>
    snapshotOf([{ id: 'requests.5xx', panel: 'requests', name: '', values }]);
  expect(hasFigures(lines, line([null, null]))).toBe(false);
  expect(hasFigures(lines, line([null, 0]))).toBe(true);
  expect(hasFigures(lines, null)).toBe(false);
});

test('the lines are named in the language of the reader', () => {
  expect(signalLines(TEXTS['zh-CN']).map(({ label }) => label)).toEqual(['CPU', '内存', '磁盘']);
});
