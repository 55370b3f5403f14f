import { createLabels, formatLabels } from '@hubpulse/model';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { storeWith } from '../store/memory/store-with.ts';
import { type MetricStore, StoreError } from '../store/port.ts';
import {
  bitsOf,
  ENCODERS,
  HOUR_MS,
  IngestRig,
  named,
  NOW_MS,
  refusalOf,
  up,
} from './ingest.test-rig.ts';
import {
  compress,
  field,
  label,
  sample,
  type TestSeries,
  text,
  writeRequest,
} from './message.test-encoder.ts';
import type { RemoteWriteMessage } from './remote-write/media-type.ts';

const STALE_BITS = 0x7ff0000000000002n;
const V1 = 'prometheus.WriteRequest';
const V2 = 'io.prometheus.write.v2.Request';
const BOTH: readonly RemoteWriteMessage[] = [V1, V2];

let rig: IngestRig;

const start = (options?: ConstructorParameters<typeof IngestRig>[0]): void => {
  rig = new IngestRig(options);
};

beforeEach(() => start());

describe.each(BOTH)('remote write of %s', (message) => {
  test('stores every sample of every series', async () => {
    const outcome = await rig.send(message, [
      {
        labels: named('up', ['instance', 'a:1'], ['job', 'api']),
        samples: [
          { tMs: NOW_MS - 1000, value: 1 },
          { tMs: NOW_MS, value: 0 },
        ],
      },
      { labels: named('temperature', ['room', '湯']), samples: [{ tMs: NOW_MS, value: -2.5 }] },
    ]);
    expect(outcome).toEqual({ samples: 3, refused: [], histograms: 0, exemplars: 0 });
    expect(await rig.stored()).toEqual({
      'up{instance="a:1",job="api"}': [
        [NOW_MS - 1000, bitsOf(1)],
        [NOW_MS, bitsOf(0)],
      ],
      'temperature{room="湯"}': [[NOW_MS, bitsOf(-2.5)]],
    });
  });

  test('keeps values bit for bit: stale markers, NaN, infinities, negative zero', async () => {
    const special = [
      STALE_BITS,
      0x7ff8000000000001n,
      0xfff8dead_beef_0001n,
      0x7ff0000000000000n,
      0xfff0000000000000n,
      0x8000000000000000n,
      1n,
    ];
    const samples = special.map((value, i) => ({ tMs: NOW_MS + i, value }));
    for (let round = 0; round < 2; round++) {
      await rig.send(message, [{ labels: named('special'), samples }]);
    }
    const { special: rows } = await rig.stored();
    expect(rows?.map(([, bits]) => BigInt(`0x${bits}`))).toEqual(special);
  });

  test('knows a series again, in whatever order its labels come and after a start over', async () => {
    await rig.send(message, [up(1, NOW_MS - 2)]);
    await rig.send(message, [up(2, NOW_MS - 1)]);
    start({ store: rig.store, seed: 99 });
    await rig.send(message, [
      {
        labels: [
          ['job', 'api'],
          ['__name__', 'up'],
          ['empty', ''],
        ],
        samples: [{ tMs: NOW_MS, value: 3 }],
      },
    ]);
    expect((await rig.stored())['up{job="api"}']).toHaveLength(3);
    expect(rig.store.stats().series).toBe(1);
  });

  test('takes a series that comes twice in one request', async () => {
    await rig.send(message, [up(1, NOW_MS - 1), up(2)]);
    expect((await rig.stored())['up{job="api"}']).toHaveLength(2);
    expect(rig.ingest.stats().cachedSeries).toBe(1);
  });

  test('takes a request without series, and makes none without samples', async () => {
    expect(await rig.send(message, [])).toEqual({
      samples: 0,
      refused: [],
      histograms: 0,
      exemplars: 0,
    });
    const outcome = await rig.send(message, [{ labels: named('up'), samples: [], histograms: 2 }]);
    expect(outcome).toEqual({ samples: 0, refused: [], histograms: 2, exemplars: 0 });
    expect(rig.store.find(createLabels({ __name__: 'up' }))).toBeUndefined();
  });

  test('counts native histograms and exemplars, and stores the samples beside them', async () => {
    const outcome = await rig.send(message, [{ ...up(1), histograms: 1, exemplars: 3 }]);
    expect(outcome).toEqual({ samples: 1, refused: [], histograms: 1, exemplars: 3 });
    expect(rig.ingest.stats()).toMatchObject({ ignoredHistograms: 1, ignoredExemplars: 3 });
    expect(await rig.stored()).toHaveProperty(['up{job="api"}']);
  });

  test('takes what it sent after any number of others, whatever they are', async () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const request = fc.array(
      fc.record({
        labels: fc
          .uniqueArray(fc.tuple(name, fc.string({ maxLength: 5, unit: 'grapheme' })), {
            selector: ([key]) => key,
          })
          .map((labels) => named('m', ...labels)),
        samples: fc.array(
          fc.record({
            tMs: fc.integer({ min: NOW_MS - HOUR_MS, max: NOW_MS + HOUR_MS }),
            value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
          }),
          { maxLength: 4 },
        ),
      }),
      { maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(request, { maxLength: 4 }), async (requests) => {
        start();
        const expected = new Map<string, Map<number, string>>();
        for (const series of requests) {
          await rig.send(message, series);
          for (const { labels, samples } of series) {
            const key = formatLabels(createLabels(labels));
            for (const { tMs, value } of samples) {
              const rows = expected.get(key) ?? new Map<number, string>();
              expected.set(key, rows.set(tMs, value.toString(16)));
            }
          }
        }
        const sorted = [...expected].map(([key, rows]) => [
          key,
          [...rows].toSorted(([a], [b]) => a - b),
        ]);
        expect(await rig.stored()).toEqual(Object.fromEntries(sorted));
      }),
      { numRuns: 60 },
    );
  });

  test('stores of a mutation of a valid body what it says, and nothing of one that cannot be read', async () => {
    const valid = ENCODERS[message](
      Array.from({ length: 5 }, (_, i) => ({
        labels: named('m', ['i', String(i)]),
        samples: [{ tMs: NOW_MS, value: i }],
        exemplars: 1,
      })),
    );
    const mutation = fc.array(
      fc.tuple(fc.nat(valid.length - 1), fc.integer({ min: 0, max: 255 })),
      { minLength: 1, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(mutation, fc.nat(valid.length), async (changes, end) => {
        start();
        const bytes = valid.slice(0, end === 0 ? valid.length : end);
        for (const [at, value] of changes) bytes[at] = value;
        const outcome = await rig.sendBytes(message, bytes);
        const samples = 'refusal' in outcome ? 0 : outcome.samples;
        expect(rig.store.stats().appendedSamples).toBe(samples);
        const isRefused = 'refusal' in outcome;
        const left = isRefused ? await rig.stored() : {};
        expect(left).toEqual({});
        const first = rig.store.find(createLabels({ __name__: 'm', i: '0' }));
        expect(isRefused ? first : undefined).toBeUndefined();
      }),
      { numRuns: 400 },
    );
  });

  test('refuses or takes mutations of the compressed bytes likewise', async () => {
    const valid = compress(ENCODERS[message]([up(1), up(2, NOW_MS - 1)]));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(valid.length - 1),
        fc.integer({ min: 0, max: 255 }),
        async (at, value) => {
          const bytes = valid.slice();
          bytes[at] = value;
          const before = rig.store.stats().appendedSamples;
          const outcome = await rig.sendCompressed(message, bytes);
          const samples = 'refusal' in outcome ? 0 : outcome.samples;
          expect(rig.store.stats().appendedSamples - before).toBe(samples);
        },
      ),
      { numRuns: 300 },
    );
  });

  test.each([
    [[['job', 'api']], 'bad_labels: got a series without a metric name (__name__)'],
    [[['__name__', '']], 'bad_labels: got a series without a metric name'],
    [[...named('up'), ['', 'x']], 'bad_labels: got a label with an empty name'],
    [[...named('up'), ['a', '1'], ['a', '2']], 'bad_labels: got the label "a" twice'],
    [[...named('up'), ['a', '1'], ['a', '']], 'bad_labels: got the label "a" twice'],
    [
      [...named('up'), ['a', 'x'.repeat(101)]],
      'want at most 100; shorten it, or raise ingest_max_label_bytes',
    ],
    [
      [...named('up'), ['x'.repeat(101), 'a']],
      'label_limit: got a label name or value of 101 bytes',
    ],
    [
      [...named('up'), ...'abcdefgh'.split('').map((name) => [name, 'x'] as const)],
      'label_limit: got 9 labels in one series; want at most 8; drop some, or raise ingest_max_labels',
    ],
  ] as [[string, string][], string][])('refuses the labels %j', async (labels, expected) => {
    const outcome = await rig.send(message, [
      up(1),
      { labels, samples: [{ tMs: NOW_MS, value: 1 }] },
    ]);
    expect(refusalOf(outcome)).toContain(expected);
    expect(outcome).toMatchObject({ samples: 1, refused: [{ samples: 1 }] });
    expect(await rig.stored()).toEqual({ 'up{job="api"}': [[NOW_MS, bitsOf(1)]] });
    expect(rig.ingest.stats().refused).toMatchObject([{ requests: 1, samples: 1 }]);
  });

  test('refuses labels that are no UTF-8', async () => {
    const bytes = ENCODERS[message]([
      { labels: named('XXXX'), samples: [{ tMs: NOW_MS, value: 1 }] },
    ]);
    bytes[bytes.lastIndexOf('X'.charCodeAt(0))] = 0xff;
    expect(refusalOf(await rig.sendBytes(message, bytes))).toMatch(/^bad_labels: .* no UTF-8/);
  });

  test.each([
    [NOW_MS - 24 * HOUR_MS, 'none'],
    [NOW_MS - 24 * HOUR_MS - 1, 'too_old: got a sample of "up{job=\\"api\\"}" at '],
    [0, 'or raise the longest of retention_raw_days'],
    [-1, 'too_old'],
    [-(2 ** 62), 'too_old'],
    [NOW_MS + HOUR_MS, 'none'],
    [NOW_MS + HOUR_MS + 1, 'or raise ingest_max_future_minutes'],
    [2 ** 62, 'too_new'],
  ])('a sample at %d gets: %s', async (tMs, expected) => {
    const labels = named('up', ['job', 'api']);
    const samples = [{ tMs: BigInt(tMs), value: 1 }];
    expect(refusalOf(await rig.send(message, [up(1), { labels, samples }]))).toContain(expected);
  });

  test('refuses the samples outside of the bounds alone, of known series and new ones', async () => {
    const tooOld = NOW_MS - 25 * HOUR_MS;
    const tooNew = NOW_MS + 2 * HOUR_MS;
    const mixed = (name: string): TestSeries => ({
      labels: named(name),
      samples: [
        { tMs: tooOld, value: 1 },
        { tMs: NOW_MS, value: 2 },
        { tMs: tooNew, value: 3 },
      ],
    });
    const only = { labels: named('only'), samples: [{ tMs: tooNew, value: 1 }] };
    for (let round = 0; round < 2; round++) {
      const outcome = await rig.send(message, [mixed('a'), only, mixed('b'), up(1)]);
      expect(outcome).toMatchObject({
        samples: 3,
        refused: [
          { refusal: { reason: 'too_old' }, samples: 4 },
          {
            refusal: { reason: 'too_new', message: expect.stringContaining('"only"') },
            samples: 1,
          },
        ],
      });
    }
    expect(Object.keys(await rig.stored())).toEqual(['a', 'b', 'up{job="api"}']);
    expect(rig.store.find(createLabels({ __name__: 'only' }))).toBeUndefined();
  });

  test('refuses the new series of a sender that makes too many, for a day', async () => {
    start({ limits: { maxSeriesPerSender: 2 } });
    const series = (i: number): TestSeries => ({
      labels: named('m', ['i', String(i)]),
      samples: [{ tMs: NOW_MS, value: i }],
    });
    const outcome = await rig.send(message, [series(1), series(2), series(3), series(4)]);
    expect(outcome).toMatchObject({ samples: 2, refused: [{ samples: 2 }] });
    expect(refusalOf(outcome)).toBe(
      'sender_series_limit: got a new series from "10.0.0.1", which made 0 within 24 hours; want at most 2; ' +
        'send fewer (a label with many values makes many), or raise ingest_max_series_per_sender',
    );
    expect(refusalOf(await rig.send(message, [series(1), series(2)]))).toBe('none');
    expect(refusalOf(await rig.send(message, [series(5)]))).toContain('which made 2 within');
  });

  test('takes the last series that fits, goes on with known ones, and refuses one more', async () => {
    start({ limits: { maxSeries: 3 } });
    const series = (i: number): TestSeries => ({
      labels: named('m', ['i', String(i)]),
      samples: [{ tMs: NOW_MS, value: i }],
    });
    await rig.send(message, [series(1), series(2)]);
    expect(refusalOf(await rig.send(message, [series(3), series(4)]))).toBe(
      'series_limit: got a new series on top of 2; want at most 3 in total; ' +
        'send fewer (a label with many values makes many), or raise ingest_max_series',
    );
    expect(rig.store.find(createLabels({ __name__: 'm', i: '4' }))).toBeUndefined();
    expect(refusalOf(await rig.send(message, [series(3), series(3), series(1)]))).toBe('none');
    start({ store: rig.store, limits: { maxSeries: 3 }, seed: 5 });
    expect(refusalOf(await rig.send(message, [series(1), series(2), series(3)]))).toBe('none');
    expect(refusalOf(await rig.send(message, [series(4)]))).toContain('series_limit');
  });

  test('refuses more samples than a request may have, before it keeps them', async () => {
    const one = sample({ tMs: NOW_MS, value: 1 });
    const many = Array.from({ length: 200_001 }, () => one).flat();
    const labels = { [V1]: label(['__name__', 'm']), [V2]: field(1, [1, 2]) }[message];
    const symbols = ['', '__name__', 'm'].flatMap((symbol) => field(4, text(symbol)));
    const bytes = [
      ...(message === V2 ? symbols : []),
      ...field(message === V1 ? 1 : 5, many.concat(labels)),
    ];
    start({ limits: { maxDecompressedBytes: 1e9 } });
    const outcome = await rig.sendCompressed(message, compress(Uint8Array.from(bytes)));
    expect(refusalOf(outcome)).toMatch(
      /^too_large: got more than 200000 samples .*max_samples_per_send/,
    );
  });

  test('says so when the decompressed body is too large', async () => {
    start({ limits: { maxDecompressedBytes: 10 } });
    expect(refusalOf(await rig.send(message, [up(1)]))).toContain('raise ingest_max_body_mib');
  });
});

describe('remote write 1.0', () => {
  test('is read as these bytes', async () => {
    const bytes = Buffer.from(
      '0a27' + // timeseries, 39 bytes
        '0a0e0a085f5f6e616d655f5f12027570' + // __name__ = up
        '0a030a0161' + // a = (nothing)
        '12100900000000000004401080a0f1c2b134', // 2.5 at 1,800,000,000,000
      'hex',
    );
    expect(refusalOf(await rig.sendBytes(V1, bytes))).toBe('none');
    expect(await rig.stored()).toEqual({ up: [[NOW_MS, bitsOf(2.5)]] });
  });

  test('joins labels that other fields stand between', async () => {
    const parts = [
      label(['__name__', 'up']),
      sample({ tMs: NOW_MS, value: 1 }),
      label(['job', 'api']),
      field(9, [1, 2]),
      label(['a', 'b']),
    ];
    await rig.sendBytes(V1, Uint8Array.from(field(1, parts.flat())));
    expect(Object.keys(await rig.stored())).toEqual(['up{a="b",job="api"}']);
  });

  test('passes over metadata and whatever else it does not know', async () => {
    const metadata = field(3, [0x08, 1, ...field(2, text('up'))]);
    const unknown = [0x7d, 1, 2, 3, 4, 0x79, 1, 2, 3, 4, 5, 6, 7, 8];
    const bytes = Uint8Array.from([...metadata, ...ENCODERS[V1]([up(1)]), ...unknown]);
    expect(await rig.sendBytes(V1, bytes)).toMatchObject({ samples: 1 });
  });

  test('shares its series with 2.0', async () => {
    await rig.send(V1, [up(1, NOW_MS - 1)]);
    await rig.send(V2, [up(2)]);
    expect(rig.ingest.stats().cachedSeries).toBe(1);
    expect((await rig.stored())['up{job="api"}']).toHaveLength(2);
  });
});

describe('remote write 2.0', () => {
  const symbols = (...names: string[]): number[] => names.flatMap((name) => field(4, text(name)));
  const good = sample({ tMs: NOW_MS, value: 1 });

  test('finds symbols that come after the series, and references one by one', async () => {
    const refs = [0x08, 1, 0x08, 2];
    const bytes = [...field(5, [...refs, ...good]), ...symbols('', '__name__', 'up')];
    expect(refusalOf(await rig.sendBytes(V2, Uint8Array.from(bytes)))).toBe('none');
    expect(Object.keys(await rig.stored())).toEqual(['up']);
  });

  test.each([
    [
      'a reference past the symbols',
      [...symbols('', 'a'), ...field(5, [...field(1, [1, 2]), ...good])],
      'symbol 2 of 2',
    ],
    [
      'half a label',
      [...symbols('', 'a'), ...field(5, [...field(1, [1]), ...good])],
      'want references in pairs',
    ],
    ['no symbols', field(5, good), 'want it first'],
    ['another first symbol', [...symbols('a', ''), ...field(5, good)], 'want it first'],
    ['no labels', [...symbols(''), ...field(5, good)], 'without a metric name'],
  ])('refuses %s', async (_what, bytes, message) => {
    expect(refusalOf(await rig.sendBytes(V2, Uint8Array.from(bytes)))).toContain(message);
    expect(await rig.stored()).toEqual({});
  });

  test('refuses labels that symbols blow up beyond the size of a body', async () => {
    start({ limits: { maxLabelBytes: 60_000, maxDecompressedBytes: 200_000 } });
    const long = 'x'.repeat(50_000);
    const series = Array.from({ length: 10 }, (_, i) => ({
      labels: named('m', ['a', long], ['i', String(i)]),
      samples: [{ tMs: NOW_MS, value: 1 }],
    }));
    expect(refusalOf(await rig.send(V2, series))).toMatch(
      /^too_large: got more than 200000 bytes of labels/,
    );
  });

  test('refuses one series with endless references', async () => {
    const refs = field(
      1,
      Array.from({ length: 4000 }, () => 1),
    );
    const bytes = [...symbols('', 'x'.repeat(2000)), ...field(5, [...refs, ...good])];
    expect(refusalOf(await rig.sendBytes(V2, Uint8Array.from(bytes)))).toContain('label_limit');
    const fewer = field(
      1,
      Array.from({ length: 2000 }, () => 1),
    );
    const large = [...symbols('', 'x'.repeat(2000)), ...field(5, [...fewer, ...good])];
    expect(refusalOf(await rig.sendBytes(V2, Uint8Array.from(large)))).toContain('label_limit');
  });
});

describe('the store', () => {
  const failing = (good: MetricStore, error: StoreError): MetricStore =>
    storeWith(good, { append: () => Promise.reject(error) });

  test('that cannot write rejects, and the same request is taken when it can', async () => {
    const good = rig.store;
    const store = failing(good, new StoreError('disk_full', 'no room'));
    start({ store, limits: { maxSeries: 1 } });
    await expect(rig.send(V1, [up(1)])).rejects.toThrow('no room');
    await expect(rig.send(V1, [up(1)])).rejects.toThrow('no room');
    expect(refusalOf(await rig.send(V1, [{ ...up(1), labels: named('other') }]))).toContain(
      '1; want at most 1',
    );
    expect(rig.ingest.stats().refused).toMatchObject([
      { reason: 'store', requests: 2, samples: 2 },
      { reason: 'series_limit', requests: 1, samples: 1 },
    ]);
    start({ store: good });
    expect(refusalOf(await rig.send(V1, [up(1)]))).toBe('none');
  });

  test('that refuses a batch is a defect, and no fault of the sender', async () => {
    start({ store: failing(rig.store, new StoreError('invalid', 'what')) });
    await expect(rig.send(V1, [up(1)])).rejects.toThrow(
      'BUG: the store refused a checked batch: what',
    );
  });
});

test('figures count samples, requests and series by wire', async () => {
  await rig.send(V1, [up(1), up(2, NOW_MS - 1)]);
  await rig.send(V2, [up(3, NOW_MS - 2)]);
  await rig.sendJson([{ metric: 'm', value: 1 }]);
  const { samples, requests, cachedSeries } = rig.ingest.stats();
  expect(Object.fromEntries(samples)).toMatchObject({
    remote_write_1: 2,
    remote_write_2: 1,
    json: 1,
  });
  expect(Object.fromEntries(requests)).toMatchObject({
    remote_write_1: 1,
    remote_write_2: 1,
    json: 1,
  });
  expect(cachedSeries).toBe(1);
});

test('metadata of remote write 1.0 is kept, and a later word on a metric counts', async () => {
  const metadata = (type: number, name: string, help: string): number[] =>
    field(3, [
      0x08,
      type,
      ...field(2, text(name)),
      ...field(4, text(help)),
      ...field(5, text('s')),
    ]);
  const request = [
    ...metadata(2, 'took_seconds', 'Old.'),
    ...writeRequest([up(1)]),
    ...metadata(3, 'took_seconds', 'x'.repeat(5000)),
    ...metadata(99, 'odd', ''),
    ...metadata(1, '', 'Nobody.'),
  ];
  await rig.sendBytes(V1, Uint8Array.from(request));
  expect(Object.fromEntries(rig.ingest.metadata.entries())).toEqual({
    took_seconds: { type: 'histogram', help: 'x'.repeat(1000), unit: 's' },
    odd: { type: 'unknown', help: '', unit: 's' },
  });
  expect(Object.keys(await rig.stored())).toEqual(['up{job="api"}']);
});
