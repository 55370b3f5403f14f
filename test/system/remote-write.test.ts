import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLabels, formatLabels } from '@hubpulse/model';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../apps/server/src/clock.ts';
import {
  compress,
  symbolRequest,
  writeRequest,
} from '../../apps/server/src/ingest/message.test-encoder.ts';
import { openEmbeddedStore } from '../../apps/server/src/store/embedded/embedded-store.ts';
import { findPeer } from '../../scripts/peers.mjs';
import { eventually } from '../harness/eventually.ts';
import {
  type HubpulseProcess,
  startHubpulse,
  temporaryDirectory,
} from '../harness/hubpulse-process.ts';
import {
  type PrometheusProcess,
  type PrometheusSeries,
  startPrometheus,
} from '../harness/prometheus-process.ts';

const program = findPeer('prometheus');

type Directory = Awaited<ReturnType<typeof temporaryDirectory>>;

/** Samples by series: times, and the value of each as its 64 bits. */
type Rows = Record<string, Map<number, bigint>>;

const bitsOf = (values: Float64Array): BigUint64Array => new BigUint64Array(values.slice().buffer);

/** The NaN that Prometheus makes of a scraped one (`value.NormalNaN`); its API prints every NaN alike. */
const SCRAPED_NAN_BITS = 0x7ff8000000000001n;

/** The 64 bits of what Prometheus prints as a value. */
const parseBits = (text: string): bigint | undefined =>
  text === 'NaN'
    ? SCRAPED_NAN_BITS
    : bitsOf(Float64Array.of(Number(text.replace('Inf', 'Infinity'))))[0];

/** What lies in a data directory that no server uses any more. */
async function readStore(directory: string, job: string): Promise<Rows> {
  const store = await openEmbeddedStore({ directory, clock: systemClock });
  try {
    const series = await store.select({
      matchers: [{ name: 'job', op: '=', value: job }],
      fromMs: -8.64e15,
      toMs: 8.64e15,
    });
    return Object.fromEntries(
      series.map(({ labels, tMs, values }) => {
        const bits = bitsOf(values);
        return [formatLabels(labels), new Map([...tMs].map((t, i) => [t, bits[i] ?? 0n]))];
      }),
    );
  } finally {
    await store.close();
  }
}

/**
 * Something to scrape that shows all kinds of values, and after two scrapes one series less: Prometheus then sends a stale
 * marker for it.
 */
async function startExposition(): Promise<{ server: Server; host: string }> {
  let scrapes = 0;
  const server = createServer((_request, response) => {
    scrapes++;
    const passing = scrapes <= 2 ? 'passing 1\n' : '';
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(`${passing}nothing NaN\nendless +Inf\nthird{of="1\u00e9\u6e6f"} ${scrapes / 3}\n`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, host: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const sumOf = (text: string, metric: string): number =>
  [...text.matchAll(new RegExp(`^${metric}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].reduce(
    (sum, [, value]) => sum + Number(value),
    0,
  );

describe.skipIf(program === undefined)(
  "Debian's Prometheus (skipped where apt-get cannot provide it)",
  () => {
    let data: Directory;
    let work: Directory;
    let server: HubpulseProcess;
    let prometheus: PrometheusProcess;
    let sent: PrometheusSeries[];
    let stored: Rows;
    let metrics: string;
    let exposition: Server;

    beforeAll(async () => {
      [data, work] = await Promise.all([temporaryDirectory(), temporaryDirectory()]);
      server = await startHubpulse(data.path);
      const { server: listening, host } = await startExposition();
      exposition = listening;
      prometheus = await startPrometheus(program as string, work.path, {
        config: `
global: { scrape_interval: 1s }
scrape_configs:
  - job_name: scraped
    static_configs: [{ targets: ['${new URL(server.url).host}', '${host}'] }]
remote_write:
  - url: ${server.url}/api/v1/write
    queue_config: { batch_send_deadline: 500ms, min_backoff: 100ms }
`,
      });
      await eventually('five scrapes that arrived', async () => {
        metrics = await (await fetch(`${server.url}/metrics`)).text();
        const { length } = (await prometheus.select('up{job="scraped"}'))[0]?.values ?? [];
        return (
          (length ?? 0) >= 5 &&
          sumOf(metrics, 'hubpulse_ingest_samples_total') > 0 &&
          sumOf(metrics, 'hubpulse_ingest_requests_total') >= 5
        );
      });
      sent = await prometheus.select('{job="scraped"}');
      // On its way out Prometheus sends what still waits.
      await prometheus.stop();
      metrics = await (await fetch(`${server.url}/metrics`)).text();
      await server.stop();
      stored = await readStore(data.path, 'scraped');
    });

    afterAll(async () => {
      exposition?.close();
      await data?.remove();
      await work?.remove();
    });

    test('every sample that it scraped stands in the store, bit for bit', () => {
      expect(sent.length).toBeGreaterThan(50);
      const missing = sent.flatMap(({ metric, values }) => {
        const name = formatLabels(createLabels(metric));
        const rows = stored[name];
        return values
          .filter(([seconds, value]) => rows?.get(Math.round(seconds * 1000)) !== parseBits(value))
          .map(([seconds, value]) => `${name} ${value} @${seconds}`);
      });
      expect(missing).toEqual([]);
    });

    test('a series that ended has the stale marker at its end', () => {
      const [rows] = Object.entries(stored)
        .filter(([name]) => name.startsWith('passing{'))
        .map(([, found]) => [...found].toSorted(([a], [b]) => a - b).map(([, bits]) => bits));
      const one = bitsOf(Float64Array.of(1))[0];
      expect(rows).toEqual([one, one, 0x7ff0000000000002n]);
    });

    test('nothing was refused, and Prometheus has no complaint', () => {
      expect(metrics).not.toMatch(/^hubpulse_ingest_refused_requests_total/m);
      expect(prometheus.log()).not.toMatch(/level=(?:warn|error) .*remote/);
    });
  },
);

describe('the built server', () => {
  let directory: Directory;
  let server: HubpulseProcess;

  beforeAll(async () => {
    directory = await temporaryDirectory();
    server = await startHubpulse(directory.path, {
      HUBPULSE_AGENT_INTERVAL_MS: '0',
      HUBPULSE_INGEST_MAX_BODY_MIB: '1',
    });
  });

  afterAll(async () => {
    await server?.stop();
    await directory?.remove();
  });

  const post = (path: string, body: BodyInit, headers: Record<string, string>): Promise<Response> =>
    fetch(`${server.url}${path}`, { method: 'POST', body, headers });

  const snappy = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' };
  const version2 = {
    ...snappy,
    'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
  };

  test('keeps what it acknowledged through kill -9: both messages, JSON, stale markers', async () => {
    const killed = await temporaryDirectory();
    const own = await startHubpulse(killed.path);
    const tMs = Date.now();
    const series = (name: string, value: number | bigint) => [
      {
        labels: [
          ['__name__', name],
          ['job', 'kept'],
        ] as const,
        samples: [{ tMs, value }],
      },
    ];
    const stale = 0x7ff0000000000002n;
    const send = (path: string, body: BodyInit, headers: Record<string, string>) =>
      fetch(`${own.url}${path}`, { method: 'POST', body, headers });
    const answers = await Promise.all([
      send('/api/v1/write', Buffer.from(compress(writeRequest(series('first', stale)))), snappy),
      send('/api/v1/write', Buffer.from(compress(symbolRequest(series('second', 0.1)))), version2),
      send(
        '/api/v1/samples',
        JSON.stringify([{ metric: 'third', labels: { job: 'kept' }, value: 3, timestamp: tMs }]),
        { 'content-type': 'application/json' },
      ),
    ]);
    own.child.kill('SIGKILL');
    await own.ended;
    expect(answers.map(({ status }) => status)).toEqual([204, 204, 200]);
    expect(answers[1]?.headers.get('x-prometheus-remote-write-samples-written')).toBe('1');
    expect(await readStore(killed.path, 'kept')).toEqual({
      'first{job="kept"}': new Map([[tMs, stale]]),
      'second{job="kept"}': new Map([[tMs, bitsOf(Float64Array.of(0.1))[0]]]),
      'third{job="kept"}': new Map([[tMs, bitsOf(Float64Array.of(3))[0]]]),
    });
    await killed.remove();
  });

  test.each([
    ['/api/v1/write', { ...snappy, 'content-encoding': 'gzip' }, 'x', 415],
    ['/api/v1/write', snappy, 'x', 400],
    ['/api/v1/write', snappy, 'x'.repeat(1024 * 1024 + 1), 413],
    ['/api/v1/samples', { 'content-type': 'text/plain' }, '[]', 415],
    ['/api/v1/samples', { 'content-type': 'application/json' }, '[1]', 400],
    ['/api/v1/samples', { 'content-type': 'application/json' }, '[]', 200],
  ])('%s with %j answers what it has to', async (path, headers, body, status) => {
    const response = await post(path, body, headers);
    expect(response.status).toBe(status);
    if (status === 200) return;
    const { error } = (await response.json()) as { error: { message: string } };
    expect(error.message).toMatch(/got .*want/);
  });

  test('counts refusals by wire and reason', async () => {
    await post('/api/v1/write', 'x', snappy);
    const text = await (await fetch(`${server.url}/metrics`)).text();
    expect(text).toMatch(
      /^hubpulse_ingest_refused_requests_total\{wire="remote_write_1",reason="malformed"\} [1-9]/m,
    );
    expect(sumOf(text, 'hubpulse_ingest_in_flight_bytes')).toBe(0);
  });

  test('a request for the host of another is refused', async () => {
    const sent = request(`${server.url}/api/v1/samples`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', host: 'evil.example' },
    });
    sent.end('[]');
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    expect(answer.statusCode).toBe(403);
    answer.resume();
  });

  test('a preflight of another site gets no permission', async () => {
    const response = await fetch(`${server.url}/api/v1/samples`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://evil.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    });
    expect(response.ok).toBe(false);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('the ways in are described in the OpenAPI document', async () => {
    const response = await fetch(`${server.url}/api/v1/openapi.json`);
    const { paths } = (await response.json()) as {
      paths: Record<string, { post?: { requestBody?: { content: object }; responses: object } }>;
    };
    const write = paths['/api/v1/write']?.post;
    expect(Object.keys(write?.requestBody?.content ?? {})).toEqual(['application/x-protobuf']);
    expect(Object.keys(write?.responses ?? {})).toEqual(['204', '400', '413', '415', '503']);
    const samples = paths['/api/v1/samples']?.post;
    expect(Object.keys(samples?.requestBody?.content ?? {})).toEqual(['application/json']);
  });
});
