import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createIngest } from '../ingest/ingest.ts';
import { createLiveFrames } from '../live/live-frames.ts';
import { createLog } from '../log.ts';
import { createManualClock } from '../manual-clock.ts';
import { createOverviewQuery } from '../query/overview.ts';
import { createPromqlQuery } from '../query/promql-query.ts';
import { createReadiness } from '../self/readiness.ts';
import { createRequestMetrics } from '../self/request-metrics.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import type { MetricStore } from '../store/port.ts';
import { createHttpServer } from './server.ts';

const NOW_MS = 1_800_000_000_000;
const LIMITS = {
  maxBodyBytes: 1000,
  maxDecompressedBytes: 4000,
  maxSeries: 10,
  maxSeriesPerSender: 10,
  maxLabels: 10,
  maxLabelBytes: 100,
  maxAgeMs: 3_600_000,
  maxFutureMs: 60_000,
};
const SCRIPT = 'document.documentElement.dataset.theme="dark"';

let dashboardDirectory = '';

beforeAll(() => {
  dashboardDirectory = mkdtempSync(join(tmpdir(), 'hubpulse-page-'));
  writeFileSync(
    join(dashboardDirectory, 'index.html'),
    `<!doctype html><script>${SCRIPT}</script><div id="root"></div><!--boot-->`,
  );
});

afterAll(() => rmSync(dashboardDirectory, { recursive: true }));

const serve = async ({
  store = createMemoryStore(),
  listenHost = '127.0.0.1',
  allowedHosts = [],
  directory = dashboardDirectory,
}: {
  store?: MetricStore;
  listenHost?: string;
  allowedHosts?: string[];
  directory?: string;
} = {}) => {
  const clock = createManualClock(NOW_MS);
  const requests = createRequestMetrics();
  const { app } = await createHttpServer({
    log: createLog({ level: 'error', stream: { write: () => true }, isTerminal: false }),
    clock,
    listenHost,
    allowedHosts,
    dashboardDirectory: directory,
    health: {
      version: '1.2.3',
      uptimeSeconds: () => 7,
      readiness: createReadiness({ store, clock }),
      metrics: requests.source,
    },
    store,
    ingest: createIngest({ store, clock, limits: LIMITS, seed: 1 }),
    scrapes: { targets: () => [], dropped: () => [] },
    query: createOverviewQuery({ store, clock, intervalMs: 5000 }),
    promql: createPromqlQuery({ store }),
    rules: { groups: () => [] },
    frames: createLiveFrames({ epoch: 'e', capacity: 10 }),
    requests,
  });
  return { app, requests };
};

const page = { method: 'GET', headers: { accept: 'text/html', host: 'localhost' } } as const;

describe("the dashboard's page", () => {
  test('carries the version and the overview that its URL asks for', async () => {
    const { app } = await serve();
    const { body, statusCode } = await app.inject({ ...page, url: '/?range=6h' });
    const boot = JSON.parse(
      /<script type="application\/json" id="boot">(.*)<\/script>/.exec(body)?.[1] ?? '',
    );
    expect(statusCode).toBe(200);
    expect(boot).toMatchObject({ version: '1.2.3', overview: { stepMs: 30_000 } });
  });

  test('is compressed for whoever accepts it', async () => {
    const { app } = await serve();
    const headers = { ...page.headers, 'accept-encoding': 'gzip' };
    const answer = await app.inject({ ...page, headers, url: '/' });
    expect(answer.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(answer.rawPayload).toString()).toContain('id="boot">{"version":"1.2.3"');
  });

  test('comes without an overview when its URL names no valid window', async () => {
    const { app } = await serve();
    const { body } = await app.inject({ ...page, url: '/?range=</script><script>alert(1)' });
    expect(body).toContain('id="boot">{"version":"1.2.3"}</script>');
    expect(body).not.toContain('alert');
  });

  test('is served for any path of a browser, and allows its own inline script alone', async () => {
    const { app } = await serve();
    const { headers, statusCode } = await app.inject({ ...page, url: '/some/page' });
    expect(statusCode).toBe(200);
    const policy = String(headers['content-security-policy']);
    const { createHash } = await import('node:crypto');
    expect(policy).toContain(
      `script-src 'self' 'sha256-${createHash('sha256').update(SCRIPT).digest('base64')}'`,
    );
    expect(policy).toContain("frame-ancestors 'none'");
  });

  test('says what to do when it was not built', async () => {
    const { app } = await serve({ directory: join(dashboardDirectory, 'missing') });
    const answer = await app.inject({ ...page, url: '/' });
    expect(answer.statusCode).toBe(404);
    expect(answer.json().error.message).toContain('npm run build');
  });

  test('is not what a wrong API path or a missing file gets', async () => {
    const { app } = await serve();
    for (const url of ['/api/v1/nothing', '/assets/nothing.js']) {
      const answer = await app.inject({ ...page, url });
      expect(answer.statusCode).toBe(404);
      expect(answer.json().error.code).toBe('not_found');
    }
  });

  test('a path that climbs out of the folder finds nothing', async () => {
    const { app } = await serve();
    for (const url of ['/assets/../index.html', '/assets/..%2f..%2fpackage.json', '/assets/%00']) {
      const answer = await app.inject({ ...page, url, headers: { host: 'localhost' } });
      expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    }
  });
});

describe('the Host of a request', () => {
  const statusFor = async (host: string, options: Parameters<typeof serve>[0] = {}) => {
    const { app } = await serve(options);
    return (await app.inject({ method: 'GET', url: '/healthz', headers: { host } })).statusCode;
  };

  test.each(['localhost', 'localhost:4600', '127.0.0.1:4600', '[::1]:4600', 'LOCALHOST'])(
    '%s reaches a loopback server',
    async (host) => expect(await statusFor(host)).toBe(200),
  );

  test.each(['evil.example', 'localhost.evil.example', '10.0.0.5', '[', 'a b', 'localhost:80:80'])(
    '"%s" does not',
    async (host) => expect(await statusFor(host)).toBe(403),
  );

  test('an allowed name reaches it, in any case', async () => {
    expect(await statusFor('Hub.Example:443', { allowedHosts: ['hub.example'] })).toBe(200);
  });

  test('a server beyond loopback answers to addresses, and to names only when allowed', async () => {
    expect(await statusFor('10.0.0.5:4600', { listenHost: '0.0.0.0' })).toBe(200);
    expect(await statusFor('[fe80::1]:4600', { listenHost: '0.0.0.0' })).toBe(200);
    expect(await statusFor('evil.example', { listenHost: '0.0.0.0' })).toBe(403);
  });
});

describe('a request that a page of another site causes', () => {
  const statusOf = async (url: string, headers: Record<string, string>) => {
    const { app } = await serve();
    return (await app.inject({ ...page, url, headers: { ...page.headers, ...headers } }))
      .statusCode;
  };
  const foreign = { 'sec-fetch-site': 'cross-site' };

  test('is refused, for a query also when it is a link', async () => {
    expect(
      await statusOf('/api/v1/query?query=up', { ...foreign, 'sec-fetch-mode': 'no-cors' }),
    ).toBe(403);
    expect(
      await statusOf('/api/v1/query?query=up', { ...foreign, 'sec-fetch-mode': 'navigate' }),
    ).toBe(403);
    expect(await statusOf('/metrics', { ...foreign, 'sec-fetch-mode': 'cors' })).toBe(403);
  });

  test('is welcome as a link to a page', async () => {
    expect(await statusOf('/?range=6h', { ...foreign, 'sec-fetch-mode': 'navigate' })).toBe(200);
  });

  test('is not what our own page or a program sends', async () => {
    expect(await statusOf('/api/v1/query?query=1', { 'sec-fetch-site': 'same-origin' })).toBe(200);
    expect(await statusOf('/api/v1/query?query=1', {})).toBe(200);
  });
});

describe('when the store is down', () => {
  const closedStore = async () => {
    const store = createMemoryStore();
    await store.close();
    return store;
  };

  test('readiness says so, health does not', async () => {
    const { app } = await serve({ store: await closedStore() });
    const ready = await app.inject({
      method: 'GET',
      url: '/readyz',
      headers: { host: 'localhost' },
    });
    expect(ready.statusCode).toBe(503);
    expect(ready.headers['retry-after']).toBe('5');
    expect(ready.json().error).toMatchObject({
      code: 'not_ready',
      message: expect.stringContaining('closed'),
    });
    const health = await app.inject({
      method: 'GET',
      url: '/healthz',
      headers: { host: 'localhost' },
    });
    expect(health.statusCode).toBe(200);
  });

  test('queries answer 503, and the page still comes', async () => {
    const { app } = await serve({ store: await closedStore() });
    const answer = await app.inject({ ...page, url: '/api/v1/monitoring/metrics' });
    expect(answer.statusCode).toBe(503);
    expect(answer.json().error.code).toBe('store_unavailable');
    expect((await app.inject({ ...page, url: '/' })).statusCode).toBe(200);
  });
});

test('requests are counted by route pattern, unmatched ones without', async () => {
  const { app, requests } = await serve();
  await app.inject({ method: 'GET', url: '/healthz', headers: { host: 'localhost' } });
  await app.inject({ method: 'POST', url: '/secret-1', headers: { host: 'localhost' } });
  const counts = requests.source()[0]?.points.filter(({ suffix }) => suffix === '_count') ?? [];
  expect(
    counts.map(({ labels, value }) => [Object.fromEntries(labels)['http_route'], value]),
  ).toEqual([
    ['/healthz', 1],
    [undefined, 1],
  ]);
});
