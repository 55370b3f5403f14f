import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createManualClock } from '../manual-clock.ts';
import { createProbe } from './probe.ts';

let server: Server | undefined;

afterEach(() => server?.close());

const probeOf = async (status: number) => {
  let requests = 0;
  server = createServer((_request, response) => {
    requests++;
    response.writeHead(status).end('{}');
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const clock = createManualClock(0);
  const probe = createProbe({
    url: () => `http://127.0.0.1:${port}/readyz`,
    clock,
    instance: 'h',
    fetch,
  });
  return { clock, probe, requests: () => requests };
};

test('up is 1 while the server answers well, at most every 15 s', async () => {
  const { clock, probe, requests } = await probeOf(200);
  expect((await probe(5000)).map(({ tMs, value }) => [tMs, value])).toEqual([[5000, 1]]);
  clock.advance(14_999);
  expect(await probe(19_999)).toEqual([]);
  clock.advance(1);
  expect(await probe(20_000)).toHaveLength(1);
  expect(requests()).toBe(2);
});

test('up is 0 when it answers an error, or not at all', async () => {
  const { clock, probe } = await probeOf(503);
  expect((await probe(0))[0]?.value).toBe(0);
  await new Promise((resolve) => server?.close(resolve));
  clock.advance(15_000);
  expect((await probe(15_000))[0]?.value).toBe(0);
});
