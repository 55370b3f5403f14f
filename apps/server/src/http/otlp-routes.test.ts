import { gzipSync } from 'node:zlib';
import fastify, { type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { afterEach, describe, expect, test } from 'vitest';
import { createIngest, type Ingest } from '../ingest/ingest.ts';
import { field, text, varint } from '../ingest/message.test-encoder.ts';
import type { OtlpReceiver } from '../ingest/otlp/receiver.ts';
import { Refusal } from '../ingest/refusal.ts';
import { createLog } from '../log.ts';
import { createManualClock } from '../manual-clock.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { StoreError } from '../store/port.ts';
import { answerErrors } from './error-answers.ts';
import { addOtlpRoutes } from './otlp-routes.ts';

const PROTOBUF = 'application/x-protobuf';

const apps: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

/** A receiver of spans that answers what it is told to, and keeps what it was given. */
class TraceDouble implements OtlpReceiver {
  readonly messages: Uint8Array[] = [];
  answer: () => { rejected: number; message: string } = () => ({ rejected: 0, message: '' });

  async receive(message: Uint8Array): Promise<{ rejected: number; message: string }> {
    this.messages.push(message.slice());
    return this.answer();
  }
}

const serve = async (): Promise<{
  app: FastifyInstance;
  ingest: Ingest;
  traces: TraceDouble;
  logged: string[];
}> => {
  const traces = new TraceDouble();
  const logged: string[] = [];
  const ingest = createIngest({
    store: createMemoryStore(),
    clock: createManualClock(1_800_000_000_000),
    limits: {
      maxBodyBytes: 1000,
      maxDecompressedBytes: 4000,
      maxSeries: 3,
      maxSeriesPerSender: 3,
      maxLabels: 10,
      maxLabelBytes: 100,
      maxAgeMs: 3_600_000,
      maxFutureMs: 60_000,
    },
    seed: 1,
    receivers: { traces },
  });
  const app = fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  const log = createLog({
    level: 'error',
    stream: { write: (line: string) => logged.push(line) > 0 },
    isTerminal: false,
  });
  answerErrors(app, log);
  await addOtlpRoutes(app, { ingest, log });
  apps.push(app);
  return { app, ingest, traces, logged };
};

const post = (
  app: FastifyInstance,
  payload: Uint8Array | string,
  { url = '/v1/traces', ...headers }: Record<string, string> = {},
) =>
  app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': PROTOBUF, ...headers },
    payload: Buffer.from(payload),
  });

/** A google.rpc.Status, or a partial success, as bytes. */
const numbered = (number: number, message: string): Buffer =>
  Buffer.from([...(number === 0 ? [] : [0x08, ...varint(number)]), ...field(2, text(message))]);

/** Spans that nobody decodes here. */
const MESSAGE = Uint8Array.from(field(1, field(2, [])));

const log = (severity: number): number[] => field(1, field(2, field(2, [0x10, severity])));

describe('a request that was taken', () => {
  test.each(['/v1/traces', '/api/v1/otlp/v1/traces'])(
    'at %s is answered with an empty message',
    async (url) => {
      const { app, traces } = await serve();
      const answer = await post(app, MESSAGE, { url });
      expect(answer.statusCode).toBe(200);
      expect(answer.headers['content-type']).toBe(PROTOBUF);
      expect(answer.rawPayload).toHaveLength(0);
      expect(traces.messages).toEqual([MESSAGE]);
    },
  );

  test('in JSON is answered in JSON, and arrives as Protocol Buffers', async () => {
    const { app, traces } = await serve();
    const answer = await post(app, '{"resourceSpans":[{"scopeSpans":[{}]}]}', {
      'content-type': 'application/json; charset=utf-8',
    });
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(answer.json()).toEqual({});
    expect(traces.messages).toEqual([MESSAGE]);
  });

  test('may be compressed, and may be empty', async () => {
    const { app, traces } = await serve();
    await post(app, gzipSync(MESSAGE), { 'content-encoding': 'gzip' });
    expect((await post(app, '')).statusCode).toBe(200);
    expect(traces.messages).toEqual([MESSAGE, new Uint8Array(0)]);
  });

  test('in part says what was rejected, and why', async () => {
    const { app, traces } = await serve();
    traces.answer = () => ({ rejected: 300, message: 'too old' });
    const answer = await post(app, MESSAGE);
    expect(answer.statusCode).toBe(200);
    expect(answer.rawPayload).toEqual(Buffer.from(field(1, numbered(300, 'too old'))));
    const inJson = await post(app, '{}', { 'content-type': 'application/json' });
    expect(inJson.json()).toEqual({
      partialSuccess: { rejectedSpans: '300', errorMessage: 'too old' },
    });
  });
});

describe('a request that was refused', () => {
  test('for good is a 400 with a Status', async () => {
    const { app, traces, ingest } = await serve();
    traces.answer = () => {
      throw new Refusal('malformed', 'got nonsense; want spans');
    };
    const answer = await post(app, MESSAGE);
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toBe(PROTOBUF);
    expect(answer.rawPayload).toEqual(numbered(3, 'got nonsense; want spans'));
    expect(answer.headers['retry-after']).toBeUndefined();
    const inJson = await post(app, '{}', { 'content-type': 'application/json' });
    expect(inJson.json()).toEqual({ code: 3, message: 'got nonsense; want spans' });
    expect(ingest.stats().refused).toEqual([
      { wire: 'otlp_traces', reason: 'malformed', requests: 2, samples: 0 },
    ]);
  });

  test('for now is a 503 with Retry-After', async () => {
    const { app, traces } = await serve();
    traces.answer = () => {
      throw new Refusal('overloaded', 'too much');
    };
    const answer = await post(app, MESSAGE);
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('5');
    expect(answer.rawPayload).toEqual(numbered(14, 'too much'));
  });

  test('by the store is a 503 with Retry-After, and is logged', async () => {
    const { app, traces, logged } = await serve();
    traces.answer = () => {
      throw new StoreError('disk_full', 'the disk is full');
    };
    const answer = await post(app, '{}', { 'content-type': 'application/json' });
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('5');
    expect(answer.json()).toEqual({ code: 14, message: 'the disk is full' });
    expect(logged).toHaveLength(1);
  });

  test('by a defect of ours says nothing of it', async () => {
    const { app, traces } = await serve();
    traces.answer = () => {
      throw new Error('secret');
    };
    const answer = await post(app, MESSAGE);
    expect(answer.statusCode).toBe(500);
    expect(answer.rawPayload).toEqual(numbered(13, 'the server failed; its log says why'));
  });
});

describe('a body', () => {
  test('that is no JSON is a 400', async () => {
    const { app } = await serve();
    const answer = await post(app, '{', { 'content-type': 'application/json' });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().message).toContain('got a body that is no JSON');
  });

  test('over the limit is a 413, before and after decompression', async () => {
    const { app, traces, ingest } = await serve();
    const before = await post(app, Buffer.alloc(1001));
    expect(before.statusCode).toBe(413);
    expect(before.rawPayload.toString()).toContain('ingest_max_body_mib');
    const after = await post(app, gzipSync(Buffer.alloc(4001)), { 'content-encoding': 'gzip' });
    expect(after.statusCode).toBe(413);
    expect(after.rawPayload.toString()).toContain('over 4000 bytes when decompressed');
    expect(traces.messages).toEqual([]);
    expect(ingest.stats().refused).toEqual([
      { wire: 'otlp_traces', reason: 'too_large', requests: 2, samples: 0 },
    ]);
  });

  test.each([
    [{ 'content-type': 'text/plain' }, 'got the Content-Type "text/plain"'],
    [{ 'content-type': '' }, 'got the Content-Type ""'],
    [{ 'content-encoding': 'br' }, 'got the Content-Encoding "br"'],
  ])('with %j is a 415', async (headers, message) => {
    const { app } = await serve();
    const answer = await post(app, MESSAGE, headers);
    expect(answer.statusCode).toBe(415);
    expect(answer.rawPayload.toString().replaceAll('\\', '')).toContain(message);
  });

  test('gives its memory back, whatever becomes of it', async () => {
    const { app, traces, ingest } = await serve();
    await post(app, MESSAGE);
    traces.answer = () => {
      throw new Error('no');
    };
    await post(app, MESSAGE);
    await post(app, Buffer.alloc(1001));
    expect(ingest.stats().inFlightBytes).toBe(0);
  });
});

describe('log records', () => {
  test('are counted by severity', async () => {
    const { app, ingest } = await serve();
    const body = [9, 12, 17, 0, 99, 24].flatMap(log);
    const answer = await post(app, Uint8Array.from(body), { url: '/v1/logs' });
    expect(answer.rawPayload).toHaveLength(0);
    expect(Object.fromEntries(ingest.stats().logRecords)).toEqual({
      info: 2,
      error: 1,
      unspecified: 2,
      fatal: 1,
    });
    expect(ingest.stats().requests.get('otlp_logs')).toBe(1);
  });

  test('that break off are refused, and none is counted', async () => {
    const { app, ingest } = await serve();
    const body = Uint8Array.from([...log(9), ...log(9).slice(0, -1)]);
    expect((await post(app, body, { url: '/v1/logs' })).statusCode).toBe(400);
    expect(ingest.stats().logRecords.size).toBe(0);
  });
});
