import { gunzipSync } from 'node:zlib';
import { get } from 'node:http';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type HubpulseProcess,
  startHubpulse,
  temporaryDirectory,
} from '../harness/hubpulse-process.ts';

/**
 * The requests that Grafana's data source of the type Prometheus sends, one for each of its features: its backend asks by
 * POST with a form, and its editor goes through the same data source by GET or POST.
 */

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let server: HubpulseProcess;

const SERIES = 300;
const endSeconds = Math.floor(Date.now() / 60_000) * 60;
const startSeconds = endSeconds - 3600;

beforeAll(async () => {
  directory = await temporaryDirectory();
  server = await startHubpulse(directory.path, { HUBPULSE_AGENT_INTERVAL_MS: '0' });
  const samples = Array.from({ length: SERIES }, (_, i) =>
    [40, 20, 0].map((ago) => ({
      metric: 'grafana_requests_total',
      labels: { job: i % 2 === 0 ? 'api' : 'db', instance: `host-${i}`, 'http.status': '200' },
      value: i + 100 - ago,
      timestamp: (endSeconds - ago) * 1000,
    })),
  ).flat();
  const response = await fetch(`${server.url}/api/v1/samples`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(samples),
  });
  if (!response.ok) throw new Error(`got ${response.status} to the samples; want 200`);
});

afterAll(async () => {
  await server?.stop();
  await directory?.remove();
});

/** What Grafana adds to whatever it asks. */
const HEADERS = {
  accept: 'application/json, text/plain, */*',
  'user-agent': 'Grafana/12.3.0',
  'x-grafana-org-id': '1',
  'x-dashboard-uid': 'a-dashboard',
  'x-panel-id': '2',
  'x-plugin-id': 'prometheus',
  'x-ds-name': 'hubpulse',
};

interface Answer {
  readonly status: number;
  readonly body: { readonly status: string; readonly data: unknown; readonly errorType?: string };
}

async function ask(path: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(`${server.url}/${path}`, { ...init, headers: HEADERS });
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

/** A form, whose content type `fetch` sets as Grafana does. */
const post = (path: string, form: Record<string, string>): Promise<Answer> =>
  ask(path, { method: 'POST', body: new URLSearchParams(form) });

const fetchJson = (path: string, parameters: Record<string, string> = {}): Promise<Answer> =>
  ask(`${path}?${new URLSearchParams(parameters)}`, { method: 'GET' });

const times = { start: String(startSeconds), end: String(endSeconds) };
const success = (data: unknown) => ({ status: 200, body: { status: 'success', data } });

describe('"Save & test"', () => {
  test('asks 1+1 at four seconds after 1970', async () => {
    expect(await post('api/v1/query', { query: '1+1', time: '4' })).toEqual(
      success({ resultType: 'scalar', result: [4, '2'] }),
    );
  });

  test('asks for the build, and takes one without features for a Prometheus', async () => {
    const { status, body } = await fetchJson('api/v1/status/buildinfo');
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ version: expect.stringMatching(/^3\.\d+\.\d+$/) });
    expect(body.data).not.toHaveProperty('features');
  });
});

describe('a panel', () => {
  test('of the type "Range" asks for steps of its own', async () => {
    const { body } = await post('api/v1/query_range', {
      query: 'sum by (job) (rate(grafana_requests_total{job=~"api|db"}[1m]))',
      start: String(endSeconds - 30.5),
      end: String(endSeconds),
      step: '15',
    });
    expect(body.data).toMatchObject({
      resultType: 'matrix',
      result: [{ metric: { job: 'api' } }, { metric: { job: 'db' } }],
    });
  });

  test('of the type "Instant" asks with parts of a second', async () => {
    const { body } = await post('api/v1/query', {
      query: 'count(grafana_requests_total)',
      time: `${endSeconds}.125`,
      timeout: '60s',
    });
    expect(body.data).toEqual({
      resultType: 'vector',
      result: [{ metric: {}, value: [endSeconds + 0.125, String(SERIES)] }],
    });
  });

  test('with exemplars gets none', async () => {
    const query = 'rate(grafana_requests_total[1m])';
    expect(await post('api/v1/query_exemplars', { query, ...times })).toEqual(success([]));
  });

  test('shows the error of a query that is none', async () => {
    expect(await post('api/v1/query_range', { query: 'sum(', step: '15', ...times })).toMatchObject(
      {
        status: 400,
        body: { status: 'error', errorType: 'bad_data', error: expect.any(String) },
      },
    );
  });

  test('shows infos and warnings', async () => {
    const query = 'quantile(2, rate(grafana_requests_total[1m]))';
    const { body } = await post('api/v1/query', { query, time: String(endSeconds) });
    expect(body).toMatchObject({ warnings: [expect.stringContaining('between 0 and 1')] });
  });
});

describe('the editor', () => {
  test.each([
    ['GET', fetchJson],
    ['POST', post],
  ])('asks for the names of labels by %s', async (_, send) => {
    const all = await send('api/v1/labels', { limit: '40000', ...times });
    expect(all.body.data).toEqual(
      expect.arrayContaining(['__name__', 'http.status', 'instance', 'job']),
    );
    const some = await send('api/v1/labels', {
      'match[]': 'grafana_requests_total{job="api"}',
      limit: '40000',
      ...times,
    });
    expect(some).toEqual(success(['__name__', 'http.status', 'instance', 'job']));
  });

  test('asks for the names of metrics', async () => {
    const { body } = await fetchJson('api/v1/label/__name__/values', { limit: '40000', ...times });
    expect(body.data).toContain('grafana_requests_total');
  });

  test('asks for the values of a label, the name escaped where it must be', async () => {
    const match = { 'match[]': '{__name__="grafana_requests_total"}', limit: '40000', ...times };
    expect(await fetchJson('api/v1/label/job/values', match)).toEqual(success(['api', 'db']));
    expect(await fetchJson('api/v1/label/U__http_2e_status/values', match)).toEqual(
      success(['200']),
    );
  });

  test.each([
    ['GET', fetchJson],
    ['POST', post],
  ])('asks for series by %s, and is told where the limit cut them', async (_, send) => {
    const match = { 'match[]': '{"http.status"="200", job="api"}', ...times };
    const { body } = await send('api/v1/series', match);
    expect(body.data).toHaveLength(SERIES / 2);
    expect(body.data).toContainEqual({
      __name__: 'grafana_requests_total',
      'http.status': '200',
      instance: 'host-0',
      job: 'api',
    });
    const cut = await send('api/v1/series', { ...match, limit: '3' });
    expect(cut.body.data).toHaveLength(3);
    expect(cut.body).toMatchObject({ warnings: ['results truncated due to limit'] });
    const everything = await send('api/v1/series', { 'match[]': '{__name__!=""}', limit: '40000' });
    expect((everything.body.data as unknown[]).length).toBeGreaterThanOrEqual(SERIES);
  });

  test('asks what the metrics mean', async () => {
    const { body } = await fetchJson('api/v1/metadata', { limit: '40000' });
    expect(Object.values(body.data as object)[0]).toEqual([
      { type: expect.any(String), help: expect.any(String), unit: expect.any(String) },
    ]);
  });

  test('asks for an expression laid out', async () => {
    expect(await fetchJson('api/v1/format_query', { query: 'sum(x)by(job)' })).toEqual(
      success('sum by (job) (x)'),
    );
  });
});

describe('the pages of rules', () => {
  test('ask for rules and alerts', async () => {
    const { body } = await fetchJson('api/v1/rules');
    expect(body.data).toMatchObject({ groups: expect.any(Array) });
    expect(await fetchJson('api/v1/alerts')).toEqual(success({ alerts: [] }));
  });
});

describe('who watches over it', () => {
  test.each(['healthy', 'ready'])('asks at /-/%s', async (state) => {
    const response = await fetch(`${server.url}/-/${state}`);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(`Hubpulse is ${state}.\n`);
  });
});

describe('a large answer', () => {
  test('is compressed and sent while it is made', async () => {
    const path = `/api/v1/query_range?${new URLSearchParams({
      query: 'grafana_requests_total',
      start: String(endSeconds - 300),
      end: String(endSeconds + 300),
      step: '1',
    })}`;
    const request = get(`${server.url}${path}`, { headers: { 'accept-encoding': 'gzip' } });
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    expect(answer.headers).toMatchObject({
      'content-encoding': 'gzip',
      'transfer-encoding': 'chunked',
    });
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    const text = gunzipSync(Buffer.concat(chunks)).toString();
    const { data } = JSON.parse(text) as { data: { result: { values: unknown[] }[] } };
    expect(data.result).toHaveLength(SERIES);
    expect(data.result[0]?.values).toHaveLength(340);
    // It left in many pieces, none of them of the whole's size.
    expect(chunks.length).toBeGreaterThan(3);
  });
});
