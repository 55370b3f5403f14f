// One selection after the other, as a caller makes them.
/* oxlint-disable no-await-in-loop */

import type { RollupColumns } from '@hubpulse/model';
import { expect, it } from 'vitest';
import {
  ALL,
  all,
  batchOf,
  bitsOf,
  DAY,
  EVERYTHING,
  internAll,
  match,
  named,
  refusal,
  type Row,
  STALE_BITS,
  T,
} from './contract-rows.ts';
import type { Subject } from './contract.ts';
import type { MetricStore, Resolution, RollupSelection } from './port.ts';

const MINUTE: Resolution = 60_000;
const HOUR: Resolution = 3_600_000;

/** A bucket in a form that tests can write down: the last value as its 64 bits, since it keeps what a NaN carries. */
interface Bucket {
  readonly tMs: number;
  readonly last: bigint;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly count: number;
}

/** Buckets by series, for comparing stores. */
export async function readRollups(
  store: MetricStore,
  selection: RollupSelection,
): Promise<{ labels: RollupColumns['labels']; buckets: Bucket[] }[]> {
  const found = await store.selectRollups(selection);
  return found.map(({ labels, tMs, last, min, max, sum, count }) => {
    const view = new DataView(last.buffer, last.byteOffset, last.byteLength);
    const buckets = Array.from(tMs, (time, i) => ({
      tMs: time,
      last: view.getBigUint64(8 * i, true),
      min: min[i]!,
      max: max[i]!,
      sum: sum[i]!,
      count: count[i]!,
    }));
    return { labels, buckets };
  });
}

function bucket(tMs: number, values: readonly number[]): Bucket {
  return {
    tMs,
    last: bitsOf(values.at(-1)!),
    min: Math.min(...values),
    max: Math.max(...values),
    sum: values.reduce((sum, value) => sum + value, 0),
    count: values.length,
  };
}

/** What the contract says of `selectRollups`. */
export function describeRollups(subject: Subject): void {
  describeBuckets(subject);
  describeChanges(subject);
  describeBorders(subject);
  describeLimits(subject);
}

function describeBuckets(subject: Subject): void {
  it('gathers samples in buckets of a minute and of an hour', async () => {
    const [a, b] = internAll(subject.store, 'a', 'b');
    const start = 20_000 * DAY + 5 * HOUR;
    const rows = Array.from({ length: 480 }, (_, i): Row => [a, start + (i + 1) * 15_000, i / 10]);
    await subject.store.append(batchOf([...rows, [b, start + 1, 7]]));
    await subject.settle();
    const values = rows.map(([, , value]) => Number(value));
    const buckets = (width: number): Bucket[] =>
      Array.from({ length: (2 * HOUR) / width }, (_, i) => {
        const each = width / 15_000;
        return bucket(start + (i + 1) * width, values.slice(i * each, (i + 1) * each));
      });
    for (const resolutionMs of [MINUTE, HOUR] as const) {
      expect(await readRollups(subject.store, { ...all(), resolutionMs })).toEqual([
        { labels: named('a'), buckets: buckets(resolutionMs) },
        { labels: named('b'), buckets: [bucket(start + 1, [7])] },
      ]);
    }
  });

  it('counts stale markers nowhere but in the last value', async () => {
    const [a] = internAll(subject.store, 'a');
    const start = 20_000 * DAY;
    await subject.store.append(
      batchOf([
        [a, start + 1, 4],
        [a, start + 2, STALE_BITS],
        [a, start + MINUTE + 1, STALE_BITS],
      ]),
    );
    await subject.settle();
    const [series] = await readRollups(subject.store, { ...all(), resolutionMs: MINUTE });
    expect(series?.buckets).toEqual([
      { tMs: start + 2, last: STALE_BITS, min: 4, max: 4, sum: 4, count: 1 },
      { tMs: start + MINUTE + 1, last: STALE_BITS, min: NaN, max: NaN, sum: 0, count: 0 },
    ]);
  });
}

function describeChanges(subject: Subject): void {
  it('gives the same after late samples as when they had come in time', async () => {
    const [a] = internAll(subject.store, 'a');
    const start = 20_000 * DAY;
    await subject.store.append(batchOf([[a, start + 1, 1], [a, start + DAY, 2]])); // oxfmt-ignore
    await subject.settle();
    await subject.store.append(batchOf([[a, start + 5, 10], [a, start + DAY, 3]])); // oxfmt-ignore
    const expected = [
      {
        labels: named('a'),
        buckets: [bucket(start + 5, [1, 10]), bucket(start + DAY, [3])],
      },
    ];
    expect(await readRollups(subject.store, { ...all(), resolutionMs: HOUR })).toEqual(expected);
    await subject.settle();
    expect(await readRollups(subject.store, { ...all(), resolutionMs: HOUR })).toEqual(expected);
  });

  it('is made of what remains after a deletion', async () => {
    const [a] = internAll(subject.store, 'a');
    const start = 20_000 * DAY;
    const rows = [1, 2, 3, 4].map((i): Row => [a, start + i * 20_000, i]);
    await subject.store.append(batchOf(rows));
    await subject.settle();
    await subject.store.delete({ matchers: ALL, fromMs: start + 20_001, toMs: start + 60_000 });
    const expected = [
      {
        labels: named('a'),
        buckets: [bucket(start + 20_000, [1]), bucket(start + 80_000, [4])],
      },
    ];
    expect(await readRollups(subject.store, { ...all(), resolutionMs: MINUTE })).toEqual(expected);
    await subject.settle();
    expect(await readRollups(subject.store, { ...all(), resolutionMs: MINUTE })).toEqual(expected);
  });
}

function describeBorders(subject: Subject): void {
  it('has whole buckets at midnight, whose last sample is of the next day', async () => {
    const [a] = internAll(subject.store, 'a');
    const midnight = 20_000 * DAY;
    const times = [-HOUR, -MINUTE, -MINUTE + 1, -1, 0, 1, MINUTE];
    const rows = times.map((time, i): Row => [a, midnight + time, i]);
    await subject.store.append(batchOf(rows));
    await subject.settle();
    const read = (resolutionMs: Resolution): Promise<unknown> =>
      readRollups(subject.store, { ...all(), resolutionMs });
    expect(await read(MINUTE)).toEqual([
      {
        labels: named('a'),
        buckets: [
          bucket(midnight - HOUR, [0]),
          bucket(midnight - MINUTE, [1]),
          bucket(midnight, [2, 3, 4]),
          bucket(midnight + MINUTE, [5, 6]),
        ],
      },
    ]);
    expect(await read(HOUR)).toEqual([
      {
        labels: named('a'),
        buckets: [
          bucket(midnight - HOUR, [0]),
          bucket(midnight, [1, 2, 3, 4]),
          bucket(midnight + MINUTE, [5, 6]),
        ],
      },
    ]);
  });

  it('selects by the last sample of a bucket, and gives it whole', async () => {
    const [a] = internAll(subject.store, 'a');
    const start = 20_000 * DAY;
    const rows = [1, 30_000, 60_001, 90_000, 120_001].map((time, i): Row => [a, start + time, i]);
    await subject.store.append(batchOf(rows));
    await subject.settle();
    const read = async (fromMs: number, toMs: number): Promise<number[]> => {
      const selection = { matchers: ALL, fromMs, toMs, resolutionMs: MINUTE } as const;
      const [series] = await readRollups(subject.store, selection);
      return series?.buckets.map(({ count }) => count) ?? [];
    };
    expect(await read(start + 30_000, start + 90_000)).toEqual([2, 2]);
    expect(await read(start + 30_001, start + 90_000)).toEqual([2]);
    expect(await read(start + 30_000, start + 89_999)).toEqual([2]);
    expect(await read(start + 120_001, start + DAY)).toEqual([1]);
    expect(await read(start + 120_002, start + DAY)).toEqual([]);
    expect(await read(start + 2, start + 1)).toEqual([]);
  });
}

function describeLimits(subject: Subject): void {
  it('refuses more buckets than maxSamples, counting only what it would return', async () => {
    const [a, b] = internAll(subject.store, 'a', 'b');
    const start = 20_000 * DAY;
    const rows = Array.from({ length: 400 }, (_, i): Row => [
      i % 2 === 0 ? a : b,
      start + (i + 1) * 15_000,
      i,
    ]);
    await subject.store.append(batchOf(rows));
    await subject.settle();
    const select = (maxSamples: number): Promise<RollupColumns[]> =>
      subject.store.selectRollups({ ...all(), resolutionMs: MINUTE, maxSamples });
    expect(await refusal(select(199))).toBe('too_many_samples');
    expect((await select(200)).map(({ tMs }) => tMs.length)).toEqual([100, 100]);
  });

  it('refuses what a selection of samples refuses', async () => {
    const { store } = subject;
    const resolutionMs: Resolution = MINUTE;
    const none = { ...EVERYTHING, matchers: [], resolutionMs };
    expect(await refusal(store.selectRollups(none))).toBe('invalid');
    const bad = { ...EVERYTHING, matchers: [match('a', '=~', '(')], resolutionMs };
    expect(await refusal(store.selectRollups(bad))).toBe('invalid');
    const range = { ...all(), fromMs: NaN, resolutionMs };
    expect(await refusal(store.selectRollups(range))).toBe('invalid');
    expect(await readRollups(store, { ...all(), resolutionMs })).toEqual([]);
    const [a] = internAll(store, 'a');
    await store.append(batchOf([[a, T, 1]]));
    await store.close();
    expect(await refusal(store.selectRollups({ ...all(), resolutionMs }))).toBe('closed');
  });
}
