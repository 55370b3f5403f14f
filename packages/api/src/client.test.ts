import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { ApiError, createApiClient } from './client.ts';

let server: Server | undefined;

afterEach(() => server?.close());

const clientOf = async (listener: RequestListener, timeoutMs = 30_000) => {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return createApiClient({ baseUrl: `http://127.0.0.1:${port}`, timeoutMs });
};

test('a named range and two instants become the query', async () => {
  const urls: (string | undefined)[] = [];
  const client = await clientOf((request, response) => {
    urls.push(request.url);
    response.end('{"data":[]}');
  });
  expect(await client.monitoringMetrics({ range: '6h' })).toEqual({ data: [] });
  await client.overview({ fromMs: 1, toMs: 2 }, 720);
  expect(urls).toEqual([
    '/api/v1/monitoring/metrics?range=6h',
    '/api/v1/monitoring/overview?from=1&to=2&points=720',
  ]);
});

test('an error answer keeps its status, code and message', async () => {
  const client = await clientOf((_request, response) => {
    response.writeHead(400).end('{"error":{"code":"bad_range","message":"got 7d; want 5m"}}');
  });
  const failure = await client.monitoringMetrics({ range: '1h' }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ApiError);
  expect(failure).toMatchObject({ status: 400, code: 'bad_range', message: 'got 7d; want 5m' });
});

test('an answer of some proxy that is no JSON is an error with its status', async () => {
  const client = await clientOf((_request, response) =>
    response.writeHead(502).end('<h1>Bad gateway</h1>'),
  );
  await expect(client.monitoringMetrics({ range: '1h' })).rejects.toMatchObject({
    status: 502,
    code: 'unknown',
  });
});

test('a server that cannot be reached is an error with status 0', async () => {
  const client = await clientOf(() => undefined);
  await new Promise((resolve) => server?.close(resolve));
  await expect(client.monitoringMetrics({ range: '1h' })).rejects.toMatchObject({
    status: 0,
    code: 'unreachable',
  });
});

test.each([
  ['no answer', () => undefined],
  ['half an answer', (_request, response) => void response.write('{"data":')],
] as [string, RequestListener][])(
  '%s in time is an error with status 0',
  async (_what, listener) => {
    const client = await clientOf(listener, 50);
    await expect(client.monitoringMetrics({ range: '1h' })).rejects.toMatchObject({
      status: 0,
      code: 'unreachable',
    });
    server?.closeAllConnections();
  },
);

test('a call that is given up rejects with the reason of the signal', async () => {
  const client = await clientOf(() => undefined);
  const signal = AbortSignal.abort(new Error('no longer wanted'));
  await expect(client.overview({ range: '1h' }, 10, { signal })).rejects.toThrow(
    'no longer wanted',
  );
  server?.closeAllConnections();
});
