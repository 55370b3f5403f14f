import type { Overview } from '@hubpulse/api';
import { describe, expect, test } from 'vitest';
import { bootOverviewFor, defaultRangeOf, readBoot } from './boot.ts';

const NOW = 1_700_000_000_000;
const none = { cpu: null, memory: null, disk: null, response_time: null, error_rate: null };
const overview: Overview = {
  fromMs: NOW - 3_600_000,
  toMs: NOW,
  stepMs: 10_000,
  nowMs: NOW - 4_000,
  frameIntervalMs: 5_000,
  lines: [],
  previous: none,
  latest: none,
};

describe('readBoot', () => {
  test('reads version and overview', () => {
    expect(readBoot(JSON.stringify({ version: '0.1.0', overview }), NOW)).toEqual({
      version: '0.1.0',
      overview,
      readAtMs: NOW,
    });
  });

  test.each([null, undefined, '', 'null', '{', '{"overview":5,"version":5}', '[]'])(
    'takes %j for nothing',
    (text) => {
      expect(readBoot(text, NOW)).toEqual({ readAtMs: NOW });
    },
  );
});

describe('bootOverviewFor', () => {
  const boot = readBoot(JSON.stringify({ overview }), NOW);

  test('serves the range that it answers', () => {
    expect(bootOverviewFor(boot, { range: '1h' }, NOW)).toEqual(overview);
    expect(bootOverviewFor(boot, { range: '6h' }, NOW)).toBeUndefined();
  });

  test('serves a fixed window, rounded as the server rounds it', () => {
    const window = { fromMs: overview.fromMs + 7_000, toMs: overview.toMs - 3_000 };
    expect(bootOverviewFor(boot, window, NOW)).toEqual(overview);
    expect(bootOverviewFor(boot, { ...window, toMs: NOW - 60_000 }, NOW)).toBeUndefined();
  });

  test('serves the last part of an answer as fine as the frames', () => {
    const line = { panel: 'signals', name: '', unit: 'percent', aggregate: 'mean' } as const;
    const values = Array.from({ length: 720 }, (_, i) => (i < 600 ? null : i));
    const fine = { ...overview, stepMs: 5_000, lines: [{ ...line, id: 'cpu', values }] };
    const cut = bootOverviewFor(
      readBoot(JSON.stringify({ overview: fine }), NOW),
      { range: '5m' },
      NOW,
    )!;
    expect(cut.fromMs).toBe(NOW - 300_000);
    expect(cut.lines[0]!.values).toEqual(values.slice(660));
    expect(cut.previous).toEqual({ ...none, cpu: 629.5 });
  });

  test('does not cut a coarse answer', () => {
    expect(bootOverviewFor(boot, { range: '5m' }, NOW)).toBeUndefined();
  });

  test('does not take a fixed window of the past for a range that ends now', () => {
    const old = readBoot(JSON.stringify({ overview: { ...overview, nowMs: NOW + 9e6 } }), NOW);
    expect(bootOverviewFor(old, { range: '1h' }, NOW)).toBeUndefined();
  });

  test('is history after ten seconds, and nothing without an overview', () => {
    expect(bootOverviewFor(boot, { range: '1h' }, NOW + 10_001)).toBeUndefined();
    expect(bootOverviewFor(readBoot('{}', NOW), { range: '1h' }, NOW)).toBeUndefined();
  });
});

describe('defaultRangeOf', () => {
  const measuredSince = (firstMs: number) => {
    const values = Array.from({ length: 360 }, (_, i) =>
      overview.fromMs + (i + 1) * overview.stepMs >= firstMs ? 1 : null,
    );
    const line = { id: 'cpu', panel: 'signals', name: '', unit: 'percent', aggregate: 'mean' };
    return readBoot(
      JSON.stringify({ overview: { ...overview, lines: [{ ...line, values }] } }),
      NOW,
    );
  };

  test('is short while the server has just begun to measure', () => {
    expect(defaultRangeOf(measuredSince(NOW + 1))).toBe('5m');
    expect(defaultRangeOf(measuredSince(NOW - 300_000))).toBe('5m');
  });

  test('is an hour later, and where nothing is known', () => {
    expect(defaultRangeOf(measuredSince(NOW - 900_000))).toBe('1h');
    expect(defaultRangeOf(readBoot('{}', NOW))).toBe('1h');
  });
});
