import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import type { ErrorBody, MonitoringMetrics } from '@hubpulse/api';
import { createApiClient } from '@hubpulse/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import {
  type HubpulseProcess,
  startHubpulse,
  temporaryDirectory,
} from '../harness/hubpulse-process.ts';

let server: HubpulseProcess;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;

beforeAll(async () => {
  directory = await temporaryDirectory();
  server = await startHubpulse(directory.path, { HUBPULSE_AGENT_INTERVAL_MS: '1000' });
});

afterAll(async () => {
  await server.stop();
  await directory.remove();
});

const get = async (path: string) => {
  const response = await fetch(`${server.url}${path}`);
  return { response, body: (await response.json()) as unknown };
};

const getMetrics = async (query: string) => {
  const { response, body } = await get(`/api/v1/monitoring/metrics?${query}`);
  return { response, body: body as MonitoringMetrics };
};

/** Speaks HTTP by hand, for what `fetch` refuses to send. */
const raw = async (text: string): Promise<string> => {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk));
  socket.on('error', () => undefined);
  socket.end(text);
  await new Promise((resolve) => socket.on('close', resolve));
  return answer;
};

describe('health', () => {
  test.each(['/healthz', '/readyz'])('%s answers ok with version and uptime', async (path) => {
    const { response, body } = await get(path);
    expect(response.status).toBe(200);
    expect(body).toEqual({
      status: 'ok',
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      uptimeSeconds: expect.any(Number),
    });
  });

  test('/metrics tells about requests, the store and the process in the Prometheus text format', async () => {
    await fetch(`${server.url}/healthz`);
    const response = await fetch(`${server.url}/metrics`);
    const text = await response.text();
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(text).toMatch(
      /^http_server_request_duration_seconds_count\{.*http_route="\/healthz".*\} [1-9]/m,
    );
    expect(text).toMatch(/^hubpulse_store_series [1-9]/m);
    expect(text).toMatch(/^process_resident_memory_bytes [1-9]/m);
    const line = /^(#.*|[a-z_][a-z0-9_]*(\{[^}]*\})? (-?[\d.e+-]+|NaN|[+-]Inf))$/;
    expect(
      text
        .trimEnd()
        .split('\n')
        .filter((row) => !line.test(row)),
    ).toEqual([]);
  });
});

describe('the feed of the dashboard', () => {
  test("the host's real figures and the server's own response time arrive within seconds", async () => {
    const client = createApiClient({ baseUrl: server.url });
    const point = await eventually('a point with all five signals', async () => {
      const { data } = await client.monitoringMetrics({ range: '5m' });
      return data.findLast((p) => Object.values(p).every((value) => value !== null));
    });
    for (const name of ['cpu', 'memory', 'disk', 'errorRate'] as const) {
      expect(point[name]).toBeGreaterThanOrEqual(0);
      expect(point[name]).toBeLessThanOrEqual(100);
    }
    expect(point.responseTime).toBeGreaterThan(0);
  });

  test.each([
    ['5m', 1000, 300],
    ['1h', 5000, 720],
    ['6h', 15_000, 1440],
    ['24h', 60_000, 1440],
  ])('range=%s has steps of %d ms, and gaps are null', async (range, stepMs, points) => {
    const { body } = await getMetrics(`range=${range}`);
    expect(body.stepMs).toBe(stepMs);
    expect(body.data).toHaveLength(points);
    expect(body.data[0]).toEqual({
      timestamp: body.fromMs + stepMs,
      cpu: null,
      memory: null,
      disk: null,
      responseTime: null,
      errorRate: null,
    });
    expect(body.data.at(-1)?.timestamp).toBe(body.toMs);
  });

  test('a range of ten years has at most 1,500 points and still the newest figures', async () => {
    const to = new Date();
    const from = new Date(to.getTime() - 10 * 365.25 * 86_400_000);
    const query = `from=${from.toISOString()}&to=${to.toISOString()}`;
    const { response, body } = await getMetrics(query);
    expect(response.status).toBe(200);
    expect(body.data.length).toBeLessThanOrEqual(1500);
    expect(body.data.at(-1)?.memory).toBeGreaterThan(0);
  });

  test('the overview has the lines of every chart and the interval of frames', async () => {
    const overview = await eventually('lines of all panels', async () => {
      const body = await createApiClient({ baseUrl: server.url }).overview({ range: '5m' }, 60);
      return new Set(body.lines.map(({ panel }) => panel)).size === 6 ? body : undefined;
    });
    expect(overview.frameIntervalMs).toBe(1000);
    expect(overview.latest.memory?.value).toBeGreaterThan(0);
    const points = (overview.toMs - overview.fromMs) / overview.stepMs;
    expect(overview.lines.every(({ values }) => values.length === points)).toBe(true);
  });
});

describe('refusals', () => {
  test.each([
    ['/api/v1/monitoring/metrics?range=7d', 400, 'bad_range', 'want one of 5m, 1h, 6h, 24h'],
    ['/api/v1/monitoring/metrics?from=20&to=10', 400, 'bad_range', 'want from before to'],
    ['/api/v1/monitoring/metrics?from=abc', 400, 'bad_range', 'want Unix milliseconds or ISO 8601'],
    [
      '/api/v1/monitoring/metrics?range=1h&range=6h',
      400,
      'bad_request',
      'got range ["1h","6h"]; want one value',
    ],
    [
      '/api/v1/monitoring/overview?points=0',
      400,
      'bad_request',
      'got points "0"; want a whole number from 1 to 1500',
    ],
    ['/api/v1/live?sinceMs=x', 400, 'bad_request', 'got sinceMs "x"; want Unix milliseconds'],
    [
      '/api/v1/monitoring/overview?points=1e9',
      400,
      'bad_request',
      'got points "1e9"; want a whole number from 1 to 1500',
    ],
    ['/api/v1/nothing', 404, 'not_found', 'got GET /api/v1/nothing'],
    ['/%', 400, 'bad_request', ''],
  ])('GET %s is %d %s', async (path, status, code, message) => {
    const { response, body } = await get(path);
    const { error } = body as ErrorBody;
    expect(response.status).toBe(status);
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });

  test('a method that a path does not have is 405 and names those that it has', async () => {
    const response = await fetch(`${server.url}/healthz`, { method: 'DELETE' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD');
  });

  test('a query string of 10 MB is refused without a stack trace, and the server goes on', async () => {
    const answer = await raw(
      `GET /api/v1/monitoring/metrics?range=${'x'.repeat(10_000_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer).toContain('"code":"headers_too_large"');
    expect((await get('/healthz')).response.status).toBe(200);
  });

  test('what is no HTTP gets a JSON answer', async () => {
    const answer = await raw('\0\0garbage\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"code":"bad_request"');
  });

  test.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', ''])(
    'the Host "%s" is refused, so that no other site can read the API',
    async (host) => {
      const answer = await raw(
        `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 403 /);
      expect(answer).toContain('"code":"host_not_allowed"');
    },
  );

  test('answers may not be sniffed, framed or embedded', async () => {
    const { response } = await get('/healthz');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('x-frame-options')).toBe('DENY');
  });
});

describe('the live stream', () => {
  interface Event {
    readonly id: string;
    readonly event: string;
    readonly data: string;
  }

  /** Reads events until `count` have come. */
  const events = async (
    path: string,
    count: number,
    headers: Record<string, string> = {},
  ): Promise<Event[]> => {
    const outgoing = request(`${server.url}${path}`, { headers }).end();
    const [incoming] = (await once(outgoing, 'response')) as [import('node:http').IncomingMessage];
    expect(incoming.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    let text = '';
    for await (const chunk of incoming.setEncoding('utf8')) {
      text += String(chunk);
      const got = text
        .split('\n\n')
        .slice(0, -1)
        .map(parseEvent)
        .filter(({ event }) => event !== '');
      if (got.length >= count) return got.slice(0, count);
    }
    throw new Error(`got the end of the stream after "${text}"; want ${count} events`);
  };

  const parseEvent = (block: string): Event => {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
    return { id: field('id'), event: field('event'), data: field('data') };
  };

  test('frames carry the newest figures, and an id resumes without loss', async () => {
    const [first, second] = await events('/api/v1/live', 2);
    const times = [first, second].map(
      (event) => (JSON.parse(event?.data ?? '') as { tMs: number }).tMs,
    );
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBe(1000);
    const [resumed] = await events('/api/v1/live', 1, { 'last-event-id': first?.id ?? '' });
    expect(resumed).toEqual(second);
    expect(JSON.parse(first?.data ?? '')).toMatchObject({
      lines: expect.arrayContaining([
        expect.objectContaining({ id: 'memory', unit: 'percent', value: expect.any(Number) }),
      ]),
    });
  });

  test('an id of another run begins with a reset', async () => {
    const [reset] = await events('/api/v1/live', 1, { 'last-event-id': 'other-run.17' });
    expect(reset?.event).toBe('reset');
  });

  test('sinceMs replays the kept frames after an instant', async () => {
    const nowMs = Date.now();
    const [first] = await events(`/api/v1/live?sinceMs=${nowMs - 3000}`, 1);
    expect((JSON.parse(first?.data ?? '') as { tMs: number }).tMs).toBeLessThanOrEqual(nowMs);
  });
});

describe('queries', () => {
  test('what a script sends can be asked for at once', async () => {
    const sent = await fetch(`${server.url}/api/v1/samples`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([{ metric: 'sent', labels: { text: 'a'.repeat(64) }, value: 1.5 }]),
    });
    expect(sent.status).toBe(200);
    const { body } = await get('/api/v1/query?query=sent');
    expect(body).toMatchObject({
      status: 'success',
      data: { result: [{ value: [expect.any(Number), '1.5'] }] },
    });
  });

  test('a pattern that would backtrack for years is answered', async () => {
    const query = encodeURIComponent('{text=~"(a+)+b"}');
    const { response, body } = await get(`/api/v1/query?query=${query}`);
    expect(response.status).toBe(200);
    expect(body).toMatchObject({ data: { result: [] } });
  });
});

describe('documents', () => {
  test('the OpenAPI document describes the paths', async () => {
    const document = (await get('/api/v1/openapi.json')).body as { openapi: string; paths: object };
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        '/api/v1/monitoring/metrics',
        '/api/v1/monitoring/overview',
        '/healthz',
        '/metrics',
      ]),
    );
  });

  test('a large JSON answer is compressed for whoever accepts it', async () => {
    const response = await fetch(`${server.url}/api/v1/monitoring/metrics?range=1h`, {
      headers: { 'accept-encoding': 'gzip' },
    });
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(response.headers.get('vary')).toContain('accept-encoding');
    expect(((await response.json()) as MonitoringMetrics).data).toHaveLength(720);
  });
});
