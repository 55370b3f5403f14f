import {
  createLabels,
  type Labels,
  labelsKey,
  type Matcher,
  type SampleBatch,
  type SeriesColumns,
} from '@hubpulse/model';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryStore } from './memory/memory-store.ts';
import { type MetricStore, type Selection, StoreError, type StoreErrorCode } from './port.ts';

/** How the suite gets at an implementation. */
interface StoreHarness {
  /** A store without samples. */
  open(): Promise<MetricStore>;
  /**
   * Changes how the samples are kept, never what they are (seal, close and open again), and returns the store to go on
   * with. Left out where an implementation has no such thing.
   */
  settle?(store: MetricStore): Promise<MetricStore>;
}

/** The store of the test that runs. */
interface Subject {
  store: MetricStore;
  settle(): Promise<void>;
}

/** The value is a number or, where the payload of a NaN counts, its 64 bits. */
type Row = readonly [ref: number, tMs: number, value: number | bigint];

/** A selected series, values as their 64 bits. */
interface SelectedSeries {
  readonly labels: Labels;
  readonly rows: readonly (readonly [tMs: number, bits: bigint])[];
}

const T = 1_780_000_000_000;
const DAY = 86_400_000;

/** Prometheus' stale marker is a signalling NaN, which a careless copy turns into a quiet one. */
const STALE_BITS = 0x7ff0_0000_0000_0002n;

const SPECIAL_BITS: readonly bigint[] = [
  STALE_BITS,
  0x7ff8_0000_0000_0000n,
  0x7ff8_0000_0000_0001n,
  0xfff8_0000_0000_0000n,
  0xffff_ffff_ffff_ffffn,
  0x7ff0_0000_0000_0000n,
  0xfff0_0000_0000_0000n,
  0x8000_0000_0000_0000n,
  0x0000_0000_0000_0000n,
  0x0000_0000_0000_0001n,
  0x7fef_ffff_ffff_ffffn,
];

/** The suite that every metrics store passes: the sentences of `port.ts`, one by one. */
export function describeMetricStore(name: string, harness: StoreHarness): void {
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

    describe('append and select', () => describeAppendAndSelect(subject));
    describe('order and duplicates', () => describeOrder(subject));
    describe('values', () => describeValues(subject));
    describe('matchers', () => describeMatchers(subject));
    describe('limits and refusals', () => describeRefusals(subject));
    describe('series', () => describeSeries(subject));
    describe('life cycle', () => describeLifeCycle(subject));
    describe('any history', () => describeHistories(harness));
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
      await expectRefused(subject.store.append(batch), 'invalid');
    }
    expect(await readAll(subject.store)).toEqual([]);
    expect(subject.store.stats()).toMatchObject({
      failedAppends: 3,
      appendedBatches: 0,
      series: 0,
    });
  });

  it('refuses columns of different lengths', async () => {
    const [a] = internAll(subject.store, 'a');
    const batch = batchOf([[a, T, 1]]);
    await expectRefused(subject.store.append({ ...batch, tMs: new Float64Array(2) }), 'invalid');
    await expectRefused(subject.store.append({ ...batch, values: new Float64Array(0) }), 'invalid');
    await expectRefused(subject.store.append({ ...batch, refs: new Uint32Array(0) }), 'invalid');
  });

  it('refuses times that are no whole milliseconds of a date', async () => {
    const [a] = internAll(subject.store, 'a');
    for (const time of [NaN, Infinity, -Infinity, 0.5, 8.64e15 + 1, -8.64e15 - 1]) {
      await expectRefused(subject.store.append(batchOf([[a, time, 1]])), 'invalid');
    }
  });

  it('goes on after a refused batch, also for the series that it was the first to name', async () => {
    const [a] = internAll(subject.store, 'a');
    await expectRefused(subject.store.append(batchOf([[a, NaN, 1]])), 'invalid');
    await subject.store.append(batchOf([[a, T, 2]]));
    await subject.settle();
    expect(await readAll(subject.store)).toEqual([selected('a', [T, 2])]);
  });

  it('refuses a selection without matchers, with a bad pattern or without a range', async () => {
    const { store } = subject;
    const [a] = internAll(store, 'a');
    await store.append(batchOf([[a, T, 1]]));
    await expectRefused(store.select({ ...EVERYTHING, matchers: [] }), 'invalid');
    const bad = [match('a', '=~', '(')];
    await expectRefused(store.select({ ...EVERYTHING, matchers: bad }), 'invalid');
    expect(() => store.series(bad)).toThrow(expect.objectContaining({ code: 'invalid' }));
    await expectRefused(store.select({ ...all(), fromMs: NaN }), 'invalid');
    await expectRefused(store.select({ ...all(), maxSamples: -1 }), 'invalid');
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
    await expectRefused(select(199), 'too_many_samples');
    await expectRefused(select(0), 'too_many_samples');
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
    await expectRefused(store.append(batchOf([[first, NaN, 1]])), 'invalid');
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
    await expectRefused(store.append(batchOf([[a, T, 1]])), 'closed');
    await append;
    await select;
    await closed;
    await expectRefused(store.append(batchOf([[a, T, 1]])), 'closed');
    await expectRefused(store.append(batchOf([])), 'closed');
    await expectRefused(store.select(all()), 'closed');
    await store.close();
  });
}

/** Something that happens to a store: rows are appended, or the way in which samples are kept changes. */
type Event = { readonly append: readonly Row[] } | { readonly settle: true };

function describeHistories(harness: StoreHarness): void {
  it('gives the same answers as a store of plain maps', { timeout: 120_000 }, async () => {
    const history = fc.array(eventArbitrary(), { maxLength: 8 });
    const range = fc.tuple(timeArbitrary(), timeArbitrary());
    await fc.assert(
      fc.asyncProperty(history, fc.array(range, { maxLength: 4 }), async (events, ranges) => {
        const oracle = createMemoryStore();
        let store = await harness.open();
        try {
          for (const event of events) store = await happen(event, { store, oracle, harness });
          for (const [fromMs, toMs] of [[-Infinity, Infinity] as const, ...ranges]) {
            const got = await readAll(store, { fromMs, toMs });
            expect(got).toEqual(await readAll(oracle, { fromMs, toMs }));
          }
        } finally {
          await store.close();
        }
      }),
      { numRuns: 40 },
    );
  });
}

async function happen(
  event: Event,
  { store, oracle, harness }: { store: MetricStore; oracle: MetricStore; harness: StoreHarness },
): Promise<MetricStore> {
  if ('settle' in event) return (await harness.settle?.(store)) ?? store;
  for (const target of [store, oracle]) {
    const rows = event.append.map(([series, tMs, value]): Row => {
      return [target.intern(named(`s${series}`)), tMs, value];
    });
    await target.append(batchOf(rows));
  }
  return store;
}

function eventArbitrary(): fc.Arbitrary<Event> {
  const row = fc.tuple(fc.nat({ max: 4 }), timeArbitrary(), valueArbitrary());
  return fc.oneof(
    { weight: 3, arbitrary: fc.record({ append: fc.array(row, { maxLength: 60 }) }) },
    { weight: 1, arbitrary: fc.constant({ settle: true } as const) },
  );
}

/** Few distinct times, so that they collide; around midnight, so that they fall on two days; some far away. */
function timeArbitrary(): fc.Arbitrary<number> {
  return fc.oneof(
    {
      weight: 12,
      arbitrary: fc.integer({ min: -20, max: 20 }).map((i) => 20_000 * DAY + i * 15_000),
    },
    { weight: 1, arbitrary: fc.constantFrom(-8.64e15, -1, 0, 8.64e15) },
  );
}

function valueArbitrary(): fc.Arbitrary<number | bigint> {
  return fc.oneof(
    fc.integer({ min: -10, max: 1000 }),
    fc.integer({ min: 0, max: 10_000 }).map((i) => i / 100),
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    fc.constantFrom(...SPECIAL_BITS),
  );
}

const ALL: readonly Matcher[] = [{ name: '__name__', op: '!=', value: '' }];

const EVERYTHING: Pick<Selection, 'fromMs' | 'toMs'> = { fromMs: -Infinity, toMs: Infinity };

function all(): Selection {
  return { ...EVERYTHING, matchers: ALL };
}

function match(name: string, op: Matcher['op'], value: string): Matcher {
  return { name, op, value };
}

function named(name: string): Labels {
  return createLabels({ __name__: name });
}

/** Refs of series called by these names; as many as asked for, which the type says for up to two. */
function internAll(store: MetricStore, ...names: string[]): [number, number, ...number[]] {
  return names.map((name) => store.intern(named(name))) as [number, number, ...number[]];
}

function batchOf(rows: readonly Row[]): SampleBatch {
  const bits = BigUint64Array.from(rows, ([, , value]) => toBits(value));
  return {
    refs: Uint32Array.from(rows, ([ref]) => ref),
    tMs: Float64Array.from(rows, ([, tMs]) => tMs),
    values: new Float64Array(bits.buffer),
  };
}

function selected(
  name: string,
  ...rows: readonly (readonly [tMs: number, value: number])[]
): SelectedSeries {
  return { labels: named(name), rows: rows.map(([tMs, value]) => [tMs, bitsOf(value)] as const) };
}

function readAll(store: MetricStore, range = EVERYTHING): Promise<SelectedSeries[]> {
  return readRange(store, { ...range, matchers: ALL });
}

function read(store: MetricStore, ...matchers: Matcher[]): Promise<SelectedSeries[]> {
  return readRange(store, { ...EVERYTHING, matchers });
}

async function readRange(store: MetricStore, selection: Selection): Promise<SelectedSeries[]> {
  const found = await store.select(selection);
  return found.map(({ labels, tMs, values }) => {
    expect(values).toHaveLength(tMs.length);
    const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
    const rows = Array.from(tMs, (time, i) => [time, view.getBigUint64(8 * i, true)] as const);
    return { labels, rows };
  });
}

function toBits(value: number | bigint): bigint {
  return typeof value === 'bigint' ? value : bitsOf(value);
}

function bitsOf(value: number): bigint {
  return new BigUint64Array(Float64Array.of(value).buffer)[0] as bigint;
}

async function expectRefused(call: Promise<unknown>, code: StoreErrorCode): Promise<void> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StoreError);
  expect((error as StoreError).code).toBe(code);
}
