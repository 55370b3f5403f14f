import {
  createLabels,
  type Labels,
  labelsKey,
  type Matcher,
  type SeriesColumns,
} from '@hubpulse/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeDeleting } from './contract-deleting.ts';
import { describeHistories } from './contract-history.ts';
import { describeRollups } from './contract-rollups.ts';
import {
  all,
  ALL,
  batchOf,
  bitsOf,
  DAY,
  EVERYTHING,
  internAll,
  match,
  named,
  read,
  readAll,
  refusal,
  type Row,
  selected,
  SPECIAL_BITS,
  STALE_BITS,
  T,
  toBits,
} from './contract-rows.ts';
import type { MetricStore } from './port.ts';

/** How the suite gets at an implementation. */
export interface StoreHarness {
  /** A store without samples. */
  open(): Promise<MetricStore>;
  /**
   * Changes how the samples are kept, never what they are (seal, close and open again), and returns the store to go on
   * with. Left out where an implementation has no such thing.
   */
  settle?(store: MetricStore): Promise<MetricStore>;
}

/** The store of the test that runs. */
export interface Subject {
  store: MetricStore;
  settle(): Promise<void>;
}

/** The suite that every metrics store passes: the sentences of `port.ts`, one by one. */
export function describeMetricStore(name: string, harness: StoreHarness): void {
  // The rule knows no parameters.
  // oxlint-disable-next-line vitest/valid-title
  describe(name, () => {
    const subject: Subject = {
      store: undefined as never,
      settle: async () => {
        subject.store = (await harness.settle?.(subject.store)) ?? subject.store;
      },
    };
    beforeEach(async () => {
      subject.store = await harness.open();
    });
    afterEach(() => subject.store.close());

    describe('append and select', () => {
      describeAppendAndSelect(subject);
    });
    describe('order and duplicates', () => {
      describeOrder(subject);
    });
    describe('values', () => {
      describeValues(subject);
    });
    describe('matchers', () => {
      describeMatchers(subject);
    });
    describe('limits and refusals', () => {
      describeRefusals(subject);
    });
    describe('roll-ups', () => {
      describeRollups(subject);
    });
    describe('deleting', () => {
      describeDeleting(subject);
    });
    describe('series', () => {
      describeSeries(subject);
    });
    describe('life cycle', () => {
      describeLifeCycle(subject);
    });
    describe('any history', () => {
      describeHistories(subject);
    });
  });
}

function describeAppendAndSelect(subject: Subject): void {
  it('gives back what was appended, in columns per series', async () => {
    const { store } = subject;
    const [a, b] = internAll(store, 'a', 'b');
    const rows: Row[] = [
      [b, T, 10],
      [a, T, 1],
      [a, T + 1, 2],
      [b, T + 5, 20],
    ];
    await store.append(batchOf(rows));
    expect(await readAll(store)).toEqual([
      selected('a', [T, 1], [T + 1, 2]),
      selected('b', [T, 10], [T + 5, 20]),
    ]);
    await subject.settle();
    expect(await readAll(subject.store)).toEqual([
      selected('a', [T, 1], [T + 1, 2]),
      selected('b', [T, 10], [T + 5, 20]),
    ]);
  });

  it('includes both ends of a range', async () => {
    const [a] = internAll(subject.store, 'a');
    await subject.store.append(batchOf([1, 2, 3, 4, 5].map((i): Row => [a, T + i, i])));
    await subject.settle();
    const range = { fromMs: T + 2, toMs: T + 4 };
    expect(await readAll(subject.store, range)).toEqual([
      selected('a', [T + 2, 2], [T + 3, 3], [T + 4, 4]),
    ]);
    expect(await readAll(subject.store, { fromMs: T + 3, toMs: T + 3 })).toEqual([
      selected('a', [T + 3, 3]),
    ]);
  });

  it('leaves out series without a sample in the range', async () => {
    const [a, b] = internAll(subject.store, 'a', 'b');
    await subject.store.append(
      batchOf([
        [a, T, 1],
        [b, T + 100, 2],
      ]),
    );
    await subject.settle();
    const range = { fromMs: T + 1, toMs: T + 100 };
    expect(await readAll(subject.store, range)).toEqual([selected('b', [T + 100, 2])]);
  });

  it('gives an empty array when nothing is there', async () => {
    const { store } = subject;
    expect(await readAll(store)).toEqual([]);
    const [a] = internAll(store, 'a');
    await store.append(batchOf([[a, T, 1]]));
    expect(await readAll(store, { fromMs: T + 1, toMs: T + 2 })).toEqual([]);
    expect(await readAll(store, { fromMs: T + 1, toMs: T - 1 })).toEqual([]);
    expect(await read(store, { name: 'a', op: '=', value: 'none' })).toEqual([]);
  });

  it('accepts an empty batch', async () => {
    await subject.store.append(batchOf([]));
    expect(await readAll(subject.store)).toEqual([]);
  });

  it('orders series by labelsKey', async () => {
    const names = ['b', 'a', 'ä', 'B', 'a b', 'a"'];
    const refs = internAll(subject.store, ...names);
    await subject.store.append(batchOf(refs.map((ref): Row => [ref, T, 1])));
    await subject.settle();
    const keys = (await readAll(subject.store)).map((series) => labelsKey(series.labels));
    const sorted = names.map((name) => labelsKey(named(name))).toSorted((a, b) => (a < b ? -1 : 1));
    expect(keys).toEqual(sorted);
  });

  it('gives arrays that the caller may change', async () => {
    const [a] = internAll(subject.store, 'a');
    await subject.store.append(batchOf([[a, T, 1]]));
    const [first] = await subject.store.select(all());
    first?.values.fill(7);
    first?.tMs.fill(7);
    expect(await readAll(subject.store)).toEqual([selected('a', [T, 1])]);
  });

  it('keeps samples of many days, years and ends of time', async () => {
    const [a] = internAll(subject.store, 'a');
    const times = [-8.64e15, -1, 0, 1, DAY - 1, DAY, T - 400 * DAY, T, T + DAY, 8.64e15];
    await subject.store.append(batchOf(times.map((time, i): Row => [a, time, i])));
    await subject.settle();
    expect(await readAll(subject.store)).toEqual([
      selected('a', ...times.map((time, i): [number, number] => [time, i])),
    ]);
    const range = { fromMs: 0, toMs: DAY - 1 };
    expect(await readAll(subject.store, range)).toEqual([
      selected('a', [0, 2], [1, 3], [DAY - 1, 4]),
    ]);
  });

  it('holds 10,000 series', async () => {
    const count = 10_000;
    const refs = Array.from({ length: count }, (_, i) =>
      subject.store.intern(createLabels({ __name__: 'many', i: String(i) })),
    );
    for (const minute of [0, 1]) {
      await subject.store.append(batchOf(refs.map((ref): Row => [ref, T + minute * 60_000, ref])));
    }
    await subject.settle();
    expect(subject.store.stats().series).toBe(count);
    const found = await subject.store.select(all());
    expect(found).toHaveLength(count);
    const sums = found.map(({ tMs, values }) => [tMs.length, values[0] === values[1]]);
    expect(sums.every(([samples, equal]) => samples === 2 && equal)).toBe(true);
    const one = await read(subject.store, { name: 'i', op: '=', value: '9999' });
    expect(one.map(({ rows }) => rows.length)).toEqual([2]);
  });
}

function describeOrder(subject: Subject): void {
  it('takes rows in any order, within a batch and between batches', async () => {
    const [a] = internAll(subject.store, 'a');
    await subject.store.append(
      batchOf([
        [a, T + 3, 3],
        [a, T + 1, 1],
      ]),
    );
    await subject.settle();
    await subject.store.append(
      batchOf([
        [a, T + 2, 2],
        [a, T, 0],
      ]),
    );
    const expected = [selected('a', [T, 0], [T + 1, 1], [T + 2, 2], [T + 3, 3])];
    expect(await readAll(subject.store)).toEqual(expected);
    await subject.settle();
    expect(await readAll(subject.store)).toEqual(expected);
  });

  it('takes very old samples beside new ones', async () => {
    const [a] = internAll(subject.store, 'a');
    await subject.store.append(batchOf([[a, T, 1]]));
    await subject.settle();
    await subject.store.append(batchOf([[a, T - 3650 * DAY, 0]]));
    await subject.settle();
    expect(await readAll(subject.store)).toEqual([selected('a', [T - 3650 * DAY, 0], [T, 1])]);
  });

  it('lets the later row of a batch win', async () => {
    const [a] = internAll(subject.store, 'a');
    await subject.store.append(
      batchOf([
        [a, T, 1],
        [a, T + 1, 5],
        [a, T, 2],
        [a, T, 3],
      ]),
    );
    expect(await readAll(subject.store)).toEqual([selected('a', [T, 3], [T + 1, 5])]);
    await subject.settle();
    expect(await readAll(subject.store)).toEqual([selected('a', [T, 3], [T + 1, 5])]);
  });

  it('lets the later batch win, wherever the earlier one is kept by now', async () => {
    const [a] = internAll(subject.store, 'a');
    for (const value of [1, 2, 3, 4]) {
      await subject.store.append(
        batchOf([
          [a, T, value],
          [a, T + value, value],
        ]),
      );
      if (value % 2 === 0) await subject.settle();
      expect((await readAll(subject.store))[0]?.rows[0]).toEqual([T, bitsOf(value)]);
    }
    expect(await readAll(subject.store)).toEqual([
      selected('a', [T, 4], [T + 1, 1], [T + 2, 2], [T + 3, 3], [T + 4, 4]),
    ]);
  });

  it('keeps concurrent appends in the order of their calls', async () => {
    const [a, b] = internAll(subject.store, 'a', 'b');
    const appends = Array.from({ length: 50 }, (_, i) =>
      subject.store.append(
        batchOf([
          [a, T, i],
          [b, T + i, i],
        ]),
      ),
    );
    await Promise.all(appends);
    const [first, second] = await readAll(subject.store);
    expect(first?.rows).toEqual([[T, bitsOf(49)]]);
    expect(second?.rows).toHaveLength(50);
  });
}

function describeValues(subject: Subject): void {
  it('keeps every bit of NaN payloads, infinities and zeros', async () => {
    const [a] = internAll(subject.store, 'a');
    const rows = SPECIAL_BITS.map((bits, i): Row => [a, T + i, bits]);
    await subject.store.append(batchOf(rows));
    const expected = [
      { labels: named('a'), rows: SPECIAL_BITS.map((bits, i) => [T + i, bits] as const) },
    ];
    expect(await readAll(subject.store)).toEqual(expected);
    await subject.settle();
    expect(await readAll(subject.store)).toEqual(expected);
  });

  it('keeps a stale marker among ordinary values, also out of order', async () => {
    const [a] = internAll(subject.store, 'a');
    const rows = Array.from({ length: 1000 }, (_, i): Row => {
      return [a, T + ((i * 7) % 1000) * 15_000, i === 500 ? STALE_BITS : i / 10];
    });
    await subject.store.append(batchOf(rows));
    await subject.settle();
    const [series] = await readAll(subject.store);
    expect(series?.rows).toEqual(
      rows.map(([, time, value]) => [time, toBits(value)] as const).toSorted(([x], [y]) => x - y),
    );
  });
}

function describeMatchers(subject: Subject): void {
  const hosts: Record<string, string>[] = [
    { __name__: 'up', host: 'a', zone: 'x' },
    { __name__: 'up', host: 'b' },
    { __name__: 'up', host: 'ab', zone: 'y' },
    { __name__: 'down', host: 'a' },
  ];
  const found = async (...matchers: Matcher[]): Promise<string[]> => {
    const series = await subject.store.select({ ...EVERYTHING, matchers });
    expect(subject.store.series(matchers)).toEqual(series.map((one) => one.labels));
    return series.map(({ labels }) => labels.map(([, value]) => value).join('/'));
  };
  beforeEach(async () => {
    const refs = hosts.map((host) => subject.store.intern(createLabels(host)));
    await subject.store.append(batchOf(refs.map((ref): Row => [ref, T, 1])));
    await subject.settle();
  });

  it('matches equal and not equal values', async () => {
    expect(await found(match('host', '=', 'a'))).toEqual(['down/a', 'up/a/x']);
    expect(await found(match('host', '!=', 'a'))).toEqual(['up/ab/y', 'up/b']);
  });

  it('anchors patterns at both ends', async () => {
    expect(await found(match('host', '=~', 'a|b'))).toEqual(['down/a', 'up/a/x', 'up/b']);
    expect(await found(match('host', '=~', 'a.*'))).toEqual(['down/a', 'up/a/x', 'up/ab/y']);
    expect(await found(match('host', '!~', 'a.*'))).toEqual(['up/b']);
    expect(await found(match('host', '!~', 'a|b'))).toEqual(['up/ab/y']);
  });

  it('takes an absent label for an empty one', async () => {
    expect(await found(match('zone', '=', ''))).toEqual(['down/a', 'up/b']);
    expect(await found(match('zone', '!=', ''))).toEqual(['up/a/x', 'up/ab/y']);
    expect(await found(match('zone', '=~', 'x|'))).toEqual(['down/a', 'up/a/x', 'up/b']);
    expect(await found(match('zone', '!~', 'x|'))).toEqual(['up/ab/y']);
    expect(await found(match('zone', '!=', 'x'))).toEqual(['down/a', 'up/ab/y', 'up/b']);
    expect(await found(match('none', '=', ''))).toHaveLength(4);
    expect(await found(match('none', '=~', '.+'))).toEqual([]);
  });

  it('requires all matchers', async () => {
    const up = match('__name__', '=', 'up');
    expect(await found(up, match('host', '=~', 'a.*'))).toEqual(['up/a/x', 'up/ab/y']);
    expect(await found(up, match('host', '=~', 'a.*'), match('zone', '!=', 'x'))).toEqual([
      'up/ab/y',
    ]);
    expect(await found(up, match('host', '=', 'a'), match('host', '=', 'b'))).toEqual([]);
  });
}

function describeRefusals(subject: Subject): void {
  it('refuses a ref that it never gave, and keeps nothing of the batch', async () => {
    const [a] = internAll(subject.store, 'a');
    for (const bad of [0, a + 1, 2 ** 32 - 1]) {
      const batch = batchOf([
        [a, T, 1],
        [bad, T, 2],
      ]);
      expect(await refusal(subject.store.append(batch))).toBe('invalid');
    }
    expect(await readAll(subject.store)).toEqual([]);
    expect(subject.store.stats()).toMatchObject({
      failedAppends: 3,
      appendedBatches: 0,
      series: 0,
    });
  });

  it('finds the refs that it gave, and makes none by looking', async () => {
    const [a] = internAll(subject.store, 'a');
    expect(subject.store.find(named('a'))).toBe(a);
    expect(subject.store.find(named('b'))).toBeUndefined();
    await subject.store.append(batchOf([[a, T, 1]]));
    await subject.settle();
    const again = subject.store.find(named('a'));
    expect(again).toBe(subject.store.intern(named('a')));
    expect(subject.store.find(named('b'))).toBeUndefined();
    expect(subject.store.stats().series).toBe(1);
  });

  it('refuses columns of different lengths', async () => {
    const [a] = internAll(subject.store, 'a');
    const batch = batchOf([[a, T, 1]]);
    expect(await refusal(subject.store.append({ ...batch, tMs: new Float64Array(2) }))).toBe(
      'invalid',
    );
    expect(await refusal(subject.store.append({ ...batch, values: new Float64Array(0) }))).toBe(
      'invalid',
    );
    expect(await refusal(subject.store.append({ ...batch, refs: new Uint32Array(0) }))).toBe(
      'invalid',
    );
  });

  it('refuses times that are no whole milliseconds of a date', async () => {
    const [a] = internAll(subject.store, 'a');
    for (const time of [NaN, Infinity, -Infinity, 0.5, 8.64e15 + 1, -8.64e15 - 1]) {
      expect(await refusal(subject.store.append(batchOf([[a, time, 1]])))).toBe('invalid');
    }
  });

  it('goes on after a refused batch, also for the series that it was the first to name', async () => {
    const [a] = internAll(subject.store, 'a');
    expect(await refusal(subject.store.append(batchOf([[a, NaN, 1]])))).toBe('invalid');
    await subject.store.append(batchOf([[a, T, 2]]));
    await subject.settle();
    expect(await readAll(subject.store)).toEqual([selected('a', [T, 2])]);
  });

  it('refuses a selection without matchers, with a bad pattern or without a range', async () => {
    const { store } = subject;
    const [a] = internAll(store, 'a');
    await store.append(batchOf([[a, T, 1]]));
    expect(await refusal(store.select({ ...EVERYTHING, matchers: [] }))).toBe('invalid');
    const bad = [match('a', '=~', '(')];
    expect(await refusal(store.select({ ...EVERYTHING, matchers: bad }))).toBe('invalid');
    expect(() => store.series(bad)).toThrow(expect.objectContaining({ code: 'invalid' }));
    expect(await refusal(store.select({ ...all(), fromMs: NaN }))).toBe('invalid');
    expect(await refusal(store.select({ ...all(), maxSamples: -1 }))).toBe('invalid');
  });

  it('refuses a selection of more than maxSamples, counting only what it would return', async () => {
    const [a, b] = internAll(subject.store, 'a', 'b');
    const rows = Array.from({ length: 1000 }, (_, i): Row => [i % 2 === 0 ? a : b, T + i, i]);
    await subject.store.append(batchOf(rows));
    await subject.store.append(batchOf(rows));
    await subject.settle();
    await subject.store.append(batchOf(rows));
    const select = (maxSamples: number): Promise<SeriesColumns[]> =>
      subject.store.select({ ...all(), fromMs: T + 100, toMs: T + 299, maxSamples });
    expect(await refusal(select(199))).toBe('too_many_samples');
    expect(await refusal(select(0))).toBe('too_many_samples');
    expect((await select(200)).map(({ tMs }) => tMs.length)).toEqual([100, 100]);
  });
}

function describeSeries(subject: Subject): void {
  it('gives a label set one ref, before and after appends', async () => {
    const { store } = subject;
    const first = store.intern(createLabels({ __name__: 'a', x: '1' }));
    expect(store.intern(createLabels({ x: '1', __name__: 'a', y: '' }))).toBe(first);
    expect(store.intern(createLabels({ __name__: 'a', x: '2' }))).not.toBe(first);
    await store.append(batchOf([[first, T, 1]]));
    expect(store.intern(createLabels({ __name__: 'a', x: '1' }))).toBe(first);
    expect(await refusal(store.append(batchOf([[first, NaN, 1]])))).toBe('invalid');
    expect(store.intern(createLabels({ __name__: 'a', x: '1' }))).toBe(first);
  });

  it('keeps apart labels that look alike', async () => {
    const sets = [
      { a: 'b,c' },
      { a: 'b', c: '' },
      { a: 'b"' },
      { a: 'b\\"' },
      { ab: '' },
      { ä: '\n' },
    ];
    const refs = sets.map((set) => subject.store.intern(createLabels({ __name__: 'm', ...set })));
    expect(new Set(refs).size).toBe(sets.length);
    await subject.store.append(batchOf(refs.map((ref): Row => [ref, T, ref])));
    await subject.settle();
    const expected = sets.map((set) => createLabels({ __name__: 'm', ...set }));
    const byKey = (x: Labels, y: Labels): number => (labelsKey(x) < labelsKey(y) ? -1 : 1);
    expect(subject.store.series(ALL)).toEqual(expected.toSorted(byKey));
    expect(subject.store.labelNames()).toEqual(['__name__', 'a', 'ä']);
    expect(subject.store.labelValues('a')).toEqual(['b', 'b"', 'b,c', 'b\\"']);
    expect(subject.store.labelValues('none')).toEqual([]);
  });

  it('holds a series from its first accepted sample on', async () => {
    const [a, b] = internAll(subject.store, 'a', 'b');
    expect(subject.store.series(ALL)).toEqual([]);
    await subject.store.append(batchOf([[b, T, 1]]));
    expect(subject.store.series(ALL)).toEqual([named('b')]);
    await subject.store.append(batchOf([[a, T, 1]]));
    await subject.settle();
    expect(subject.store.series(ALL)).toEqual([named('a'), named('b')]);
    expect(subject.store.stats().series).toBe(2);
  });
}

function describeLifeCycle(subject: Subject): void {
  it('counts what it did', async () => {
    const [a] = internAll(subject.store, 'a');
    await subject.store.append(
      batchOf([
        [a, T, 1],
        [a, T + 1, 1],
      ]),
    );
    await subject.store.select(all());
    expect(subject.store.stats()).toMatchObject({
      series: 1,
      appendedSamples: 2,
      appendedBatches: 1,
      failedAppends: 0,
      selectedSamples: 2,
    });
  });

  it('ends accepted appends before it closes, then refuses calls', async () => {
    const { store } = subject;
    const [a] = internAll(store, 'a');
    const append = store.append(batchOf([[a, T, 1]]));
    const select = store.select(all());
    const closed = store.close();
    expect(await refusal(store.append(batchOf([[a, T, 1]])))).toBe('closed');
    await append;
    await select;
    await closed;
    expect(await refusal(store.append(batchOf([[a, T, 1]])))).toBe('closed');
    expect(await refusal(store.append(batchOf([])))).toBe('closed');
    expect(await refusal(store.select(all()))).toBe('closed');
    await store.close();
  });
}
