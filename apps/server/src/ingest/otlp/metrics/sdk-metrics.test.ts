import type { Meter } from '@opentelemetry/api';
import { JsonMetricsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  AggregationType,
  MeterProvider,
  MetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MetricsRig, type Rows } from './metrics.test-rig.ts';

/** Reads metrics when it is asked to. */
class PullReader extends MetricReader {
  protected override async onShutdown(): Promise<void> {}
  protected override async onForceFlush(): Promise<void> {}
}

/** The real SDK, and a store that takes what it exports. */
class Sdk {
  readonly meter: Meter;
  readonly #reader: PullReader;

  constructor({ isDelta = false, isExponential = false } = {}) {
    this.#reader = new PullReader({
      aggregationTemporalitySelector: () =>
        isDelta ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE,
    });
    const provider = new MeterProvider({
      resource: resourceFromAttributes({ 'service.name': 'api' }),
      readers: [this.#reader],
      views: isExponential
        ? [{ instrumentName: '*', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }]
        : [],
    });
    this.meter = provider.getMeter('');
  }

  async collect(): Promise<ResourceMetrics> {
    const { resourceMetrics, errors } = await this.#reader.collect();
    if (errors.length > 0) throw new Error('BUG: the SDK could not collect', { cause: errors });
    return resourceMetrics;
  }
}

const SERIALIZERS = { protobuf: ProtobufMetricsSerializer, json: JsonMetricsSerializer } as const;
const ENCODINGS = ['protobuf', 'json'] as const;

const send = async (
  rig: MetricsRig,
  metrics: ResourceMetrics,
  encoding: 'protobuf' | 'json',
): Promise<void> => {
  const body = SERIALIZERS[encoding].serializeRequest(metrics) as Uint8Array;
  expect(await rig.receive(body, encoding)).toEqual({ rejected: 0, message: '' });
};

/** The last value of each series. */
const lastOf = (rows: Rows): Record<string, number> =>
  Object.fromEntries(
    Object.entries(rows).map(([name, samples]) => [name, samples.at(-1)?.[1] ?? Number.NaN]),
  );

const rigNow = (): MetricsRig => new MetricsRig({ nowMs: Date.now() });

/** Both encodings of what the SDK collected, each in a store of its own. */
async function storedBothWays(sdk: Sdk, use: () => void): Promise<Rows> {
  use();
  const metrics = await sdk.collect();
  const rigs = { protobuf: rigNow(), json: rigNow() };
  for (const encoding of ENCODINGS) await send(rigs[encoding], metrics, encoding);
  const rows = await rigs.protobuf.rows();
  expect(await rigs.json.rows()).toEqual(rows);
  return rows;
}

describe("what OpenTelemetry's SDK exports is stored alike from both encodings", () => {
  test('counters, gauges and sums that may fall', async () => {
    const sdk = new Sdk();
    const rows = await storedBothWays(sdk, () => {
      const hits = sdk.meter.createCounter('hits');
      hits.add(2, { route: '/a', code: 200 });
      hits.add(0.5, { route: '/a', code: 200 });
      sdk.meter.createUpDownCounter('queue', { unit: '{item}' }).add(-3);
      sdk.meter.createGauge('load', { unit: '1' }).record(0.25);
      sdk.meter
        .createObservableGauge('observed')
        .addCallback((result) => result.observe(7, { ok: true }));
    });
    expect(lastOf(rows)).toEqual({
      'hits_total{code="200",route="/a"}': 2.5,
      queue: -3,
      load_ratio: 0.25,
      'observed{ok="true"}': 7,
    });
  });

  test('histograms with bounds', async () => {
    const sdk = new Sdk();
    const rows = await storedBothWays(sdk, () => {
      const durations = sdk.meter.createHistogram('d', {
        unit: 's',
        advice: { explicitBucketBoundaries: [0.1, 1] },
      });
      for (const value of [0.05, 0.5, 0.5, 5]) durations.record(value);
    });
    expect(lastOf(rows)).toEqual({
      'd_seconds_bucket{le="0.1"}': 1,
      'd_seconds_bucket{le="1"}': 3,
      'd_seconds_bucket{le="+Inf"}': 4,
      d_seconds_count: 4,
      d_seconds_sum: 6.05,
    });
  });

  test('exponential histograms: every bucket has what is at most its bound', async () => {
    const value = fc.oneof(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), fc.constant(0));
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 200 }), async (values) => {
        const sdk = new Sdk({ isExponential: true });
        const rows = await storedBothWays(sdk, () => {
          const histogram = sdk.meter.createHistogram('e');
          for (const each of values) histogram.record(each);
        });
        const last = lastOf(rows);
        expect(last['e_count']).toBe(values.length);
        for (const [name, count] of Object.entries(last)) {
          const le = /le="([^+].*)"/.exec(name)?.[1];
          if (le === undefined) continue;
          // A value at a bound may fall on either side of it, as floating point has it.
          expect(count).toBeLessThanOrEqual(
            values.filter((each) => each <= Number(le) * 1.000001).length,
          );
          expect(count).toBeGreaterThanOrEqual(
            values.filter((each) => each <= Number(le) * 0.999999).length,
          );
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('deltas come to what cumulative points say', () => {
  test.each([{ isExponential: false }, { isExponential: true }])(
    'with %j',
    async ({ isExponential }) => {
      const rounds = fc.array(
        fc.array(fc.double({ min: 0.001, max: 1000, noNaN: true }), {
          minLength: 1,
          maxLength: 20,
        }),
        { minLength: 1, maxLength: 4 },
      );
      await fc.assert(
        fc.asyncProperty(rounds, async (values) => {
          const sdks = [new Sdk({ isExponential }), new Sdk({ isDelta: true, isExponential })];
          const rigs = [rigNow(), rigNow()];
          for (const round of values) {
            for (const [i, sdk] of sdks.entries()) {
              const histogram = sdk.meter.createHistogram('h');
              for (const each of round) histogram.record(each);
              const metrics = await sdk.collect();
              await send(rigs[i] as MetricsRig, metrics, 'protobuf');
            }
            // Two collections within one millisecond would be one point in time.
            const startMs = Date.now();
            while (Date.now() === startMs);
          }
          const [cumulative = {}, delta = {}] = await Promise.all(
            rigs.map(async (rig) => lastOf(await rig.rows())),
          );
          for (const [name, total] of Object.entries(cumulative)) {
            if (name.startsWith('h_bucket') && isExponential && delta[name] === undefined) continue;
            expect(delta[name], name).toBeCloseTo(total, 6);
          }
        }),
        { numRuns: 20 },
      );
    },
  );
});
