import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import {
  AggregationTemporalityPreference,
  OTLPMetricExporter as JsonExporter,
} from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtobufExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import {
  AggregationType,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import {
  type HubpulseProcess,
  startHubpulse,
  temporaryDirectory,
} from '../harness/hubpulse-process.ts';

type Directory = Awaited<ReturnType<typeof temporaryDirectory>>;

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

let data: Directory;
let server: HubpulseProcess;
let otlpUrl: string;

beforeAll(async () => {
  data = await temporaryDirectory();
  const port = await freePort();
  otlpUrl = `http://127.0.0.1:${port}`;
  server = await startHubpulse(data.path, { HUBPULSE_OTLP_PORT: String(port) });
});

afterAll(async () => {
  await server?.stop();
  await data?.remove();
});

/** The value of an expression that has one series, now. */
async function query(expression: string): Promise<number> {
  const answer = await fetch(
    `${server.url}/api/v1/query?${new URLSearchParams({ query: expression })}`,
  );
  const body = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
  expect(body.data.result, expression).toHaveLength(1);
  return Number(body.data.result[0]?.value[1]);
}

const metricsText = async (): Promise<string> => (await fetch(`${server.url}/metrics`)).text();

interface Kind {
  readonly exporter: 'protobuf' | 'json';
  readonly isDelta: boolean;
  readonly isExponential: boolean;
  readonly isGzip: boolean;
  readonly url: () => string;
}

/** The SDK as an application sets it up, but that nothing is exported before it is told to. */
function startSdk(
  job: string,
  { exporter, isDelta, isExponential, isGzip, url }: Kind,
): MeterProvider {
  const options = {
    url: url(),
    temporalityPreference: isDelta
      ? AggregationTemporalityPreference.DELTA
      : AggregationTemporalityPreference.CUMULATIVE,
    ...(isGzip ? { compression: 'gzip' as never } : {}),
  };
  return new MeterProvider({
    resource: resourceFromAttributes({ 'service.name': job, 'service.instance.id': 'i-1' }),
    readers: [
      new PeriodicExportingMetricReader({
        exporter: exporter === 'json' ? new JsonExporter(options) : new ProtobufExporter(options),
        exportIntervalMillis: 3_600_000,
      }),
    ],
    views: isExponential
      ? [
          {
            instrumentName: 'duration',
            aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM },
          },
        ]
      : [],
  });
}

/** Samples within one millisecond would be one. */
const nextMillisecond = (): void => {
  const startMs = Date.now();
  while (Date.now() <= startMs + 1);
};

const main = (): string => `${server.url}/v1/metrics`;
const otlp = (): string => `${otlpUrl}/v1/metrics`;
const alias = (): string => `${server.url}/api/v1/otlp/v1/metrics`;

const KINDS: readonly Kind[] = [
  { exporter: 'protobuf', isDelta: false, isExponential: false, isGzip: false, url: otlp },
  { exporter: 'protobuf', isDelta: true, isExponential: false, isGzip: true, url: main },
  { exporter: 'protobuf', isDelta: false, isExponential: true, isGzip: true, url: otlp },
  { exporter: 'protobuf', isDelta: true, isExponential: true, isGzip: false, url: main },
  { exporter: 'json', isDelta: false, isExponential: false, isGzip: true, url: otlp },
  { exporter: 'json', isDelta: true, isExponential: true, isGzip: false, url: alias },
];

describe.each(KINDS.map((kind, i) => [`job-${i}`, kind] as const))(
  "OpenTelemetry's SDK as %s, %o",
  (job, kind) => {
    test('its metrics are what PromQL says', async () => {
      const sdk = startSdk(job, kind);
      const meter = sdk.getMeter('app', '1.0');
      const requests = meter.createCounter('requests', { description: 'What came in.' });
      const queue = meter.createUpDownCounter('queue.length', { unit: '{item}' });
      const load = meter.createGauge('load', { unit: '1' });
      const duration = meter.createHistogram('duration', {
        unit: 's',
        advice: { explicitBucketBoundaries: [0.1, 0.2, 0.4, 0.8, 1.6] },
      });
      for (let round = 1; round <= 3; round++) {
        requests.add(10, { route: '/a' });
        requests.add(1, { route: '/b' });
        queue.add(round === 3 ? -4 : 3);
        load.record(round / 4);
        for (let i = 1; i <= 100; i++) duration.record(i / 100);
        nextMillisecond();
        await sdk.forceFlush();
      }
      await sdk.shutdown();
      const own = `job="${job}"`;
      expect(await query(`requests_total{${own},route="/a"}`)).toBe(30);
      expect(await query(`sum(requests_total{${own}})`)).toBe(33);
      // The zero at the start: what came before the first export is an increase as well.
      expect(await query(`min_over_time(requests_total{${own},route="/a"}[5m])`)).toBe(0);
      expect(await query(`queue_length{${own}}`)).toBe(2);
      expect(await query(`load_ratio{${own}}`)).toBe(0.75);
      expect(await query(`duration_seconds_count{${own}}`)).toBe(300);
      expect(await query(`duration_seconds_sum{${own}}`)).toBeCloseTo(151.5, 6);
      const p95 = await query(
        `histogram_quantile(0.95, sum by (le) (duration_seconds_bucket{${own}}))`,
      );
      // Bounds that are doubled are wrong by up to a factor of two, the grid of exponential histograms by 19 %.
      expect(p95).toBeGreaterThan(kind.isExponential ? 0.95 / 1.19 : 0.8);
      expect(p95).toBeLessThan(kind.isExponential ? 0.95 * 1.19 : 1.6);
      expect(await query(`target_info{${own},instance="i-1"}`)).toBe(1);
      expect(await query(`count(requests_total{${own},otel_scope_name="app"})`)).toBe(2);
    });
  },
);

test('log records are counted by severity', async () => {
  const provider = new LoggerProvider({
    processors: [
      new SimpleLogRecordProcessor({
        exporter: new OTLPLogExporter({ url: `${otlpUrl}/v1/logs` }),
      }),
    ],
  });
  provider.getLogger('app').emit({ body: 'no' });
  await provider.forceFlush();
  await eventually('a log record', async () =>
    (await metricsText()).includes('hubpulse_ingest_log_records_total{severity="unspecified"} 1'),
  );
  await provider.shutdown();
});

test('what came is counted by wire', async () => {
  const text = await metricsText();
  const requests = Number(
    /^hubpulse_ingest_requests_total\{wire="otlp_metrics"\} (\d+)$/m.exec(text)?.[1],
  );
  expect(requests).toBeGreaterThanOrEqual(3 * KINDS.length);
});

test('metadata has what the SDK says', async () => {
  const answer = await fetch(`${server.url}/api/v1/metadata?metric=requests_total`);
  const { data: metadata } = (await answer.json()) as { data: unknown };
  expect(metadata).toEqual({
    requests_total: [{ type: 'counter', help: 'What came in.', unit: '' }],
  });
});

describe('a bad request', () => {
  const post = (body: BodyInit, headers: Record<string, string>): Promise<Response> =>
    fetch(otlp(), { method: 'POST', body, headers });

  test('is a 400 with a Status in the form of the request', async () => {
    const inJson = await post('{"resourceMetrics":1}', { 'content-type': 'application/json' });
    expect(inJson.status).toBe(400);
    expect(await inJson.json()).toEqual({
      code: 3,
      message: 'got resourceMetrics "1"; want a list',
    });
    const inProtobuf = await post(Uint8Array.of(0x0a, 0x05), {
      'content-type': 'application/x-protobuf',
    });
    expect(inProtobuf.status).toBe(400);
    expect(inProtobuf.headers.get('content-type')).toBe('application/x-protobuf');
    expect((await inProtobuf.text()).slice(4)).toContain('want a valid Protocol Buffers message');
  });

  test('that expands beyond the limit is a 413 that names it', async () => {
    const bomb = gzipSync(Buffer.alloc(65 * 1024 * 1024));
    const answer = await post(bomb, {
      'content-type': 'application/x-protobuf',
      'content-encoding': 'gzip',
    });
    expect(answer.status).toBe(413);
    expect(await answer.text()).toContain('ingest_max_body_mib');
  });

  test('in part is taken in part', async () => {
    const point = (timeUnixNano: string): object => ({ timeUnixNano, asInt: 1 });
    const dataPoints = [point('1'), point(`${Date.now()}000000`)];
    const body = {
      resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'part', gauge: { dataPoints } }] }] }],
    };
    const answer = await post(JSON.stringify(body), { 'content-type': 'application/json' });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      partialSuccess: {
        rejectedDataPoints: '1',
        errorMessage: expect.stringContaining('older ones are not kept'),
      },
    });
    expect(await query('part')).toBe(1);
  });

  test('to another path of the OTLP port is a 404 or a 405', async () => {
    expect((await fetch(`${otlpUrl}/`)).status).toBe(404);
    expect((await fetch(otlp())).status).toBe(405);
  });
});

describe('the OTLP port', () => {
  test('is said in the log', async () => {
    const other = await temporaryDirectory();
    const port = await freePort();
    const started = await startHubpulse(other.path, { HUBPULSE_OTLP_PORT: String(port) });
    const { stderr } = await started.stop();
    await other.remove();
    expect(stderr).toContain(`"url":"http://127.0.0.1:${port}"`);
    expect(stderr).toContain('OTLP is received here');
  });

  test('that is taken is a warning, and the server starts', async () => {
    const other = await temporaryDirectory();
    const started = await startHubpulse(other.path, { HUBPULSE_OTLP_PORT: new URL(otlpUrl).port });
    expect((await fetch(`${started.url}/healthz`)).status).toBe(200);
    const { stderr, code } = await started.stop();
    await other.remove();
    expect(code).toBe(0);
    expect(stderr).toContain('The OTLP port cannot be had');
  });
});
