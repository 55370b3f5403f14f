import { createLabels, formatLabels } from '@hubpulse/model';
import { expect, test } from 'vitest';
import { createSampleWriter } from '../ingest/sample-writer.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { createSignals } from './signals.ts';

const T_MS = 1_800_000_000_000;

type Given = readonly [
  labels: Record<string, string>,
  ...samples: [agoMs: number, value: number][],
];

const evaluate = async (given: readonly Given[]) => {
  const store = createMemoryStore();
  const write = createSampleWriter(store);
  await write(
    given.flatMap(([labels, ...samples]) =>
      samples.map(([agoMs, value]) => ({ labels: createLabels(labels), tMs: T_MS - agoMs, value })),
    ),
  );
  const samples = await createSignals({ store, intervalMs: 5000 })(T_MS);
  return Object.fromEntries(samples.map(({ labels, value }) => [formatLabels(labels), value]));
};

const host = (name: string, metric: string, labels: Record<string, string> = {}) => ({
  __name__: metric,
  host_name: name,
  ...labels,
});

test('cpu_usage adds up the modes in which a CPU works', async () => {
  const mode = (cpu_mode: string) => host('a', 'system_cpu_utilization_ratio', { cpu_mode });
  const got = await evaluate([
    [mode('user'), [0, 0.25]],
    [mode('system'), [0, 0.125]],
    [mode('idle'), [0, 0.5]],
    [mode('iowait'), [0, 0.125]],
  ]);
  expect(got['cpu_usage{host_name="a"}']).toBe(37.5);
});

test('memory_usage is what is used, disk_usage the fullest mount, each by host', async () => {
  const memory = (name: string, state: string) =>
    host(name, 'system_memory_utilization_ratio', { system_memory_state: state });
  const mount = (name: string, path: string) =>
    host(name, 'system_filesystem_utilization_ratio', { system_filesystem_mountpoint: path });
  const got = await evaluate([
    [memory('a', 'used'), [0, 0.5]],
    [memory('a', 'free'), [0, 0.25]],
    [memory('b', 'used'), [0, 0.75]],
    [mount('a', '/'), [0, 0.25]],
    [mount('a', '/var'), [0, 0.875]],
    [{ ...mount('a', '/snap/core'), system_filesystem_mode: 'ro' }, [0, 1]],
  ]);
  expect(got).toEqual({
    'memory_usage{host_name="a"}': 50,
    'memory_usage{host_name="b"}': 75,
    'disk_usage{host_name="a"}': 87.5,
  });
});

test('a host that stopped sending has no figure', async () => {
  const used = host('a', 'system_memory_utilization_ratio', { system_memory_state: 'used' });
  expect(await evaluate([[used, [5000, 0.5]]])).toEqual({});
  expect(await evaluate([[used, [0, Number.NaN]]])).toEqual({});
});

const requests = (metric: string, labels: Record<string, string>): Record<string, string> => ({
  __name__: `http_server_request_duration_seconds_${metric}`,
  job: 'api',
  ...labels,
});

test('api_response_time is the p95 of the last minute over all routes, in milliseconds', async () => {
  const bucket = (route: string, le: string, now: number): Given => [
    requests('bucket', { http_route: route, le }),
    [60_000, 1000],
    [0, 1000 + now],
  ];
  const got = await evaluate([
    bucket('/a', '0.1', 50),
    bucket('/a', '0.5', 50),
    bucket('/a', '+Inf', 50),
    bucket('/b', '0.1', 40),
    bucket('/b', '0.5', 50),
    bucket('/b', '+Inf', 50),
  ]);
  // Of 100 requests 90 took at most 0.1 s: the 95th stands half way through the bucket from 0.1 to 0.5 s.
  expect(got['api_response_time{job="api"}']).toBeCloseTo(300, 9);
  expect(got['job:http_server_request_duration_seconds:p95_1m{job="api"}']).toBeCloseTo(0.3, 12);
  expect(got['job:http_server_request_duration_seconds:p50_1m{job="api"}']).toBeCloseTo(
    0.1 * (50 / 90),
    12,
  );
});

const count = (code: string, ...samples: [number, number][]): Given => [
  requests('count', { http_response_status_code: code }),
  ...samples,
];

test('error_rate is the share of 5xx in the last minute, in percent', async () => {
  const got = await evaluate([
    count('200', [60_000, 0], [0, 90]),
    count('404', [60_000, 0], [0, 6]),
    count('503', [60_000, 7], [30_000, 9], [0, 2]),
  ]);
  expect(got['error_rate{job="api"}']).toBe(4);
  expect(got['job:http_server_requests:rate_1m{http_response_status_class="2xx",job="api"}']).toBe(
    1.5,
  );
  expect(
    got['job:http_server_requests:rate_1m{http_response_status_class="5xx",job="api"}'],
  ).toBeCloseTo(4 / 60, 12);
});

test('a minute without a request has rates of zero, and neither a response time nor an error rate', async () => {
  const got = await evaluate([
    count('200', [60_000, 5], [0, 5]),
    [requests('bucket', { le: '+Inf' }), [60_000, 5], [0, 5]],
  ]);
  expect(got).toEqual({
    'job:http_server_requests:rate_1m{http_response_status_class="2xx",job="api"}': 0,
  });
});

test('a request without a status counts as failed', async () => {
  const got = await evaluate([count('', [60_000, 0], [0, 1]), count('200', [60_000, 0], [0, 1])]);
  expect(got['error_rate{job="api"}']).toBe(50);
});
