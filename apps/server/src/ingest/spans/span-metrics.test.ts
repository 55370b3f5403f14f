import * as fc from 'fast-check';
import { createLabels, formatLabels, type Label, labelValue } from '@hubpulse/model';
import { beforeEach, describe, expect, test } from 'vitest';
import { createManualClock, type ManualClock } from '../../manual-clock.ts';
import { createMemoryStore } from '../../store/memory/memory-store.ts';
import { storeWith } from '../../store/memory/store-with.ts';
import { type MetricStore, StoreError } from '../../store/port.ts';
import { createSeriesIntake } from '../series-intake.ts';
import { MetricMetadata } from '../metric-metadata.ts';
import { NOW_MS } from '../ingest.test-rig.ts';
import { FAMILIES } from './family.ts';
import { measurementsOf } from './measurements.ts';
import type { PointLimits } from './point-table.ts';
import type { Span, SpanGroup } from './span.ts';
import { spanOf } from './span.test-maker.ts';
import { createSpanMetrics, type SpanMetrics, type SpanReceipt } from './span-metrics.ts';

const HTTP = 'http_server_request_duration_seconds';
const MARK: Label = ['otel_scope_name', 'hubpulse/spans'];
const STALE_BITS = 0x7ff0_0000_0000_0002n;

let store: MetricStore;
let clock: ManualClock;
let spans: SpanMetrics;
const metadata = new MetricMetadata();

interface Options {
  readonly limits?: Partial<PointLimits>;
  readonly maxSeries?: number;
}

function start({ limits = {}, maxSeries = 1e6 }: Options = {}): void {
  const parts = { store, clock };
  spans = createSpanMetrics({
    ...parts,
    metadata,
    intake: createSeriesIntake({
      ...parts,
      limits: {
        maxBodyBytes: 1e6,
        maxDecompressedBytes: 4e6,
        maxSeries,
        maxSeriesPerSender: maxSeries,
        maxLabels: 64,
        maxLabelBytes: 4096,
        maxAgeMs: 1e9,
        maxFutureMs: 1e6,
      },
    }),
    limits: { perJob: 100, inTotal: 1000, maxLabels: 64, maxLabelBytes: 100, ...limits },
  });
}

beforeEach(() => {
  store = createMemoryStore();
  clock = createManualClock(NOW_MS);
  start();
  clock.advance(60_000);
});

const groupOf = (sent: readonly Span[], job = 'api'): SpanGroup => ({
  job,
  target: [
    ['job', job],
    ['instance', 'api-1'],
  ],
  spans: sent.map(measurementsOf),
});

const answered = (route: string, durationSeconds = 0.02): Span =>
  spanOf(
    { 'http.request.method': 'GET', 'http.route': route, 'http.response.status_code': 200 },
    { kind: 'SERVER', durationSeconds },
  );

const send = (...sent: readonly Span[]): Promise<SpanReceipt> =>
  spans.write([groupOf(sent)], '127.0.0.1');

/** The samples of a series by its name and further labels, as `[milliseconds after the start, value]`. */
async function samplesOf(name: string, ...labels: readonly Label[]): Promise<[number, number][]> {
  const matchers = [['__name__', name] as const, ...labels].map(
    ([label, value]) => ({ name: label, op: '=', value }) as const,
  );
  const found = await store.select({ matchers, fromMs: -8.64e15, toMs: 8.64e15 });
  expect(found.length).toBeLessThanOrEqual(1);
  const [series] = found;
  if (series === undefined) return [];
  const bits = new BigUint64Array(series.values.slice().buffer);
  return [...series.tMs].map((t, i) => [
    t - NOW_MS,
    bits[i] === STALE_BITS ? Number.NaN : (series.values[i] ?? 0),
  ]);
}

/** The last value of every series with a name, by the labels that tell them apart. */
async function lastOf(name: string, label: string): Promise<Record<string, number | undefined>> {
  const found = await store.select({
    matchers: [{ name: '__name__', op: '=', value: name }],
    fromMs: -8.64e15,
    toMs: 8.64e15,
  });
  return Object.fromEntries(
    found.map(({ labels, values }) => [labelValue(labels, label), values.at(-1)]),
  );
}

/** Stores a sample as another sender does. */
async function storeOther(labels: Record<string, string>, tMs = clock.nowMs()): Promise<void> {
  const refs = Uint32Array.of(store.intern(createLabels(labels)));
  await store.append({ refs, tMs: Float64Array.of(tMs), values: Float64Array.of(1) });
}

describe('spans', () => {
  test('become a histogram with cumulative buckets, after a zero one interval before', async () => {
    expect(await send(answered('/a', 0.02), answered('/a', 0.3), answered('/a', 60))).toEqual({
      refused: 0,
      refusal: undefined,
    });
    const bounds = FAMILIES.httpServer.bounds.map((bound) => [String(bound), bound] as const);
    const buckets = await lastOf(`${HTTP}_bucket`, 'le');
    expect(buckets).toEqual(
      Object.fromEntries([
        ...bounds.map(([le, bound]) => [le, bound < 0.02 ? 0 : bound < 0.3 ? 1 : 2]),
        ['+Inf', 3],
      ]),
    );
    expect(await samplesOf(`${HTTP}_count`)).toEqual([
      [45_000, 0],
      [60_000, 3],
    ]);
    expect((await samplesOf(`${HTTP}_sum`)).at(-1)?.[1]).toBeCloseTo(60.32, 10);
  });

  test('carry who sent them and who made the series', async () => {
    await send(answered('/a'));
    const [labels] = store.series([{ name: '__name__', op: '=', value: `${HTTP}_count` }]);
    expect(formatLabels(labels ?? [])).toBe(
      `${HTTP}_count{http_request_method="GET",http_response_status_code="200",http_route="/a",` +
        'instance="api-1",job="api",otel_scope_name="hubpulse/spans"}',
    );
  });

  test('become counters', async () => {
    const call = spanOf({ 'gen_ai.operation.name': 'chat', 'gen_ai.usage.input_tokens': 7 });
    await send(call, call);
    const name = 'gen_ai_client_inference_usage_input_tokens_total';
    expect(await samplesOf(name)).toEqual([
      [45_000, 0],
      [60_000, 14],
    ]);
  });

  test('come with metadata', async () => {
    const call = spanOf({ 'gen_ai.operation.name': 'chat', 'gen_ai.usage.output_tokens': 7 });
    await send(answered('/a'), call);
    expect(metadata.entries().get(HTTP)).toEqual({
      type: 'histogram',
      help: 'Duration of HTTP requests, as their server saw them.',
      unit: 'seconds',
    });
    const counter = 'gen_ai_client_inference_usage_output_tokens_total';
    expect(metadata.entries().get(counter)).toMatchObject({ type: 'counter', unit: '' });
  });

  test('add up over requests, also within one millisecond', async () => {
    await Promise.all([send(answered('/a')), send(answered('/a')), send(answered('/a'))]);
    await send(answered('/a'));
    expect(await samplesOf(`${HTTP}_count`)).toEqual([
      [45_000, 0],
      [60_000, 4],
    ]);
  });

  test('are counted by what became of them', async () => {
    await send(answered('/a'), spanOf({}), spanOf({ 'db.system': 'redis' }));
    expect(Object.fromEntries(spans.stats().spans)).toMatchObject({ measured: 1, unused: 2 });
    expect(spans.stats().labelSets).toBe(1);
  });

  test('without anything to measure write nothing', async () => {
    await send(spanOf({}));
    await spans.write([], '127.0.0.1');
    expect(store.stats().appendedBatches).toBe(0);
  });
});

describe('a write that fails', () => {
  test('counts nothing, and the repeated request counts once', async () => {
    await send(answered('/a'));
    const good = store;
    let isFull = true;
    store = storeWith(good, {
      append: (batch) =>
        isFull ? Promise.reject(new StoreError('disk_full', 'no room')) : good.append(batch),
    });
    start();
    clock.advance(60_000);
    await expect(send(answered('/a'))).rejects.toThrow('no room');
    await expect(Promise.all([send(answered('/a')), send(answered('/b'))])).rejects.toThrow(
      'no room',
    );
    expect(spans.stats().spans.get('measured')).toBe(0);
    isFull = false;
    await send(answered('/a'));
    expect((await samplesOf(`${HTTP}_count`, ['http_route', '/a'])).at(-1)).toEqual([120_000, 1]);
    expect(await samplesOf(`${HTTP}_count`, ['http_route', '/b'])).toEqual([]);
    clock.advance(1000);
    await send(answered('/b'));
    expect((await samplesOf(`${HTTP}_count`, ['http_route', '/b'])).map(([, v]) => v)).toEqual([
      0, 1,
    ]);
  });

  test('does not keep the next from being written', async () => {
    const good = store;
    let calls = 0;
    store = storeWith(good, {
      append: (batch) => (calls++ === 0 ? Promise.reject(new Error('once')) : good.append(batch)),
    });
    start();
    const first = send(answered('/a'));
    await expect(first).rejects.toThrow('once');
    await send(answered('/a'));
    expect((await lastOf(`${HTTP}_count`, 'http_route'))['/a']).toBe(1);
  });
});

describe('a beat', () => {
  test('repeats totals that are older than 15 seconds', async () => {
    await send(answered('/a'));
    clock.advance(14_000);
    await spans.beat();
    clock.advance(1000);
    await spans.beat();
    await spans.beat();
    expect(await samplesOf(`${HTTP}_count`)).toEqual([
      [45_000, 0],
      [60_000, 1],
      [75_000, 1],
    ]);
  });

  test('ends what is idle for 15 minutes, and a later span begins at zero again', async () => {
    await send(answered('/a'), answered('/a'));
    clock.advance(15 * 60_000);
    await spans.beat();
    expect(spans.stats().labelSets).toBe(0);
    clock.advance(5000);
    await send(answered('/a'));
    expect(await samplesOf(`${HTTP}_count`)).toEqual([
      [45_000, 0],
      [60_000, 2],
      [960_000, Number.NaN],
      [960_001, 0],
      [965_000, 1],
    ]);
  });

  test('repeats nothing of what never was written', async () => {
    const good = store;
    store = storeWith(good, { append: () => Promise.reject(new Error('never')) });
    start();
    await expect(send(answered('/a'))).rejects.toThrow('never');
    await spans.beat();
    expect(spans.stats().labelSets).toBe(0);
  });
});

describe('a sender that sends a metric itself', () => {
  const own = { __name__: `${HTTP}_count`, job: 'api', otel_scope_name: 'mine' };

  test('is not counted again, in that family alone', async () => {
    await storeOther(own);
    const query = spanOf({ 'db.system': 'redis', 'db.operation': 'GET' });
    await send(answered('/a'), query);
    expect(Object.fromEntries(spans.stats().spans)).toMatchObject({ measured: 1, own_metrics: 1 });
    expect(store.series([{ name: 'otel_scope_name', op: '=', value: MARK[1] }])).not.toEqual([]);
    expect(await samplesOf(`${HTTP}_count`, MARK)).toEqual([]);
    await spans.write([groupOf([answered('/a')], 'other')], '127.0.0.1');
    expect((await samplesOf(`${HTTP}_count`, MARK, ['job', 'other'])).at(-1)?.[1]).toBe(1);
  });

  test('later ends what spans had become, once', async () => {
    await send(answered('/a'));
    await storeOther(own);
    clock.advance(5000);
    await send(answered('/a'));
    await spans.beat();
    await spans.beat();
    expect(await samplesOf(`${HTTP}_count`, MARK)).toEqual([
      [45_000, 0],
      [60_000, 1],
      [65_000, Number.NaN],
    ]);
  });

  test('is counted again when it has not sent the metric for five minutes', async () => {
    await storeOther(own);
    await send(answered('/a'));
    clock.advance(5 * 60_000 + 1);
    await send(answered('/a'));
    expect((await samplesOf(`${HTTP}_count`, MARK)).at(-1)?.[1]).toBe(1);
  });

  test('with very many samples is one all the same', async () => {
    await storeOther(own);
    const good = store;
    store = storeWith(good, {
      select: () => Promise.reject(new StoreError('too_many_samples', 'many')),
    });
    start();
    await send(answered('/a'));
    expect(spans.stats().spans.get('own_metrics')).toBe(1);
  });

  test('that cannot be asked for is an error, and nothing is counted', async () => {
    await storeOther(own);
    const good = store;
    store = storeWith(good, { select: () => Promise.reject(new StoreError('io', 'broken')) });
    start();
    await expect(send(answered('/a'))).rejects.toThrow('broken');
    store = good;
    expect(spans.stats().spans.get('own_metrics')).toBe(0);
  });
});

describe('limits', () => {
  test('fold the labels of a service that has too many, and keep the status', async () => {
    start({ limits: { perJob: 2 } });
    await send(...['/a', '/b', '/c', '/d', '/a'].map((route) => answered(route)));
    expect(await lastOf(`${HTTP}_count`, 'http_route')).toEqual({ '/a': 2, '/b': 1, _OTHER: 2 });
    expect(
      await samplesOf(
        `${HTTP}_count`,
        ['http_route', '_OTHER'],
        ['http_response_status_code', '200'],
      ),
    ).not.toEqual([]);
    const [folded] = store.series([{ name: 'http_route', op: '=', value: '_OTHER' }]);
    expect(labelValue(folded ?? [], 'http_request_method')).toBe('_OTHER');
    expect(labelValue(folded ?? [], 'error_type')).toBe('');
    expect(spans.stats().folded).toBe(2);
    await spans.write([groupOf([answered('/c')], 'other')], '127.0.0.1');
    expect((await samplesOf(`${HTTP}_count`, ['job', 'other'])).at(-1)?.[1]).toBe(1);
  });

  test('refuse spans for which there is no room even then', async () => {
    start({ limits: { perJob: 4 } });
    const target = (instance: number): SpanGroup => ({
      ...groupOf([answered('/a')]),
      target: [
        ['job', 'api'],
        ['instance', String(instance)],
      ],
    });
    const receipt = await spans.write([1, 2, 3, 4, 5, 6, 7].map(target), '127.0.0.1');
    expect(receipt.refused).toBe(2);
    expect(receipt.refusal?.message).toBe(
      'got spans with a new label set from "api", which has 5; want at most 5; send fewer different routes, models and ' +
        'instances, or raise ingest_max_span_label_sets',
    );
    expect(spans.stats().spans.get('over_limit')).toBe(2);
  });

  test('refuse label sets over the total', async () => {
    start({ limits: { inTotal: 2 } });
    const receipt = await send(answered('/a'), answered('/b'), answered('/c'), answered('/a'));
    expect(receipt.refused).toBe(1);
    expect(receipt.refusal?.message).toContain('on top of 2 of all services; want at most 2');
    expect(await lastOf(`${HTTP}_count`, 'http_route')).toEqual({ '/a': 2, '/b': 1 });
  });

  test('refuse spans of a service whose name is too long', async () => {
    const receipt = await spans.write([groupOf([answered('/a')], 'x'.repeat(101))], '127.0.0.1');
    expect(receipt.refused).toBe(1);
    expect(receipt.refusal?.message).toContain('got a label name or value of 101 bytes');
  });

  test("refuse a span whose series would be over the store's limit, all of it", async () => {
    start({ maxSeries: 20 });
    const call = spanOf({ 'gen_ai.operation.name': 'chat', 'gen_ai.usage.input_tokens': 7 });
    const receipt = await send(answered('/a'), call, answered('/a'));
    expect(receipt.refused).toBe(1);
    expect(receipt.refusal?.reason).toBe('series_limit');
    expect((await lastOf(`${HTTP}_count`, 'http_route'))['/a']).toBe(2);
    expect(await samplesOf('gen_ai_client_operation_duration_seconds_count')).toEqual([]);
  });
});

describe('whatever comes', () => {
  const span = fc.record({
    route: fc.constantFrom('/a', '/b', '/c', '/d'),
    durationSeconds: fc.double({ min: 0, max: 100, noNaN: true }),
  });
  const step = fc.oneof(
    fc.record({ kind: fc.constant('send' as const), spans: fc.array(span, { maxLength: 5 }) }),
    fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(0, 1, 4000, 16_000, 1_000_000),
    }),
    fc.record({ kind: fc.constant('back' as const), ms: fc.integer({ min: 1, max: 4000 }) }),
    fc.record({ kind: fc.constant('fail' as const), spans: fc.array(span, { maxLength: 2 }) }),
  );

  /** What a counter grew by after PromQL's rule: a value below the one before is a reset; stale markers are no values. */
  const increaseOf = (samples: readonly (readonly [number, number])[]): number => {
    let sum = 0;
    let before: number | undefined;
    for (const [, value] of samples) {
      if (Number.isNaN(value)) continue;
      if (before !== undefined) sum += value < before ? value : value - before;
      before = value;
    }
    return sum;
  };

  test('counts add up, and no total falls but to a new beginning', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
        const good = createMemoryStore();
        let isFailing = false;
        store = storeWith(good, {
          append: (batch) => (isFailing ? Promise.reject(new Error('full')) : good.append(batch)),
        });
        clock = createManualClock(NOW_MS);
        start({ limits: { perJob: 2 } });
        clock.advance(60_000);
        let sent = 0;
        for (const one of steps) {
          if (one.kind === 'wait') {
            clock.advance(one.ms);
            await spans.beat();
          } else if (one.kind === 'back') {
            clock.jumpTo(clock.nowMs() - one.ms);
          } else {
            isFailing = one.kind === 'fail';
            const made = one.spans.map(({ route, durationSeconds }) =>
              answered(route, durationSeconds),
            );
            const isDone = await send(...made).then(
              () => true,
              () => false,
            );
            isFailing = false;
            if (isDone) sent += made.length;
          }
        }
        let counted = 0;
        for (const route of ['/a', '/b', '/c', '/d', '_OTHER']) {
          const samples = await samplesOf(`${HTTP}_count`, ['http_route', route]);
          for (const [i, [, value]] of samples.entries()) {
            const before = samples[i - 1]?.[1] ?? 0;
            // Between two lives of a series stands its end, or a zero.
            expect(value >= before || Number.isNaN(value) || value === 0).toBe(true);
          }
          const infinite = await samplesOf(`${HTTP}_bucket`, ['http_route', route], ['le', '+Inf']);
          expect(infinite).toEqual(samples);
          counted += increaseOf(samples);
        }
        expect(counted).toBe(sent);
      }),
      { numRuns: 150 },
    );
  });
});
