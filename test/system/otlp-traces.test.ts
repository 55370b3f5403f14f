import { type Attributes, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { OTLPMetricExporter as JsonMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtobufMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { traceRequest } from '../../apps/server/src/ingest/otlp/traces/trace.test-encoder.ts';
import { eventually } from '../harness/eventually.ts';
import {
  type HubpulseProcess,
  startHubpulse,
  temporaryDirectory,
} from '../harness/hubpulse-process.ts';

const EXPORTERS = { protobuf: ProtobufExporter, json: JsonExporter } as const;

const METRIC_EXPORTERS = { protobuf: ProtobufMetricExporter, json: JsonMetricExporter } as const;

type Encoding = keyof typeof EXPORTERS;

let data: Awaited<ReturnType<typeof temporaryDirectory>>;
let server: HubpulseProcess;

beforeAll(async () => {
  data = await temporaryDirectory();
  server = await startHubpulse(data.path);
});

afterAll(async () => {
  await server.stop();
  await data.remove();
});

const resourceOf = (service: string): Resource =>
  resourceFromAttributes({
    'service.name': service,
    'service.instance.id': 'one',
    'host.name': 'box',
  });

/** A span as a test sends it. */
interface Sent {
  readonly kind: SpanKind;
  readonly attributes: Attributes;
  readonly durationMs: number;
  readonly isError?: boolean;
  /** Milliseconds after the start at which a chunk of an answer arrived. */
  readonly chunksMs?: readonly number[];
}

/** Sends spans of one service with OpenTelemetry's SDK, and waits until the server has answered. */
async function send(service: string, encoding: Encoding, spans: readonly Sent[]): Promise<void> {
  const exporter = new EXPORTERS[encoding]({ url: `${server.url}/v1/traces` });
  const provider = new TracerProvider({
    resource: resourceOf(service),
    spanProcessors: [new BatchSpanProcessor({ exporter, maxQueueSize: 10_000 })],
  });
  const tracer = provider.getTracer('test');
  const startMs = Date.now() - 100_000;
  for (const { kind, attributes, durationMs, isError, chunksMs = [] } of spans) {
    const span = tracer.startSpan('a span', { kind, attributes, startTime: startMs });
    for (const ms of chunksMs) span.addEvent('llm.content.completion.chunk', {}, startMs + ms);
    if (isError === true) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(startMs + durationMs);
  }
  await provider.forceFlush();
  await provider.shutdown();
}

/** Sends durations of requests as the SDK's own metric of one service. */
async function sendMetric(
  service: string,
  encoding: Encoding,
  seconds: readonly number[],
): Promise<void> {
  const exporter = new METRIC_EXPORTERS[encoding]({ url: `${server.url}/v1/metrics` });
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ resource: resourceOf(service), readers: [reader] });
  const histogram = provider
    .getMeter('instrumentation')
    .createHistogram('http.server.request.duration', { unit: 's' });
  for (const duration of seconds) histogram.record(duration, { 'http.request.method': 'GET' });
  await provider.forceFlush();
  await provider.shutdown();
}

interface Answer {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
  /** Of a range. */
  readonly values?: readonly (readonly [number, string])[];
}

async function query(promql: string): Promise<readonly Answer[]> {
  const response = await fetch(`${server.url}/api/v1/query?query=${encodeURIComponent(promql)}`);
  const body = (await response.json()) as { data?: { result: Answer[] } };
  if (body.data === undefined) throw new Error(JSON.stringify(body));
  return body.data.result;
}

const valueOf = async (promql: string): Promise<number> => {
  const [first, ...others] = await query(promql);
  expect(others).toEqual([]);
  return Number(first?.value[1]);
};

/** The value of `outcome` in `/metrics`. */
async function outcome(name: string): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const line = new RegExp(`^hubpulse_ingest_spans_total\\{outcome="${name}"\\} (\\d+)$`, 'm');
  return Number(line.exec(text)?.[1]);
}

const request = (durationMs: number, status = 200, route = '/users/:id'): Sent => ({
  kind: SpanKind.SERVER,
  durationMs,
  attributes: {
    'http.request.method': 'GET',
    'http.response.status_code': status,
    'http.route': route,
    'url.scheme': 'http',
    'url.path': `/users/${durationMs}`,
  },
});

const HTTP = 'http_server_request_duration_seconds';

describe.each(Object.keys(EXPORTERS) as Encoding[])(
  "spans of OpenTelemetry's SDK in %s",
  (encoding) => {
    const service = `api-${encoding}`;

    test('of HTTP give the quantiles of what was sent, as near as buckets can', async () => {
      // Durations of 1 to 1000 ms in an order without meaning: the 95th percentile is 950 ms.
      const spans = Array.from({ length: 1000 }, (_, i) => request(((i * 7) % 1000) + 1));
      await send(service, encoding, [...spans, request(5, 503), request(5, 500)]);
      const p95 = await valueOf(
        `histogram_quantile(0.95, sum by (le) (increase(${HTTP}_bucket{job="${service}"}[5m])))`,
      );
      expect(p95).toBeGreaterThan(0.75);
      expect(p95).toBeLessThanOrEqual(1);
      expect(await valueOf(`sum(${HTTP}_count{job="${service}"})`)).toBe(1002);
      expect(await valueOf(`sum(${HTTP}_sum{job="${service}"})`)).toBeCloseTo(500.51, 6);
      const codes = await query(
        `sum by (http_response_status_code) (${HTTP}_count{job="${service}"})`,
      );
      expect(
        Object.fromEntries(
          codes.map(({ metric, value }) => [metric['http_response_status_code'], value[1]]),
        ),
      ).toEqual({ 200: '1000', 500: '1', 503: '1' });
      const [series] = await query(
        `${HTTP}_count{job="${service}",http_response_status_code="200"}`,
      );
      expect(series?.metric).toEqual({
        __name__: `${HTTP}_count`,
        job: service,
        instance: 'one',
        host_name: 'box',
        http_request_method: 'GET',
        http_response_status_code: '200',
        http_route: '/users/:id',
        url_scheme: 'http',
        otel_scope_name: 'hubpulse/spans',
      });
    });

    test('of a service are seen by its signals', async () => {
      const name = `signals-${encoding}`;
      await send(name, encoding, [
        ...Array.from({ length: 99 }, () => request(90)),
        request(90, 503),
      ]);
      const rate = await eventually('the error rate', async () => {
        const [first] = await query(`error_rate{job="${name}"}`);
        return first === undefined ? undefined : Number(first.value[1]);
      });
      expect(rate).toBeCloseTo(1, 6);
      const p95 = await valueOf(`api_response_time{job="${name}"}`);
      expect(p95).toBeGreaterThan(75);
      expect(p95).toBeLessThanOrEqual(100);
    });

    test('of databases are counted by operation', async () => {
      const call = (attributes: Attributes, durationMs: number): Sent => ({
        kind: SpanKind.CLIENT,
        durationMs,
        attributes,
      });
      await send(service, encoding, [
        call({ 'db.system.name': 'postgresql', 'db.operation.name': 'SELECT' }, 3),
        call({ 'db.system': 'postgresql', 'db.statement': 'select 1' }, 30),
        call({ 'db.system': 'postgresql', 'db.name': 'a connection' }, 30),
      ]);
      const name = 'db_client_operation_duration_seconds';
      const labels = `job="${service}",db_system_name="postgresql",db_operation_name="SELECT"`;
      expect(await valueOf(`${name}_count{${labels}}`)).toBe(2);
      expect(await valueOf(`${name}_bucket{${labels},le="0.005"}`)).toBe(1);
      expect(await valueOf(`count(${name}_count{job="${service}"})`)).toBe(1);
    });

    test('of model calls are counted under all generations of names', async () => {
      const usages: readonly Attributes[] = [
        {
          'gen_ai.system': 'openai',
          'gen_ai.usage.prompt_tokens': 100,
          'gen_ai.usage.completion_tokens': 10,
        },
        {
          'gen_ai.system': 'openai',
          'gen_ai.usage.input_tokens': 100,
          'gen_ai.usage.output_tokens': 10,
        },
        {
          'gen_ai.provider.name': 'openai',
          'gen_ai.usage.input_tokens': 100,
          'gen_ai.usage.cache_read.input_tokens': 60,
          'gen_ai.usage.output_tokens': 10,
          'gen_ai.usage.reasoning.output_tokens': 4,
          'gen_ai.response.time_to_first_chunk': 0.3,
          'gen_ai.input.messages': 'a very secret prompt',
        },
      ];
      const calls = usages.map((usage) => ({
        kind: SpanKind.CLIENT,
        durationMs: 2000,
        attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o', ...usage },
      }));
      const streamed: Sent = {
        kind: SpanKind.CLIENT,
        durationMs: 2000,
        attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.system': 'anthropic' },
        chunksMs: [500, 700, 900],
      };
      await send(service, encoding, [...calls, streamed]);
      const labels = `job="${service}",gen_ai_provider_name="openai",gen_ai_request_model="gpt-4o"`;
      const sum = (name: string): Promise<number> => valueOf(`sum(${name}{${labels}})`);
      expect(await sum('gen_ai_client_operation_duration_seconds_count')).toBe(3);
      expect(await sum('gen_ai_client_token_usage_count')).toBe(6);
      expect(await sum('gen_ai_client_token_usage_sum')).toBe(330);
      const usage = 'gen_ai_client_inference_usage';
      expect(await sum(`${usage}_input_tokens_total`)).toBe(300);
      expect(await sum(`${usage}_output_tokens_total`)).toBe(30);
      expect(await sum(`${usage}_cache_read_input_tokens_total`)).toBe(60);
      expect(await sum(`${usage}_reasoning_output_tokens_total`)).toBe(4);
      expect(await sum('gen_ai_client_operation_time_to_first_chunk_seconds_sum')).toBe(0.3);
      const chunks = `job="${service}",gen_ai_provider_name="anthropic"`;
      const client = 'gen_ai_client_operation';
      expect(await valueOf(`${client}_time_to_first_chunk_seconds_sum{${chunks}}`)).toBeCloseTo(
        0.5,
      );
      expect(await valueOf(`${client}_time_per_output_chunk_seconds_count{${chunks}}`)).toBe(2);
      const everything = await (
        await fetch(`${server.url}/api/v1/series?match[]={job="${service}"}`)
      ).text();
      expect(everything).not.toContain('secret');
    });

    test('that no metric is made of are counted', async () => {
      const before = await outcome('unused');
      await send(service, encoding, [
        { kind: SpanKind.INTERNAL, durationMs: 1, attributes: { 'messaging.system': 'kafka' } },
      ]);
      expect((await outcome('unused')) - before).toBe(1);
    });

    test('are not counted again when the SDK sends the metric itself', async () => {
      const name = `own-${encoding}`;
      await send(name, encoding, [request(10)]);
      expect(await valueOf(`${HTTP}_count{job="${name}"}`)).toBe(1);
      await sendMetric(name, encoding, [0.01, 0.01]);
      await eventually('the end of what spans made', async () => {
        const series = await query(`${HTTP}_count{job="${name}"}`);
        return series.every(({ metric }) => metric['otel_scope_name'] === 'instrumentation');
      });
      const before = await outcome('own_metrics');
      await send(name, encoding, [request(10), { ...request(10), kind: SpanKind.CLIENT }]);
      expect(await valueOf(`sum(${HTTP}_count{job="${name}"})`)).toBe(2);
      expect((await outcome('own_metrics')) - before).toBe(1);
    });
  },
);

describe('kill -9', () => {
  const restart = async (): Promise<void> => {
    server.child.kill('SIGKILL');
    await server.ended;
    server = await startHubpulse(data.path);
  };

  test('takes nothing that was answered, and counting goes on', async () => {
    await send('killed', 'protobuf', [request(10), request(10), request(10)]);
    await restart();
    expect(await valueOf(`${HTTP}_count{job="killed"}`)).toBe(3);
    await send('killed', 'protobuf', [request(10), request(10)]);
    expect(await valueOf(`${HTTP}_count{job="killed"}`)).toBe(2);
    // The fall to two is a new beginning: three before it and two after.
    expect(await valueOf(`resets(${HTTP}_count{job="killed"}[5m])`)).toBe(1);
  });

  test('at any moment leaves all that was answered, and nothing that was not sent', async () => {
    const body = Buffer.from(
      traceRequest(
        ...Array.from({ length: 10 }, () => ({ attributes: { 'http.request.method': 'GET' } })),
      ),
    );
    let sent = 0;
    let answered = 0;
    const sendUntilDown = async (): Promise<void> => {
      for (;;) {
        sent += 10;
        const response = await fetch(`${server.url}/v1/traces`, {
          method: 'POST',
          headers: { 'content-type': 'application/x-protobuf' },
          body,
        }).catch(() => undefined);
        if (response?.ok !== true) return;
        await response.arrayBuffer();
        answered += 10;
      }
    };
    for (let round = 0; round < 5; round++) {
      const wanted = answered + 10;
      const senders = [sendUntilDown(), sendUntilDown(), sendUntilDown()];
      await eventually('an answer', async () => answered >= wanted);
      await restart();
      await Promise.all(senders);
    }
    const [series] = await query(`${HTTP}_count{job="api"}[1h]`);
    const counted = increaseOf((series?.values ?? []).map(([, value]) => Number(value)));
    expect(counted).toBeGreaterThanOrEqual(answered);
    expect(counted).toBeLessThanOrEqual(sent);
  });
});

/** What a counter grew by: a value below the one before is a new beginning. */
function increaseOf(values: readonly number[]): number {
  return values.reduce((sum, value, i) => {
    const before = values[i - 1] ?? 0;
    return sum + (value < before ? value : value - before);
  }, 0);
}

describe('a request that is not right', () => {
  const post = (body: Uint8Array | string, type: string): Promise<Response> =>
    fetch(`${server.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: typeof body === 'string' ? body : Buffer.from(body),
    });

  test('is refused with 400 when it is no message', async () => {
    expect((await post(Uint8Array.of(0x0a, 0xff), 'application/x-protobuf')).status).toBe(400);
    expect((await post('{"resourceSpans":7}', 'application/json')).status).toBe(400);
  });

  test('has its bad spans rejected, and the others taken', async () => {
    const now = BigInt(Date.now()) * 1_000_000n;
    const span = (spanId: string) => ({
      traceId: '0102030405060708090a0b0c0d0e0f10',
      spanId,
      kind: 2,
      startTimeUnixNano: String(now),
      endTimeUnixNano: String(now + 5_000_000n),
      attributes: [{ key: 'http.request.method', value: { stringValue: 'GET' } }],
    });
    const answer = await post(
      JSON.stringify({
        resourceSpans: [
          {
            resource: { attributes: [{ key: 'service.name', value: { stringValue: 'partly' } }] },
            scopeSpans: [{ spans: [span(''), span('0102030405060708')] }],
          },
        ],
      }),
      'application/json',
    );
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      partialSuccess: {
        rejectedSpans: expect.toBeOneOf([1, '1']),
        errorMessage: 'got a span without an id; want 8 bytes, not all of them zero',
      },
    });
    expect(await valueOf(`${HTTP}_count{job="partly"}`)).toBe(1);
  });
});
