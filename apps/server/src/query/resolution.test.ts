import { createLabels } from '@hubpulse/model';
import { planSelections } from '@hubpulse/promql';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createManualClock } from '../manual-clock.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { type MetricStore, type Resolution, RESOLUTIONS } from '../store/port.ts';
import { createPromqlQuery } from './promql-query.ts';
import {
  createResolutionChoice,
  findResolution,
  nameOfResolution,
  type ReadResolution,
} from './resolution.ts';

const [MINUTE, HOUR] = RESOLUTIONS;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 0, 20);

/** A marker of staleness; its bits do not survive as a number everywhere. */
const STALE = 'stale';
const STALE_BITS = 0x7ff0000000000002n;

type Row = readonly [minutes: number, value: number | typeof STALE];

interface Asked {
  readonly query: string;
  readonly daysAgo?: number;
  readonly lengthMs: number;
  readonly stepMs?: number;
  readonly series?: number;
  readonly lateMs?: number;
}

/** What is chosen for a query that ended some days ago, at the end of a day. */
function chosen({ query, lengthMs, ...rest }: Asked): string {
  const { daysAgo = 0, stepMs = HOUR, series = 100, lateMs = 0 } = rest;
  const choose = createResolutionChoice({
    store: { series: () => Array.from({ length: series }, () => []) },
    clock: createManualClock(NOW),
    retentionMs: { raw: 15 * DAY, '1m': 90 * DAY },
  });
  const endMs = NOW - daysAgo * DAY + lateMs;
  return nameOfResolution(
    choose(planSelections({ query, startMs: endMs - lengthMs, endMs, stepMs })),
  );
}

describe('the choice of a resolution', () => {
  test.each<[string, Asked]>([
    // Nothing or little to read.
    ['raw', { query: '1 + 1', lengthMs: 700 * DAY }],
    ['raw', { query: 'm', lengthMs: 5 * HOUR, series: 1e6 }],
    ['raw', { query: 'm', lengthMs: DAY, series: 1 }],
    // Much to read, and whole buckets answer it.
    ['1h', { query: 'm', lengthMs: DAY }],
    ['1m', { query: 'm', lengthMs: 10 * DAY, stepMs: 5 * MINUTE }],
    ['1h', { query: 'sum(max_over_time(m[2h])) / count(m offset 1h)', lengthMs: 10 * DAY }],
    ['1m', { query: 'avg_over_time(m[5m])', lengthMs: 10 * DAY }],
    ['1m', { query: 'rate(m[4h])', lengthMs: 10 * DAY }],
    ['1h', { query: 'rate(m[5h])', lengthMs: DAY }],
    // Minutes are worth it later than hours.
    ['raw', { query: 'm', lengthMs: DAY, series: 80 }],
    ['raw', { query: 'm', lengthMs: 3 * DAY, stepMs: 5 * MINUTE }],
    // Much to read, and buckets would change the answer.
    ['raw', { query: 'm', lengthMs: 10 * DAY, stepMs: 90_500 }],
    ['raw', { query: 'm', lengthMs: 10 * DAY, lateMs: 1 }],
    ['raw', { query: 'm offset 30s', lengthMs: 10 * DAY }],
    ['raw', { query: 'rate(m[4m])', lengthMs: 10 * DAY }],
    ['raw', { query: 'avg_over_time(m[90s])', lengthMs: 10 * DAY }],
    ['raw', { query: 'quantile_over_time(0.9, m[1d])', lengthMs: 10 * DAY }],
    ['raw', { query: 'm + irate(m[1h])', lengthMs: 10 * DAY }],
    ['raw', { query: 'max_over_time(m[1h:20s])', lengthMs: 10 * DAY }],
    ['1m', { query: 'max_over_time(m[1h:])', lengthMs: 10 * DAY }],
    // Samples are gone: the finest buckets that reach back, whatever they do to the answer.
    ['1m', { query: 'm', lengthMs: HOUR, daysAgo: 16, series: 1 }],
    ['1m', { query: 'irate(m[1m])', lengthMs: HOUR, daysAgo: 16, lateMs: 1 }],
    ['1m', { query: 'm offset 16d', lengthMs: HOUR, series: 1 }],
    ['1m', { query: 'm - (m @ 1767225600 offset 1d)', lengthMs: HOUR, series: 1 }],
    ['1h', { query: 'm', lengthMs: 30 * DAY, daysAgo: 16 }],
    ['1m', { query: 'm', lengthMs: 30 * DAY, daysAgo: 16, series: 10 }],
    ['1h', { query: 'm', lengthMs: HOUR, daysAgo: 100, series: 1, stepMs: MINUTE }],
    ['1h', { query: 'm', lengthMs: 365 * DAY, series: 1e6, stepMs: 7000 }],
  ])('is %s for %j', (name, asked) => {
    expect(chosen(asked)).toBe(name);
  });

  test.each([
    ['raw', 'raw'],
    ['1m', MINUTE],
    ['1h', HOUR],
    ['2m', undefined],
    ['', undefined],
  ])('%s means %s', (name, resolution) => {
    expect(findResolution(name)).toBe(resolution);
  });
});

/** A store with one series for each list of `[minutes, value]`. */
async function storeOf(series: readonly (readonly Row[])[]): Promise<MetricStore> {
  const store = createMemoryStore();
  for (const [i, rows] of series.entries()) {
    const ref = store.intern(createLabels({ __name__: 'm', i: String(i) }));
    const values = Float64Array.from(rows, ([, value]) => (value === STALE ? 0 : value));
    const bits = new BigUint64Array(values.buffer);
    for (const [row, [, value]] of rows.entries()) if (value === STALE) bits[row] = STALE_BITS;
    // oxlint-disable-next-line no-await-in-loop -- One after the other is as quick in memory.
    await store.append({
      refs: new Uint32Array(rows.length).fill(ref),
      tMs: Float64Array.from(rows, ([minutes]) => Math.round(minutes * MINUTE)),
      values,
    });
  }
  return store;
}

const signal = new AbortController().signal;

/** The points of an answer, by series and time. */
async function pointsOf(
  store: MetricStore,
  { query, stepMs, resolution }: { query: string; stepMs: number; resolution: ReadResolution },
): Promise<Map<string, number>> {
  const range = { startMs: 0, endMs: 12 * HOUR, stepMs };
  const answer = await createPromqlQuery({ store }).range(query, range, { signal, resolution });
  expect(answer.resolution).toBe(resolution);
  expect(answer.infos.filter((info) => info.includes('window'))).toEqual([]);
  return new Map(
    answer.series.flatMap(({ labels, values, present }) =>
      [...values].flatMap((value, step): [string, number][] =>
        present[step] === 1 ? [[`${JSON.stringify(labels)} ${step}`, value]] : [],
      ),
    ),
  );
}

const EXACT: readonly string[] = [
  ...['m', 'timestamp(m)', 'sum(m)', 'm offset 2h', 'm > 1', 'absent(m)', 'm @ 7200'],
  ...[
    'min_over_time(m[1h])',
    'max_over_time(m[3h])',
    'sum_over_time(m[2h])',
    'avg_over_time(m[1h])',
  ],
  ...['count_over_time(m[2h])', 'present_over_time(m[1h])', 'absent_over_time(m[1h])'],
  ...['sum by (i) (avg_over_time(m[2h] offset 1h))', 'max_over_time(m[3h] @ end())'],
  ...['max_over_time(avg_over_time(m[1h])[4h:1h])'],
];

/** Rows at any time within twelve hours, some of them stale markers or no numbers. */
const anyRows = fc.uniqueArray(
  fc.tuple(
    fc.double({ min: -60, max: 720, noNaN: true }),
    fc.oneof(
      { weight: 20, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
      {
        weight: 1,
        arbitrary: fc.constantFrom<Row[1]>(STALE, Number.NaN, Number.POSITIVE_INFINITY),
      },
    ),
  ),
  { selector: ([minutes]) => Math.round(minutes * MINUTE), maxLength: 120 },
);

describe('an answer from buckets', () => {
  test.each<[Resolution, number]>([
    [MINUTE, 5 * MINUTE],
    [MINUTE, HOUR],
    [HOUR, HOUR],
    [HOUR, 3 * HOUR],
  ])('of %i ms at steps of %i ms is that from samples', async (resolution, stepMs) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyRows, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(...EXACT),
        async (series, query) => {
          const store = await storeOf(series);
          const raw = await pointsOf(store, { query, stepMs, resolution: 'raw' });
          const rolled = await pointsOf(store, { query, stepMs, resolution });
          expect([...rolled.keys()].toSorted()).toEqual([...raw.keys()].toSorted());
          for (const [key, value] of rolled) {
            const want = raw.get(key) ?? 0;
            const sizes = series.flat().map(([, one]) => (one === STALE ? 0 : Math.abs(one)));
            const size = Math.max(...sizes.filter(Number.isFinite));
            // A sum of large values that are nearly each other's opposites keeps the rounding of the large ones.
            const isSame = Object.is(value, want) || Math.abs(value - want) <= 1e-9 * size;
            expect(isSame, `${query}: ${key}: got ${value}; want ${want}`).toBe(true);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  const counter = Array.from({ length: 24 * 60 * 4 }, (_, i): Row => [i / 4 + 0.1, 50 + i]);

  test.each(['rate(m[5h])', 'increase(m[6h])', 'deriv(m[5h])', 'delta(m[6h])'])(
    '%s is nearly that from samples',
    async (query) => {
      const store = await storeOf([counter]);
      const at = { query, stepMs: HOUR };
      const raw = await pointsOf(store, { ...at, resolution: 'raw' });
      const rolled = await pointsOf(store, { ...at, resolution: HOUR });
      for (const step of [6, 8, 12]) {
        const key = `[["i","0"]] ${step}`;
        const want = raw.get(key) ?? 0;
        expect(Math.abs((rolled.get(key) ?? 0) - want)).toBeLessThan(0.02 * want);
      }
    },
  );

  test('widens windows that are shorter, keeps what they mean, and says so', async () => {
    const promql = createPromqlQuery({ store: await storeOf([counter]) });
    const ask = async (query: string) => {
      const answer = await promql.instant(query, 12 * HOUR, { signal, resolution: HOUR });
      const value = answer.type === 'vector' ? answer.samples[0]?.value : undefined;
      return { value, infos: answer.infos };
    };
    // One each quarter of a minute.
    expect((await ask('rate(m[5m])')).value).toBeCloseTo(1 / 15, 3);
    expect((await ask('increase(m[5m])')).value).toBeCloseTo(20, 1);
    expect((await ask('count_over_time(m[5m])')).value).toBe(20);
    expect((await ask('sum_over_time(m[30m]) / count_over_time(m[30m])')).value).toBeGreaterThan(
      2000,
    );
    const { value, infos } = await ask('max_over_time(m[90m])');
    expect(value).toBe(50 + 12 * 240 - 1);
    expect(infos).toEqual([
      'PromQL info: the window of 1h30m was answered from 2h, since samples are read in buckets of 1h (1:15)',
    ]);
  });

  test('looks back to the last bucket between the ends of buckets', async () => {
    const promql = createPromqlQuery({ store: await storeOf([counter]) });
    const at = 12 * HOUR + 50 * MINUTE;
    const answer = await promql.instant('m', at, { signal, resolution: HOUR });
    expect(answer).toMatchObject({ samples: [{ value: 50 + 12 * 240 - 1 }] });
    const late = await promql.instant('m', 30 * HOUR, { signal, resolution: HOUR });
    expect(late).toMatchObject({ samples: [] });
  });

  test('of a series that ended does not go on', async () => {
    const store = await storeOf([
      [
        [1, 5],
        [59, STALE],
      ],
    ]);
    const promql = createPromqlQuery({ store });
    const ask = (query: string) => promql.instant(query, HOUR, { signal, resolution: HOUR });
    expect(await ask('m')).toMatchObject({ samples: [] });
    expect(await ask('count_over_time(m[1h])')).toMatchObject({ samples: [{ value: 1 }] });
  });
});
