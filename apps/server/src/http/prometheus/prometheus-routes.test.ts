import fastify from 'fastify';
import { createLabels } from '@hubpulse/model';
import { describe, expect, test } from 'vitest';
import { createSampleWriter } from '../../ingest/sample-writer.ts';
import { MetricMetadata } from '../../ingest/metric-metadata.ts';
import { createLog } from '../../log.ts';
import { createManualClock } from '../../manual-clock.ts';
import { createPromqlQuery } from '../../query/promql-query.ts';
import { single } from '../../self/metric-family.ts';
import { createMemoryStore } from '../../store/memory/memory-store.ts';
import { addPrometheusRoutes } from './prometheus-routes.ts';

const NOW_MS = 1_800_000_000_000;

const serve = async () => {
  const store = createMemoryStore();
  const write = createSampleWriter(store);
  const sample = (labels: Record<string, string>, agoMs: number, value: number) => ({
    labels: createLabels(labels),
    tMs: NOW_MS - agoMs,
    value,
  });
  await write([
    sample({ __name__: 'up', job: 'api' }, 60_000, 1),
    sample({ __name__: 'up', job: 'api' }, 0, 0),
    sample({ __name__: 'up', job: 'db "x"' }, 0, Number.POSITIVE_INFINITY),
    sample({ __name__: 'requests_total', job: 'api' }, 60_000, 10),
    sample({ __name__: 'requests_total', job: 'api' }, 0, 70),
  ]);
  const app = fastify();
  await addPrometheusRoutes(app, {
    promql: createPromqlQuery({ store, maxSamples: 1000 }),
    scrapes: { targets: () => [], dropped: () => [] },
    rules: { groups: () => [] },
    clock: createManualClock(NOW_MS),
    log: createLog({ level: 'error', stream: { write: () => true }, isTerminal: false }),
    metrics: () => [single({ name: 'own_total', type: 'counter', help: 'Own.' }, 1)],
    metadata: sentMetadata(),
  });
  return { app, store };
};

/** What a sender said: of a metric of its own, and of one that is ours. */
const sentMetadata = (): MetricMetadata => {
  const metadata = new MetricMetadata();
  metadata.record('sent_seconds', { type: 'histogram', help: 'Sent.', unit: 'seconds' });
  metadata.record('own_total', { type: 'gauge', help: 'Not ours.', unit: '' });
  return metadata;
};

const get = async (url: string) => {
  const { app } = await serve();
  const answer = await app.inject({ method: 'GET', url });
  return { status: answer.statusCode, body: answer.json<unknown>() };
};

const SECONDS = NOW_MS / 1000;

describe('query', () => {
  test('gives a vector with times in seconds and values in quotes', async () => {
    expect(await get(`/api/v1/query?query=up&time=${SECONDS}`)).toEqual({
      status: 200,
      body: {
        status: 'success',
        data: {
          resultType: 'vector',
          result: [
            { metric: { __name__: 'up', job: 'api' }, value: [SECONDS, '0'] },
            { metric: { __name__: 'up', job: 'db "x"' }, value: [SECONDS, '+Inf'] },
          ],
        },
      },
    });
  });

  test("is now without a time, and answers Grafana's health check", async () => {
    expect(await get('/api/v1/query?query=1%2B1')).toMatchObject({
      body: { data: { resultType: 'scalar', result: [SECONDS, '2'] } },
    });
  });

  test('gives the samples themselves for a range selector', async () => {
    expect(await get('/api/v1/query?query=up%7Bjob%3D%22api%22%7D%5B2m%5D')).toMatchObject({
      body: {
        data: {
          resultType: 'matrix',
          result: [
            {
              values: [
                [SECONDS - 60, '1'],
                [SECONDS, '0'],
              ],
            },
          ],
        },
      },
    });
  });

  test('takes a form as well', async () => {
    const { app } = await serve();
    const answer = await app.inject({
      method: 'POST',
      url: '/api/v1/query',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: `query=${encodeURIComponent('"text"')}&time=${SECONDS}`,
    });
    expect(answer.json()).toMatchObject({
      data: { resultType: 'string', result: [SECONDS, 'text'] },
    });
  });

  test('looks back as far as it is told, by default as Prometheus does', async () => {
    const at = `query=up&time=${SECONDS + 200}`;
    const values = async (rest: string) => {
      const { body } = await get(`/api/v1/query?${at}${rest}`);
      return (body as { data: { result: unknown[] } }).data.result.length;
    };
    expect(await values('')).toBe(2);
    expect(await values('&lookback_delta=0')).toBe(2);
    expect(await values('&lookback_delta=1m')).toBe(0);
    expect(await values('&lookback_delta=201')).toBe(2);
  });

  test('gives the first series alone when a limit says so', async () => {
    expect(await get(`/api/v1/query?query=up&limit=1`)).toMatchObject({
      body: {
        data: { result: [{ metric: { job: 'api' } }] },
        warnings: ['results truncated due to limit'],
      },
    });
    const { body } = await get('/api/v1/query?query=up&limit=2');
    expect(body).not.toHaveProperty('warnings');
  });

  test('says what it cost when it is asked', async () => {
    const { body } = await get('/api/v1/query?query=up&stats=all');
    expect(body).toMatchObject({
      status: 'success',
      data: {
        resultType: 'vector',
        result: [{}, {}],
        stats: {
          timings: { evalTotalTime: expect.any(Number), execTotalTime: expect.any(Number) },
          samples: { totalQueryableSamples: 3, peakSamples: expect.any(Number) },
        },
      },
    });
    expect((await get('/api/v1/query?query=up&stats=')).body).not.toHaveProperty('data.stats');
  });

  test('passes on ten warnings and says how many more there are', async () => {
    const query = Array.from({ length: 13 }, (_, i) => `quantile(${i + 2}, up)`).join(' or ');
    const { body } = await get(`/api/v1/query?query=${encodeURIComponent(query)}`);
    const { warnings } = body as { warnings: string[] };
    expect(warnings).toHaveLength(11);
    expect(warnings.at(-1)).toBe('3 more warning annotations omitted');
  });

  test('passes on what the engine warns of', async () => {
    expect(await get('/api/v1/query?query=rate(up%5B2m%5D)')).toMatchObject({
      body: { status: 'success', infos: [expect.stringContaining('might not be a counter')] },
    });
  });
});

describe('query_range', () => {
  test('gives a point for each step that has one', async () => {
    const range = `start=${SECONDS - 120}&end=${SECONDS}&step=1m`;
    expect(await get(`/api/v1/query_range?query=requests_total&${range}`)).toMatchObject({
      status: 200,
      body: {
        data: {
          resultType: 'matrix',
          result: [
            {
              metric: { __name__: 'requests_total', job: 'api' },
              values: [
                [SECONDS - 60, '10'],
                [SECONDS, '70'],
              ],
            },
          ],
        },
      },
    });
  });

  test.each([
    ['', 'got ""; want Unix seconds or RFC 3339'],
    ['start=1&end=2', 'got ""; want seconds or a duration'],
    ['start=2&end=1&step=1', 'end timestamp must not be before start time'],
    ['start=1&end=2&step=0', 'zero or negative query resolution'],
    ['start=1&end=2&step=-1', 'zero or negative query resolution'],
    ['start=0&end=11001&step=1', 'exceeded maximum resolution of 11,000 points'],
    ['start=0&end=1e9&step=1', 'exceeded maximum resolution'],
    ['start=0&end=1e99&step=1', 'got "1e99"'],
    ['start=0&end=1&step=1&limit=-1', 'got "-1"; want a whole number'],
    ['start=0&end=1&step=1&timeout=soon', 'got "soon"'],
    ['start=0&end=1&step=1&timeout=-1', 'got "-1"; want 0 or more'],
    ['start=0&end=1&step=1&lookback_delta=-5m', 'got "-5m"'],
    ['start=0&end=99999999999999&step=1y', 'got "99999999999999"'],
    ['start=0&end=1&step=1x', 'got "1x"'],
  ])('%s is bad data', async (range, message) => {
    expect(await get(`/api/v1/query_range?query=up&${range}`)).toEqual({
      status: 400,
      body: { status: 'error', errorType: 'bad_data', error: expect.stringContaining(message) },
    });
  });
});

describe('errors', () => {
  test.each([
    ['', 400, 'bad_data', 'invalid parameter "query": 1:1: parse error: no expression found'],
    ['sum(', 400, 'bad_data', 'invalid parameter "query": 1:5: parse error'],
    ['mad_over_time(up[5m])', 400, 'bad_data', 'not supported'],
    ['up%20%2B%20on()%20up', 422, 'execution', ''],
  ])('%s', async (query, status, errorType, message) => {
    expect(await get(`/api/v1/query?query=${query}`)).toEqual({
      status,
      body: { status: 'error', errorType, error: expect.stringContaining(message) },
    });
  });

  test('a store that is closed is unavailable', async () => {
    const { app, store } = await serve();
    await store.close();
    const answer = await app.inject({ method: 'GET', url: '/api/v1/query?query=up' });
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ status: 'error', errorType: 'unavailable' });
  });

  test('a query that needs more samples than it may hold is refused', async () => {
    const { status } = await get(`/api/v1/query?query=count_over_time(up%5B1y:1s%5D)`);
    expect(status).toBe(422);
  });
});

describe('the resolution', () => {
  const ask = async (rest: string) => {
    const { app } = await serve();
    const url = `/api/v1/query?query=count_over_time(up[2m])&time=${SECONDS}${rest}`;
    const answer = await app.inject({ method: 'GET', url });
    return { status: answer.statusCode, header: answer.headers['x-hubpulse-resolution'] };
  };

  test.each([
    ['', 'raw'],
    ['&resolution=', 'raw'],
    ['&resolution=auto', 'raw'],
    ['&resolution=raw', 'raw'],
    ['&resolution=1m', '1m'],
    ['&resolution=1h', '1h'],
  ])('%s gives %s', async (rest, header) => {
    expect(await ask(rest)).toEqual({ status: 200, header });
  });

  test('of another name is refused', async () => {
    expect(await ask('&resolution=2m')).toEqual({ status: 400, header: undefined });
  });
});

describe('an invalid query over a range', () => {
  test('is named as such also when it is well formed', async () => {
    expect(await get(`/api/v1/query_range?query=up[5m]&start=0&end=1&step=1`)).toEqual({
      status: 400,
      body: {
        status: 'error',
        errorType: 'bad_data',
        error:
          'invalid parameter "query": invalid expression type "range vector" for range query, must be Scalar or instant Vector',
      },
    });
  });
});

describe('listings', () => {
  test.each([
    ['labels', ['__name__', 'job']],
    ['labels?match[]=requests_total', ['__name__', 'job']],
    ['label/__name__/values', ['requests_total', 'up']],
    ['label/job/values?match[]=requests_total', ['api']],
    ['label/nothing/values', []],
    ['label/U__job/values?start=0&end=2', ['api', 'db "x"']],
    ['metadata?limit=1&limit_per_metric=1', { own_total: [expect.anything()] }],
    [
      'series?match[]=requests_total&match[]=%7Bjob=~"a.."%7D',
      [
        { __name__: 'requests_total', job: 'api' },
        { __name__: 'up', job: 'api' },
      ],
    ],
    ['rules', { groups: [] }],
    ['alerts', { alerts: [] }],
    ['query_exemplars?query=up', []],
    [
      'metadata',
      {
        own_total: [{ type: 'counter', help: 'Own.', unit: '' }],
        sent_seconds: [{ type: 'histogram', help: 'Sent.', unit: 'seconds' }],
      },
    ],
    [
      'metadata?metric=sent_seconds',
      { sent_seconds: [{ type: 'histogram', help: 'Sent.', unit: 'seconds' }] },
    ],
    ['metadata?metric=nothing', {}],
    ['format_query?query=sum(x)by(job)', 'sum by (job) (x)'],
  ])('%s', async (path, data) => {
    expect(await get(`/api/v1/${path}`)).toEqual({
      status: 200,
      body: { status: 'success', data },
    });
  });

  test('a limit cuts and says so', async () => {
    expect(await get('/api/v1/labels?limit=1')).toMatchObject({
      body: { data: ['__name__'], warnings: ['results truncated due to limit'] },
    });
  });

  test('series without a selector are refused', async () => {
    expect(await get('/api/v1/series')).toMatchObject({
      status: 400,
      body: { error: 'no match[] parameter provided' },
    });
    expect(await get('/api/v1/series?match[]=sum(up)')).toMatchObject({ status: 400 });
  });

  test.each([
    ['labels?start=2&end=1', 'end timestamp must not be before start time'],
    ['labels?start=x', 'got "x"'],
    ['series?match[]=up%7B', 'invalid parameter "match[]"'],
    ['label/U__/values', 'invalid label name'],
    ['metadata?limit=x', 'got "x"'],
    ['query_exemplars?query=sum(', 'invalid parameter "query"'],
    ['format_query?query=sum(', 'invalid parameter "query"'],
  ])('%s is bad data', async (path, message) => {
    expect(await get(`/api/v1/${path}`)).toMatchObject({
      status: 400,
      body: { errorType: 'bad_data', error: expect.stringContaining(message) },
    });
  });

  test('the version is one whose API clients know', async () => {
    expect(await get('/api/v1/status/buildinfo')).toMatchObject({
      body: { data: { version: expect.stringMatching(/^3\.\d+\.\d+$/) } },
    });
  });
});
