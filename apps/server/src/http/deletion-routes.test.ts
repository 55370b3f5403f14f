import fastify, { type FastifyInstance, type InjectOptions } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { beforeEach, describe, expect, test } from 'vitest';
import { createLog } from '../log.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { storeWith } from '../store/memory/store-with.ts';
import { type MetricStore, StoreError } from '../store/port.ts';
import { addDeletionRoutes } from './deletion-routes.ts';
import { answerErrors } from './error-answers.ts';

const T = 1_800_000_000_000;
const SECONDS = T / 1000;
const ALL = [{ name: '__name__', op: '!=', value: '' } as const];

let store: MetricStore;
let app: FastifyInstance;

const serve = async (served: MetricStore): Promise<FastifyInstance> => {
  const log = createLog({ level: 'error', stream: { write: () => true }, isTerminal: false });
  const server = fastify();
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  answerErrors(server, log);
  await addDeletionRoutes(server, { store: served, log });
  return server;
};

beforeEach(async () => {
  store = createMemoryStore();
  const refs = ['api', 'web'].map((job) => store.intern([['__name__', 'up'], ['job', job]])); // oxfmt-ignore
  const rows = refs.flatMap((ref) => [0, 1, 2].map((i) => [ref, T + i * 60_000, i] as const));
  await store.append({
    refs: Uint32Array.from(rows, ([ref]) => ref),
    tMs: Float64Array.from(rows, ([, tMs]) => tMs),
    values: Float64Array.from(rows, ([, , value]) => value),
  });
  app = await serve(store);
});

const remove = async (body: object, headers: Record<string, string> = {}) => {
  const answer = await app.inject({
    method: 'POST',
    url: '/api/v1/admin/delete',
    payload: body,
    headers,
  });
  return { status: answer.statusCode, body: answer.json() };
};

const left = async (): Promise<number[]> => {
  const found = await store.select({ matchers: ALL, fromMs: -Infinity, toMs: Infinity });
  return found.map(({ tMs }) => tMs.length);
};

describe('POST /api/v1/admin/delete', () => {
  test('deletes what a selector matches in a range, and says how much', async () => {
    const range = { start: SECONDS + 60, end: new Date(T + 120_000).toISOString() };
    expect(await remove({ match: ['up{job="api"}'], ...range })).toEqual({
      status: 200,
      body: { deleted: { series: 1, samples: 2 } },
    });
    expect(await left()).toEqual([1, 3]);
  });

  test('takes several selectors, and counts what two of them match once', async () => {
    const match = ['up{job="api"}', 'up{job=~"a.*"}', 'none'];
    expect((await remove({ match })).body).toEqual({ deleted: { series: 1, samples: 3 } });
    expect(await left()).toEqual([3]);
  });

  test('wants it said when every series is meant', async () => {
    const refused = await remove({ match: ['{__name__=~".+"}'] });
    expect(refused).toMatchObject({ status: 400, body: { error: { code: 'bad_request' } } });
    expect(refused.body.error.message).toContain('all 2 series');
    expect(await left()).toEqual([3, 3]);
    const match = ['{__name__=~".+"}'];
    expect((await remove({ match, everything: true })).status).toBe(200);
    expect(await left()).toEqual([]);
  });

  test.each([
    ['no selector', { match: [] }],
    ['nothing', {}],
    ['a selector that is none', { match: ['up{'] }],
    ['one bad among good ones', { match: ['up{job="api"}', 'rate(up[5m])'] }],
    ['a selector of nothing', { match: ['{}'] }],
    ['a bad time', { match: ['up{job="api"}'], start: 'yesterday' }],
    ['a start after the end', { match: ['up{job="api"}'], start: 2, end: 1 }],
    ['an unknown field', { match: ['up{job="api"}'], from: 2 }],
  ])('refuses %s, and deletes nothing', async (_, body) => {
    const { status, body: answer } = await remove(body);
    expect(status).toBe(400);
    expect(answer.error.code).toBe('bad_request');
    expect(await left()).toEqual([3, 3]);
  });

  test('refuses a page of another origin', async () => {
    const body = { match: ['up{job="api"}'] };
    expect(await remove(body, { origin: 'https://evil.example' })).toMatchObject({ status: 403 });
    expect(await remove(body, { origin: 'null' })).toMatchObject({ status: 403 });
    expect(await left()).toEqual([3, 3]);
    const own = { host: 'localhost:4600', origin: 'http://localhost:4600' };
    expect(await remove(body, own)).toMatchObject({ status: 200 });
  });

  test('answers 503 when the store cannot', async () => {
    app = await serve(
      storeWith(store, { delete: () => Promise.reject(new StoreError('disk_full', 'no room')) }),
    );
    expect(await remove({ match: ['up{job="api"}'] })).toMatchObject({
      status: 503,
      body: { error: { code: 'store_unavailable', message: 'no room' } },
    });
  });
});

describe("Prometheus' delete_series", () => {
  const ask = async (options: InjectOptions) => {
    const answer = await app.inject({ ...options });
    return { status: answer.statusCode, body: answer.body };
  };
  const path = '/api/v1/admin/tsdb/delete_series';

  test.each(['POST', 'PUT'] as const)('deletes with %s and answers 204', async (method) => {
    const query = `match[]=${encodeURIComponent('up{job="api"}')}&start=${SECONDS + 60}`;
    expect(await ask({ method, url: `${path}?${query}` })).toEqual({ status: 204, body: '' });
    expect(await left()).toEqual([1, 3]);
  });

  test('takes a form', async () => {
    const answer = await ask({
      method: 'POST',
      url: path,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: `match[]=${encodeURIComponent('up{job="api"}')}`,
    });
    expect(answer.status).toBe(204);
    expect(await left()).toEqual([3]);
  });

  test("answers in Prometheus' envelope what it refuses", async () => {
    const { status, body } = await ask({ method: 'POST', url: path });
    expect(status).toBe(400);
    expect(JSON.parse(body)).toMatchObject({
      status: 'error',
      error: expect.stringContaining('match[]'),
    });
    const all = `match[]=${encodeURIComponent('{job=~".+"}')}`;
    expect((await ask({ method: 'POST', url: `${path}?${all}` })).status).toBe(400);
    expect((await ask({ method: 'POST', url: `${path}?${all}&everything=true` })).status).toBe(204);
    expect(await left()).toEqual([]);
  });
});
