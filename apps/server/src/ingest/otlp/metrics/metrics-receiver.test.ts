import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../../store/memory/memory-store.ts';
import { storeWith } from '../../../store/memory/store-with.ts';
import type { OtlpOutcome } from '../otlp-intake.ts';
import {
  at,
  attribute,
  counter,
  gauge,
  histogram,
  MetricsRig,
  MINUTE_MS,
  nanos,
  NOW_MS,
  summary,
  upDown,
} from './metrics.test-rig.ts';

const FULL = { rejected: 0, message: '' };

/** What was rejected, as one text; of a request that was refused whole, the refusal. */
const rejection = (outcome: OtlpOutcome): string =>
  'refusal' in outcome
    ? `${outcome.refusal.reason}: ${outcome.refusal.message}`
    : `${outcome.rejected}: ${outcome.message}`;

describe('numbers', () => {
  test('of a gauge are stored as they are', async () => {
    const rig = new MetricsRig();
    const sent = await rig.send(
      gauge(
        'room.temperature',
        at(-2, { asDouble: 20.5 }, { room: 'a' }),
        at(-1, { asInt: '-3' }, { room: 'a' }),
        at(-2, { asDouble: 'Infinity' }, { room: 'b' }),
      ),
    );
    expect(sent).toEqual(FULL);
    expect(await rig.rows()).toEqual({
      'room_temperature{room="a"}': [
        [-2, 20.5],
        [-1, -3],
      ],
      'room_temperature{room="b"}': [[-2, Number.POSITIVE_INFINITY]],
    });
  });

  test('of a sum that may fall are a gauge, those of one that only grows a counter', async () => {
    const rig = new MetricsRig();
    await rig.send(upDown('queue', [at(0, { asInt: 3 })]), counter('hits', [at(0, { asInt: 5 })]));
    expect(await rig.rows()).toEqual({ queue: [[0, 3]], hits_total: [[0, 5]] });
  });

  test('keep their bits, so that a stale marker stays one', async () => {
    const rig = new MetricsRig();
    await rig.send(gauge('g', at(-1, { asDouble: 1 }), at(0, { flags: 1 })));
    const [series] = await rig.store.select({
      matchers: [{ name: '__name__', op: '=', value: 'g' }],
      fromMs: 0,
      toMs: 8.64e15,
    });
    const bits = new BigUint64Array((series?.values ?? new Float64Array()).slice().buffer);
    expect(bits.at(-1)?.toString(16)).toBe('7ff0000000000002');
  });

  test('of the same series in another request go on, whatever the order of attributes', async () => {
    const rig = new MetricsRig();
    const point = (afterMs: number, ...names: readonly string[]): object =>
      counter(
        'd',
        [
          {
            timeUnixNano: nanos(afterMs),
            asInt: 2,
            attributes: names.map((name) => attribute(name, 'x')),
          },
        ],
        { isDelta: true },
      );
    await rig.send(point(-3, 'a', 'b'));
    await rig.send(point(-2, 'b', 'a'));
    await rig.send(point(-1, 'a', 'b'));
    expect(await rig.rows()).toEqual({
      'd_total{a="x",b="x"}': [
        [-3, 2],
        [-2, 4],
        [-1, 6],
      ],
    });
  });
});

describe('a resource', () => {
  test('is told apart by job and instance, and described by target_info', async () => {
    const rig = new MetricsRig();
    const resource = [
      attribute('service.name', 'api'),
      attribute('service.namespace', 'shop'),
      attribute('service.instance.id', 'i-1'),
      attribute('host.name', 'web-1'),
      attribute('service.version', '1.2'),
      attribute('too.long', 'x'.repeat(101)),
    ];
    await rig.sendFrom(resource, gauge('g', at(-5, { asInt: 1 }, { job: 'other' })));
    expect(await rig.allRows()).toEqual({
      'g{host_name="web-1",instance="i-1",job="shop/api"}': [[-5, 1]],
      'target_info{host_name="web-1",instance="i-1",job="shop/api",service_version="1.2"}': [
        [-5, 1],
      ],
    });
  });

  test('is described once a minute, and at once when it changes', async () => {
    const rig = new MetricsRig();
    const send = (afterMs: number, version: string): Promise<OtlpOutcome> =>
      rig.sendFrom(
        [attribute('service.name', 'api'), attribute('service.version', version)],
        gauge('g', at(afterMs, { asInt: 1 })),
      );
    for (const seconds of [0, 10, 59, 60, 119, 121]) await send(seconds * 1000, '1');
    await send(122_000, '2');
    const rows = await rig.allRows();
    expect(rows['target_info{job="api",service_version="1"}']?.map(([t]) => t)).toEqual([
      0, 60_000, 121_000,
    ]);
    expect(rows['target_info{job="api",service_version="2"}']).toEqual([[122_000, 1]]);
  });

  test('without a point that was taken is not described', async () => {
    const rig = new MetricsRig();
    await rig.send(gauge('g', at(-48 * 60 * MINUTE_MS, { asInt: 1 })));
    expect(await rig.allRows()).toEqual({});
  });
});

test('the name of a scope is a label, so that two libraries with one metric do not mix', async () => {
  const rig = new MetricsRig();
  const scopeMetrics = ['lib-a', 'lib-b', ''].map((name, i) => ({
    scope: { name, version: '1' },
    metrics: [gauge('g', at(0, { asInt: i }))],
  }));
  await rig.receive(
    new TextEncoder().encode(JSON.stringify({ resourceMetrics: [{ scopeMetrics }] })),
    'json',
  );
  const rows = await rig.allRows();
  expect(rows['g{job="unknown_service",otel_scope_name="lib-a"}']).toEqual([[0, 0]]);
  expect(rows['g{job="unknown_service",otel_scope_name="lib-b"}']).toEqual([[0, 1]]);
  expect(rows['g{job="unknown_service"}']).toEqual([[0, 2]]);
});

test('metadata is kept under the names of the store', async () => {
  const rig = new MetricsRig();
  await rig.send(
    counter('net.io', [at(0, { asInt: 1 })], { unit: 'By', description: 'What was sent.' }),
    { ...upDown('queue', [at(0, { asInt: 1 })]), description: 'x'.repeat(2000) },
  );
  expect(Object.fromEntries(rig.ingest.metadata.entries())).toEqual({
    net_io_bytes_total: { type: 'counter', help: 'What was sent.', unit: 'bytes' },
    queue: { type: 'gauge', help: 'x'.repeat(1000), unit: '' },
  });
});

describe('the zero at the start of a counter', () => {
  test('is written when it began within five minutes', async () => {
    const rig = new MetricsRig();
    await rig.send(counter('c', [at(0, { asInt: 5 }, { startMs: -MINUTE_MS })]));
    await rig.send(counter('c', [at(10, { asInt: 6 }, { startMs: -MINUTE_MS })]));
    expect(await rig.rows()).toEqual({
      c_total: [
        [-MINUTE_MS, 0],
        [0, 5],
        [10, 6],
      ],
    });
  });

  test.each([
    ['began longer ago', -5 * MINUTE_MS - 1],
    ['does not say when it began', undefined],
    ['began when it was measured', 0],
  ])('is not written for one that %s', async (_, startMs) => {
    const rig = new MetricsRig();
    await rig.send(counter('c', [at(0, { asInt: 5 }, startMs === undefined ? {} : { startMs })]));
    expect(await rig.rows()).toEqual({ c_total: [[0, 5]] });
  });

  test('is not written for a series that the store has, after a restart', async () => {
    const { store } = new MetricsRig();
    const point = (afterMs: number): object => at(afterMs, { asInt: 5 }, { startMs: -MINUTE_MS });
    await new MetricsRig({ store }).send(counter('c', [point(0)]));
    await new MetricsRig({ store }).send(counter('c', [point(10)]));
    expect((await new MetricsRig({ store }).rows())['c_total']).toHaveLength(3);
  });

  test('is not written for gauges and for sums that may fall', async () => {
    const rig = new MetricsRig();
    const points = [at(0, { asInt: 5 }, { startMs: -MINUTE_MS })];
    await rig.send(upDown('u', points), gauge('g', ...points));
    expect(await rig.rows()).toEqual({ u: [[0, 5]], g: [[0, 5]] });
  });
});

describe('deltas', () => {
  const delta = (name: string, afterMs: number, asInt: number, startMs?: number): object =>
    counter(name, [at(afterMs, { asInt }, startMs === undefined ? {} : { startMs })], {
      isDelta: true,
    });

  test('are added up from a zero', async () => {
    const rig = new MetricsRig();
    await rig.send(delta('c', -20, 3, -30));
    await rig.send(delta('c', -10, 4, -20));
    await rig.send(upDown('u', [at(-10, { asInt: 3 }), at(-5, { asInt: -5 })], { isDelta: true }));
    expect(await rig.rows()).toEqual({
      c_total: [
        [-30, 0],
        [-20, 3],
        [-10, 7],
      ],
      u: [
        [-10, 3],
        [-5, -2],
      ],
    });
  });

  test('begin anew after a restart, beside what was stored', async () => {
    const { store } = new MetricsRig();
    await new MetricsRig({ store }).send(delta('c', -20, 30, -30));
    await new MetricsRig({ store }).send(delta('c', -10, 40, -20));
    expect((await new MetricsRig({ store }).rows())['c_total']).toEqual([
      [-30, 0],
      [-20, 30],
      [-19, 0],
      [-10, 40],
    ]);
  });

  test('that were added before are refused, so that a repeated request counts once', async () => {
    const rig = new MetricsRig();
    const request = delta('c', -20, 3);
    await rig.send(request);
    const again = await rig.send(request, delta('c', -21, 5), delta('c', -19, 1));
    expect(rejection(again)).toMatch(
      /^2: refused 2 of 3 data points: 2 \(got a delta that is no newer/,
    );
    expect(await rig.rows()).toEqual({
      c_total: [
        [-20, 3],
        [-19, 4],
      ],
    });
    expect(rig.ingest.stats().refused).toEqual([
      { wire: 'otlp_metrics', reason: 'out_of_order', requests: 1, samples: 2 },
    ]);
  });

  test('that are no number, or fall in a counter, are refused', async () => {
    const rig = new MetricsRig();
    const sent = await rig.send(
      counter('c', [at(-2, { asDouble: 'NaN' }), at(-1, { asInt: -1 }), at(0, { asInt: 2 })], {
        isDelta: true,
      }),
    );
    expect(rejection(sent)).toContain(
      '2 (got a delta of NaN; want a number, and of a counter none below zero)',
    );
    expect(await rig.rows()).toEqual({ c_total: [[0, 2]] });
  });

  test('that could not be stored are added when they are sent again', async () => {
    const memory = createMemoryStore();
    let isFull = false;
    const store = storeWith(memory, {
      append: async (batch) => {
        if (isFull) throw new Error('full');
        await memory.append(batch);
      },
    });
    const rig = new MetricsRig({ store });
    await rig.send(delta('c', -30, 1));
    isFull = true;
    await expect(rig.send(delta('c', -20, 2))).rejects.toThrow('full');
    isFull = false;
    await rig.send(delta('c', -20, 2));
    expect(await rig.rows()).toEqual({
      c_total: [
        [-30, 1],
        [-20, 3],
      ],
    });
  });

  test('of requests at the same time are added one after another', async () => {
    const memory = createMemoryStore();
    const waiting: (() => void)[] = [];
    const store = storeWith(memory, {
      append: async (batch) => {
        await new Promise<void>((resolve, reject) => {
          waiting.push(waiting.length === 0 ? () => reject(new Error('full')) : resolve);
        });
        await memory.append(batch);
      },
    });
    const rig = new MetricsRig({ store });
    const first = rig.send(delta('c', -30, 1)).catch((error: unknown) => error);
    const second = rig.send(delta('c', -20, 2));
    await expect.poll(() => waiting.length).toBe(1);
    waiting[0]?.();
    expect(await first).toBeInstanceOf(Error);
    await expect.poll(() => waiting.length).toBe(2);
    waiting[1]?.();
    await second;
    expect(await rig.rows()).toEqual({ c_total: [[-20, 2]] });
  });

  test('of a request that breaks off are not added', async () => {
    const rig = new MetricsRig();
    await rig.send(delta('c', -30, 1));
    const broken = await rig.send(delta('c', -20, 2), {
      name: 'x',
      sum: { dataPoints: [at(0, { asInt: 1 })], aggregationTemporality: 7 },
    });
    expect(rejection(broken)).toBe(
      'malformed: got the aggregation temporality 7; want 1 (delta) or 2 (cumulative)',
    );
    await rig.send(delta('c', -10, 4));
    expect(await rig.rows()).toEqual({
      c_total: [
        [-30, 1],
        [-10, 5],
      ],
    });
  });
});

describe('a histogram', () => {
  const point = (afterMs: number, bucketCounts: readonly number[], fields: object = {}): object =>
    at(afterMs, {
      explicitBounds: [0.1, 1],
      bucketCounts,
      count: bucketCounts.reduce((sum, count) => sum + count, 0),
      sum: 12.5,
      ...fields,
    });

  test('becomes buckets that each count what is below, a count and a sum', async () => {
    const rig = new MetricsRig();
    await rig.send(histogram('h', [point(0, [1, 2, 3])]));
    expect(await rig.rows()).toEqual({
      'h_seconds_bucket{le="0.1"}': [[0, 1]],
      'h_seconds_bucket{le="1"}': [[0, 3]],
      'h_seconds_bucket{le="+Inf"}': [[0, 6]],
      h_seconds_count: [[0, 6]],
      h_seconds_sum: [[0, 12.5]],
    });
  });

  test('of deltas is added up, each bucket for itself', async () => {
    const rig = new MetricsRig();
    await rig.send(histogram('h', [point(-20, [1, 0, 0])], { isDelta: true }));
    await rig.send(histogram('h', [point(-10, [1, 1, 1])], { isDelta: true }));
    const rows = await rig.rows();
    expect(rows['h_seconds_bucket{le="0.1"}']).toEqual([
      [-20, 1],
      [-10, 2],
    ]);
    expect(rows['h_seconds_bucket{le="1"}']).toEqual([
      [-20, 1],
      [-10, 3],
    ]);
    expect(rows['h_seconds_count']).toEqual([
      [-20, 1],
      [-10, 4],
    ]);
    expect(rows['h_seconds_sum']).toEqual([
      [-20, 12.5],
      [-10, 25],
    ]);
  });

  test('without a sum has none, one without bounds has one bucket', async () => {
    const rig = new MetricsRig();
    await rig.send(histogram('h', [at(0, { count: 3 })]));
    expect(await rig.rows()).toEqual({
      'h_seconds_bucket{le="+Inf"}': [[0, 3]],
      h_seconds_count: [[0, 3]],
    });
  });

  test('may change its bounds', async () => {
    const rig = new MetricsRig();
    await rig.send(histogram('h', [point(-10, [1, 2, 3])]));
    await rig.send(
      histogram('h', [at(0, { explicitBounds: [0.1, 2], bucketCounts: [4, 0, 3], count: 7 })]),
    );
    const rows = await rig.rows();
    expect(rows['h_seconds_bucket{le="0.1"}']).toEqual([
      [-10, 1],
      [0, 4],
    ]);
    expect(rows['h_seconds_bucket{le="1"}']).toEqual([[-10, 3]]);
    expect(rows['h_seconds_bucket{le="2"}']).toEqual([[0, 4]]);
  });

  test.each([
    [{ explicitBounds: [1, 1], bucketCounts: [1, 2, 3] }, 'bounds do not ascend'],
    [{ explicitBounds: [1, 'Infinity'], bucketCounts: [1, 2, 3] }, 'bounds do not ascend'],
    [{ explicitBounds: [1, 2], bucketCounts: [1, 2] }, '2 counts for 2 bounds'],
    [{ explicitBounds: [1, 2], bucketCounts: [] }, '0 counts for 2 bounds'],
    [
      {
        explicitBounds: Array.from({ length: 501 }, (_, i) => i),
        bucketCounts: Array.from({ length: 502 }, () => 1),
      },
      '501 bounds',
    ],
  ])('with %j is refused', async (fields, message) => {
    const rig = new MetricsRig();
    const sent = await rig.send(histogram('h', [at(0, fields)]), gauge('g', at(0, { asInt: 1 })));
    expect(rejection(sent)).toMatch(/^1: refused 1 of 2 data points/);
    expect(rejection(sent)).toContain(message);
    expect(await rig.rows()).toEqual({ g: [[0, 1]] });
  });

  test('over the limit of series is refused whole', async () => {
    const rig = new MetricsRig({ limits: { maxSeries: 4 } });
    const sent = await rig.send(
      gauge('g', at(0, { asInt: 1 })),
      histogram('h', [point(0, [1, 2, 3])]),
    );
    expect(rejection(sent)).toMatch(
      /^1: refused 1 of 2 data points: 1 \(got a new series on top of/,
    );
    expect(await rig.rows()).toEqual({ g: [[0, 1]] });
    const again = await rig.send(histogram('h', [point(1, [1, 2, 3])]));
    expect(rejection(again)).toMatch(/^1:/);
    expect(await rig.rows()).toEqual({ g: [[0, 1]] });
  });
});

test('a summary becomes its quantiles, a count and a sum', async () => {
  const rig = new MetricsRig();
  const quantileValues = [
    { quantile: 0.5, value: 2 },
    { quantile: 0.99, value: 9 },
  ];
  await rig.send(summary('s', at(0, { count: 4, sum: 10, quantileValues })));
  expect(await rig.rows()).toEqual({
    's{quantile="0.5"}': [[0, 2]],
    's{quantile="0.99"}': [[0, 9]],
    s_count: [[0, 4]],
    s_sum: [[0, 10]],
  });
});

describe('what is refused point by point', () => {
  test.each([
    [gauge('g', at(-25 * 60 * MINUTE_MS, { asInt: 1 })), 'too_old', 'retention_raw_days'],
    [gauge('g', at(11 * MINUTE_MS, { asInt: 1 })), 'too_new', 'ingest_max_future_minutes'],
    [gauge('g', { asInt: 1 }), 'too_old', '1970-01-01'],
    [gauge('g', at(0, {})), 'malformed', 'a data point without a value'],
    [gauge('@', at(0, { asInt: 1 })), 'bad_labels', 'no letter and no digit'],
    [
      gauge('g', at(0, { asInt: 1 }, { a: 'x'.repeat(101) })),
      'label_limit',
      'ingest_max_label_bytes',
    ],
    [
      gauge(
        'g',
        at(0, { asInt: 1 }, Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`a${i}`, i]))),
      ),
      'label_limit',
      'ingest_max_labels',
    ],
  ])('%#: the others are stored', async (metric, reason, message) => {
    const rig = new MetricsRig();
    const sent = await rig.send(metric, gauge('good', at(0, { asInt: 1 })));
    expect(rejection(sent)).toMatch(/^1: refused 1 of 2 data points: 1 \(got /);
    expect(rejection(sent)).toContain(message);
    expect(await rig.rows()).toEqual({ good: [[0, 1]] });
    expect(rig.ingest.stats().refused).toEqual([
      { wire: 'otlp_metrics', reason, requests: 1, samples: 1 },
    ]);
  });

  test('a known series with a bad time is refused too', async () => {
    const rig = new MetricsRig();
    await rig.send(gauge('g', at(-1, { asInt: 1 })));
    const sent = await rig.send(gauge('g', at(11 * MINUTE_MS, { asInt: 2 }), at(0, { asInt: 3 })));
    expect(rejection(sent)).toContain('a sample of "g{job=\\"api\\"}"');
    expect(await rig.rows()).toEqual({
      g: [
        [-1, 1],
        [0, 3],
      ],
    });
  });
});

test('exemplars and samples are counted', async () => {
  const rig = new MetricsRig();
  const exemplars = [{ asDouble: 1, timeUnixNano: nanos(0) }, { asInt: 1 }];
  await rig.send(
    gauge('g', at(0, { asInt: 1, exemplars })),
    histogram('h', [at(0, { count: 1, exemplars })]),
  );
  const stats = rig.ingest.stats();
  expect(stats.ignoredExemplars).toBe(4);
  // One of the gauge, two of the histogram, and target_info.
  expect(stats.samples.get('otlp_metrics')).toBe(4);
  expect(stats.requests.get('otlp_metrics')).toBe(1);
});

test('metrics without data, and kinds that are not known, are passed over', async () => {
  const rig = new MetricsRig();
  expect(await rig.send({ name: 'empty' }, gauge('none'))).toEqual(FULL);
  expect(await rig.receive(new Uint8Array(0), 'protobuf')).toEqual(FULL);
  expect(await rig.allRows()).toEqual({});
});

test('a time is exact to the millisecond, and what is below is cut', async () => {
  const rig = new MetricsRig();
  await rig.send(
    gauge('g', ...[0, 1, 7, 255].map((ms) => at(ms, { asInt: ms })), {
      asInt: 999,
      timeUnixNano: `${NOW_MS + 999}999999`,
    }),
  );
  expect((await rig.rows())['g']?.map(([t]) => t)).toEqual([0, 1, 7, 255, 999]);
});
