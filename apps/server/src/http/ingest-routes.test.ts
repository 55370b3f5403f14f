import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { afterEach, describe, expect, test } from 'vitest';
import { createIngest, type Ingest } from '../ingest/ingest.ts';
import {
  compress,
  symbolRequest,
  type TestSeries,
  writeRequest,
} from '../ingest/message.test-encoder.ts';
import { createLog } from '../log.ts';
import { createManualClock } from '../manual-clock.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { storeWith } from '../store/memory/store-with.ts';
import { type MetricStore, StoreError } from '../store/port.ts';
import { answerErrors } from './error-answers.ts';
import { addIngestRoutes } from './ingest-routes.ts';

const NOW_MS = 1_800_000_000_000;
const V1 = 'application/x-protobuf';
const V2 = 'application/x-protobuf;proto=io.prometheus.write.v2.Request';

const apps: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

const serve = async (
  store: MetricStore = createMemoryStore(),
): Promise<{ app: FastifyInstance; ingest: Ingest; store: MetricStore }> => {
  const ingest = createIngest({
    store,
    clock: createManualClock(NOW_MS),
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
  });
  const app = fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  answerErrors(
    app,
    createLog({ level: 'error', stream: { write: () => true }, isTerminal: false }),
  );
  await addIngestRoutes(app, ingest);
  apps.push(app);
  return { app, ingest, store };
};

const up = (extra: Partial<TestSeries> = {}): TestSeries => ({
  labels: [['__name__', 'up']],
  samples: [
    { tMs: NOW_MS - 1, value: 1 },
    { tMs: NOW_MS, value: 0 },
  ],
  ...extra,
});

const write = (app: FastifyInstance, payload: Uint8Array, headers: Record<string, string> = {}) =>
  app.inject({
    method: 'POST',
    url: '/api/v1/write',
    headers: { 'content-type': V1, 'content-encoding': 'snappy', ...headers },
    payload: Buffer.from(payload),
  });

const postJson = (app: FastifyInstance, body: unknown, headers: Record<string, string> = {}) =>
  app.inject({
    method: 'POST',
    url: '/api/v1/samples',
    headers: { 'content-type': 'application/json', ...headers },
    payload: JSON.stringify(body),
  });

const writtenOf = (headers: Record<string, unknown>): unknown[] =>
  ['samples', 'histograms', 'exemplars'].map(
    (kind) => headers[`x-prometheus-remote-write-${kind}-written`],
  );

describe('POST /api/v1/write', () => {
  test.each([
    [V1, writeRequest],
    ['application/x-protobuf;proto=prometheus.WriteRequest', writeRequest],
    [V2, symbolRequest],
  ])('answers %s with 204, nothing, and how much is stored', async (type, encode) => {
    const { app, ingest, store } = await serve();
    const answer = await write(app, compress(encode([up()])), { 'content-type': type });
    expect(answer.statusCode).toBe(204);
    expect(answer.body).toBe('');
    expect(writtenOf(answer.headers)).toEqual(['2', '0', '0']);
    expect(store.stats().appendedSamples).toBe(2);
    expect(ingest.stats().inFlightBytes).toBe(0);
  });

  test('with 2.0 is no success when histograms or exemplars are left out, and says what is stored', async () => {
    const { app, store } = await serve();
    const body = compress(symbolRequest([up({ histograms: 1, exemplars: 2 })]));
    const answer = await write(app, body, { 'content-type': V2 });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().error).toEqual({
      code: 'unsupported_samples',
      message: expect.stringMatching(
        /^stored 2 samples; got 1 native histograms and 2 exemplars besides, .*send_exemplars: false/,
      ),
    });
    expect(writtenOf(answer.headers)).toEqual(['2', '0', '0']);
    expect(store.stats().appendedSamples).toBe(2);
  });

  test('with 1.0 is a success then: its message knows neither', async () => {
    const { app } = await serve();
    const answer = await write(app, compress(writeRequest([up({ histograms: 1 })])));
    expect(answer.statusCode).toBe(204);
    expect(writtenOf(answer.headers)).toEqual(['2', '0', '0']);
  });

  test.each([
    ['text/plain', 'snappy', 'got the Content-Type \\"text/plain\\"; want application/x-protobuf'],
    ['application/json', 'snappy', 'got the Content-Type'],
    ['application/x-protobuf;proto=a.B', 'snappy', 'want application/x-protobuf, with ;proto='],
    [V1, 'gzip', 'got the Content-Encoding \\"gzip\\"; want snappy'],
    [V2, 'zstd', 'got the Content-Encoding'],
  ])('refuses %s in %s with 415', async (type, encoding, message) => {
    const { app, store } = await serve();
    const answer = await write(app, compress(writeRequest([up()])), {
      'content-type': type,
      'content-encoding': encoding,
    });
    expect(answer.statusCode).toBe(415);
    expect(answer.body).toContain('"code":"unsupported_media_type"');
    expect(answer.body).toContain(message);
    expect(store.stats().appendedSamples).toBe(0);
  });

  test.each([
    ['no Snappy', new Uint8Array(9), 400, 'bad_samples'],
    ['no message', compress(Uint8Array.of(0x0a, 9)), 400, 'bad_samples'],
    ['no body', new Uint8Array(0), 400, 'bad_samples'],
    ['a series without a name', compress(writeRequest([up({ labels: [] })])), 400, 'bad_samples'],
    [
      'samples that are all too old',
      compress(writeRequest([up({ samples: [{ tMs: 1, value: 1 }] })])),
      400,
      'over_limit',
    ],
    ['a body over the limit', new Uint8Array(1001), 413, 'payload_too_large'],
    [
      'a body over the limit when decompressed',
      compress(writeRequest(Array.from({ length: 200 }, () => up()))),
      413,
      'payload_too_large',
    ],
  ])('refuses %s', async (_what, body, status, code) => {
    const { app, ingest, store } = await serve();
    const answer = await write(app, body);
    expect(answer.statusCode).toBe(status);
    expect(answer.json().error.code).toBe(code);
    expect(answer.headers['retry-after']).toBeUndefined();
    expect(writtenOf(answer.headers)).toEqual(['0', '0', '0']);
    expect(store.stats()).toMatchObject({ appendedSamples: 0, series: 0 });
    expect(ingest.stats().inFlightBytes).toBe(0);
    expect(ingest.stats().refused).toMatchObject([{ wire: 'remote_write_1', requests: 1 }]);
  });

  test.each([
    [V1, writeRequest],
    [V2, symbolRequest],
  ])(
    'answers 400 to a part of %s that is over a limit, stores the rest and says so',
    async (type, encode) => {
      const { app, store } = await serve();
      const old = up({ samples: [{ tMs: 1, value: 1 }] });
      const nameless = up({ labels: [['job', 'api']] });
      const body = compress(encode([up(), old, nameless]));
      const answer = await write(app, body, { 'content-type': type });
      expect(answer.statusCode).toBe(400);
      expect(answer.json().error).toEqual({
        code: 'over_limit',
        message: expect.stringMatching(
          /^stored 2 of 5 samples; refused 1 \(got a sample of "up" at 1 .*\), 2 \(got a series without a metric name .*\)$/,
        ),
      });
      expect(writtenOf(answer.headers)).toEqual(['2', '0', '0']);
      expect(store.stats().appendedSamples).toBe(2);
    },
  );

  test('answers 503 and when to come back while the store cannot write, and takes it after', async () => {
    const memory = createMemoryStore();
    let isFull = true;
    const { app } = await serve(
      storeWith(memory, {
        append: (batch) =>
          isFull ? Promise.reject(new StoreError('disk_full', 'no room')) : memory.append(batch),
      }),
    );
    const body = compress(writeRequest([up()]));
    const refused = await write(app, body);
    expect(refused.statusCode).toBe(503);
    expect(refused.headers['retry-after']).toBe('5');
    expect(refused.json().error).toEqual({ code: 'store_unavailable', message: 'no room' });
    isFull = false;
    expect((await write(app, body)).statusCode).toBe(204);
  });

  test('refuses a body of unknown length once it grows over the limit', async () => {
    const { app, ingest } = await serve();
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const sent = httpRequest({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/api/v1/write',
      headers: { 'content-type': V1, 'transfer-encoding': 'chunked' },
    });
    sent.on('error', () => undefined);
    sent.write(Buffer.alloc(800));
    sent.write(Buffer.alloc(800));
    const [answer] = await once(sent, 'response');
    expect(answer.statusCode).toBe(413);
    const [text] = await once(answer.setEncoding('utf8'), 'data');
    expect(text).toContain('raise ingest_max_body_mib');
    expect(ingest.stats().refused).toMatchObject([{ reason: 'too_large', requests: 1 }]);
    sent.destroy();
  });

  test('gives its room back when the sender goes away in the middle of a body', async () => {
    const { app, ingest } = await serve();
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const admitted = new Promise<void>((resolve) => {
      app.server.once('request', () => resolve());
    });
    const sent = httpRequest({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/api/v1/write',
      headers: { 'content-type': V1, 'content-length': '900' },
    });
    sent.on('error', () => undefined);
    sent.write(Buffer.alloc(100));
    await admitted;
    await expect.poll(() => ingest.stats().inFlightBytes).toBe(900);
    sent.destroy();
    await expect.poll(() => ingest.stats().inFlightBytes).toBe(0);
  });
});

describe('POST /api/v1/samples', () => {
  test('says how many samples are stored', async () => {
    const { app, ingest } = await serve();
    const answer = await postJson(app, [{ metric: 'm', labels: { a: 'b' }, value: 1 }]);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ stored: 1 });
    expect(ingest.stats().inFlightBytes).toBe(0);
  });

  test('names the item that it refuses', async () => {
    const { app, store } = await serve();
    const answer = await postJson(app, [{ metric: 'm', value: 1 }, { metric: 'm' }]);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().error).toEqual({
      code: 'bad_samples',
      message: 'item 1: got nothing as value; want a number, "NaN", "+Inf" or "-Inf"',
    });
    expect(store.stats().appendedSamples).toBe(0);
  });

  test.each([
    ['text/plain', undefined],
    ['application/x-www-form-urlencoded', undefined],
    ['multipart/form-data; boundary=x', undefined],
    ['application/jsonp', undefined],
    ['', undefined],
    ['application/json', 'gzip'],
  ])(
    'refuses the type "%s" in %s, so that no other site can send it without asking',
    async (type, encoding) => {
      const { app, store } = await serve();
      const headers = {
        'content-type': type,
        ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
      };
      const answer = await postJson(app, [{ metric: 'm', value: 1 }], headers);
      expect(answer.statusCode).toBe(415);
      expect(store.stats().appendedSamples).toBe(0);
    },
  );

  test('takes a type with a charset', async () => {
    const { app } = await serve();
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    expect((await postJson(app, [{ metric: 'm', value: 1 }], headers)).statusCode).toBe(200);
  });

  test('refuses a series over the limit and says how to raise it', async () => {
    const { app } = await serve();
    const items = [1, 2, 3, 4].map((i) => ({ metric: `m${i}`, value: 1 }));
    const answer = await postJson(app, items);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().error).toEqual({
      code: 'over_limit',
      message: expect.stringContaining('raise ingest_max_series'),
    });
  });
});
