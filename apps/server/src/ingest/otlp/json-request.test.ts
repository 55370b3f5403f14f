import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  JsonLogsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { describe, expect, test } from 'vitest';
import { encodeJsonRequest } from './json-request.ts';
import { dumpMessage } from './message.test-dump.ts';
import { REQUEST_SCHEMAS } from './message-schema.ts';

const resource = resourceFromAttributes({ 'service.name': 'api', 'service.instance.id': 'i-1' });

const json = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

/** What a request for metrics with one metric of these fields comes to. */
const metric = (fields: object): unknown[] =>
  dumpMessage(
    encodeJsonRequest(
      json({ resourceMetrics: [{ scopeMetrics: [{ metrics: [fields] }] }] }),
      'metrics',
    ),
    REQUEST_SCHEMAS.metrics,
  );

const numberPoint = (fields: object): string =>
  JSON.stringify(metric({ gauge: { dataPoints: [fields] } }));

describe("what OpenTelemetry's SDK sends as JSON is what it sends as Protocol Buffers", () => {
  test('spans', () => {
    const exporter = new InMemorySpanExporter();
    const provider = new TracerProvider({
      resource,
      spanProcessors: [new SimpleSpanProcessor({ exporter })],
    });
    const tracer = provider.getTracer('test', '1.0');
    const parent = tracer.startSpan('parent', { kind: SpanKind.SERVER });
    const child = tracer.startSpan(
      'child ü',
      {
        kind: SpanKind.CLIENT,
        attributes: { a: 'b', n: 3, d: -1.5, list: ['x', 'y'], yes: true },
        links: [{ context: parent.spanContext(), attributes: { why: 'link' } }],
      },
      trace.setSpan(context.active(), parent),
    );
    child.addEvent('event', { at: 1 });
    child.setStatus({ code: SpanStatusCode.ERROR, message: 'no' });
    child.end();
    parent.end();
    const spans = exporter.getFinishedSpans();
    expect(spans).toHaveLength(2);
    const ours = encodeJsonRequest(
      JsonTraceSerializer.serializeRequest(spans) as Uint8Array,
      'traces',
    );
    const theirs = ProtobufTraceSerializer.serializeRequest(spans) as Uint8Array;
    const dump = dumpMessage(ours, REQUEST_SCHEMAS.traces);
    expect(dump).toEqual(dumpMessage(theirs, REQUEST_SCHEMAS.traces));
    expect(JSON.stringify(dump)).toContain(child.spanContext().traceId);
  });

  test('log records', () => {
    const exporter = new InMemoryLogRecordExporter();
    const provider = new LoggerProvider({
      resource,
      processors: [new SimpleLogRecordProcessor({ exporter })],
    });
    const logger = provider.getLogger('test');
    logger.emit({ severityText: 'ERROR', body: { deep: [1, 'a', null] } });
    logger.emit({ eventName: 'event', body: 'text', attributes: { bytes: Uint8Array.of(1, 255) } });
    const records = exporter.getFinishedLogRecords();
    const ours = encodeJsonRequest(
      JsonLogsSerializer.serializeRequest(records) as Uint8Array,
      'logs',
    );
    const theirs = ProtobufLogsSerializer.serializeRequest(records) as Uint8Array;
    expect(records).toHaveLength(2);
    expect(dumpMessage(ours, REQUEST_SCHEMAS.logs)).toEqual(
      dumpMessage(theirs, REQUEST_SCHEMAS.logs),
    );
  });
});

describe('a 64-bit integer', () => {
  test('may be a text or a number', () => {
    expect(numberPoint({ asInt: '-5', timeUnixNano: '1800000000000000000' })).toBe(
      numberPoint({ asInt: -5, timeUnixNano: 1.8e18 }),
    );
  });

  test.each([
    '1.5',
    '',
    ' 1',
    '1e3',
    1.5,
    '99999999999999999999',
    '-9223372036854775809',
    true,
    {},
  ])('is not %j', (asInt) => {
    expect(() => numberPoint({ asInt })).toThrow(
      /^got asInt .*; want an integer from -9223372036854775808/,
    );
  });
});

describe('a double', () => {
  test('may be infinite or no number, as a text', () => {
    const hex = (asDouble: unknown): string => numberPoint({ asDouble });
    expect(hex('Infinity')).toContain('000000000000f07f');
    expect(hex('-Infinity')).toContain('000000000000f0ff');
    expect(hex('NaN')).toContain('f87f');
    expect(hex('1.5')).toBe(hex(1.5));
  });

  test.each(['', 'abc', true, []])('is not %j', (asDouble) => {
    expect(() => numberPoint({ asDouble })).toThrow('want a number');
  });
});

test('fields that are not known, and those that are null, are passed over', () => {
  expect(metric({ name: 'a', newer: { than: ['this'] }, gauge: null, unit: null })).toEqual(
    metric({ name: 'a' }),
  );
});

test('names are those of JSON alone', () => {
  expect(numberPoint({ time_unix_nano: '1' })).toBe(numberPoint({}));
});

test('identifiers are hexadecimal in either case', () => {
  const span = (traceId: unknown): unknown[] =>
    dumpMessage(
      encodeJsonRequest(
        json({ resourceSpans: [{ scopeSpans: [{ spans: [{ traceId }] }] }] }),
        'traces',
      ),
      REQUEST_SCHEMAS.traces,
    );
  expect(JSON.stringify(span('00AbCdEf'))).toContain('00abcdef');
  expect(() => span('xyz')).toThrow('got traceId "\\"xyz\\""; want bytes in hexadecimal');
});

test.each([
  ['', 'no JSON'],
  ['{', 'no JSON'],
  ['\u0000', 'no JSON'],
  ['[]', 'want an object'],
  ['null', 'want an object'],
  [{ resourceMetrics: {} }, 'want a list'],
  [{ resourceMetrics: [1] }, 'want an object'],
  [{ resourceMetrics: [{ resource: [] }] }, 'want an object'],
])('%j is refused', (body, message) => {
  expect(() => encodeJsonRequest(json(body), 'metrics')).toThrow(message);
});

test('bytes that are no UTF-8 are refused', () => {
  expect(() => encodeJsonRequest(Uint8Array.of(0x22, 0xff, 0x22), 'metrics')).toThrow('no JSON');
});

test('values deeper than any use are refused, however deep', () => {
  for (const depth of [100, 100_000]) {
    const value = `${'{"arrayValue":{"values":['.repeat(depth)}{}${']}}'.repeat(depth)}`;
    const body = `{"resourceMetrics":[{"resource":{"attributes":[{"key":"a","value":${value}}]}}]}`;
    expect(() => encodeJsonRequest(json(body), 'metrics')).toThrow(/levels deep|no JSON/);
  }
});

test('a request larger than the first buffer comes whole', () => {
  const name = 'x'.repeat(1_000_000);
  expect(JSON.stringify(metric({ name, unit: 's' }))).toContain('78'.repeat(1_000_000));
});
