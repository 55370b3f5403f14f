import { describe, expect, test } from 'vitest';
import { builtinGroup } from './builtin-rules.ts';
import { GroupRun } from './group-run.ts';
import { createRig, type Given, T_MS } from './rules.test-rig.ts';

const NONE = new Set<string>();

/** What the built-in rules record of the given samples. */
const evaluate = async (given: readonly Given[]) => {
  const rig = createRig();
  await rig.write(given);
  const run = new GroupRun(builtinGroup(5000, NONE), { ...rig.parts, ruleTimeoutMs: 5000 });
  await run.evaluate(T_MS);
  for (const { rule, lastError } of run.status().rules)
    expect([rule.name, lastError]).toEqual([rule.name, '']);
  return rig.at(T_MS, 'cpu_usage|memory_usage|disk_usage|api_response_time|error_rate|.*:.*');
};

const host = (name: string, metric: string, labels: Record<string, string> = {}) => ({
  __name__: metric,
  job: 'host',
  instance: name,
  host_name: name,
  ...labels,
});

describe('a host with the agent', () => {
  test('has the modes in which a CPU works as cpu_usage', async () => {
    const mode = (cpu_mode: string) => host('a', 'system_cpu_utilization_ratio', { cpu_mode });
    const got = await evaluate([
      [mode('user'), [0, 0.25]],
      [mode('system'), [0, 0.125]],
      [mode('idle'), [0, 0.5]],
      [mode('iowait'), [0, 0.125]],
    ]);
    expect(got).toEqual({ 'cpu_usage{host_name="a"}': 37.5 });
  });

  test('that tells of each CPU has their mean as cpu_usage', async () => {
    const cpu = (number: string) =>
      host('a', 'system_cpu_utilization_ratio', { cpu_mode: 'user', cpu_logical_number: number });
    const got = await evaluate([
      [cpu('0'), [0, 1]],
      [cpu('1'), [0, 0.5]],
    ]);
    expect(got).toEqual({ 'cpu_usage{host_name="a"}': 75 });
  });

  test('has what is used as memory_usage, and its fullest mount as disk_usage', async () => {
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

  test('has no figure once it has been silent for five minutes, or measured nothing', async () => {
    const used = host('a', 'system_memory_utilization_ratio', { system_memory_state: 'used' });
    expect(await evaluate([[used, [300_000, 0.5]]])).toEqual({});
    expect(await evaluate([[used, [0, Number.NaN]]])).toEqual({});
    expect(await evaluate([[used, [60_000, 0.5]]])).toEqual({ 'memory_usage{host_name="a"}': 50 });
  });
});

const node = (metric: string, labels: Record<string, string> = {}) => ({
  __name__: `node_${metric}`,
  job: 'node',
  instance: 'localhost:9100',
  ...labels,
});

const UNAME: Given = [node('uname_info', { nodename: 'a', release: '6.1' }), [0, 1]];
const INFO = 'instance:host_name:info{host_name="a",instance="localhost:9100",job="node"}';

describe('a host with a node_exporter', () => {
  test('has the share of time between two scrapes in which its CPUs worked as cpu_usage', async () => {
    const cpu = (number: string, mode: string, before: number, now: number): Given => [
      node('cpu_seconds_total', { cpu: number, mode }),
      [60_000, before],
      [0, now],
    ];
    const got = await evaluate([
      UNAME,
      cpu('0', 'idle', 1000, 1030),
      cpu('0', 'iowait', 100, 106),
      cpu('0', 'user', 10, 34),
      cpu('1', 'idle', 500, 560),
      cpu('1', 'iowait', 0, 0),
      cpu('1', 'user', 0, 0),
    ]);
    expect(got).toEqual({ [INFO]: 1, 'cpu_usage{host_name="a"}': expect.closeTo(20, 9) });
  });

  test('has memory that cannot be had as memory_usage', async () => {
    const got = await evaluate([
      UNAME,
      [node('memory_MemTotal_bytes'), [0, 1000]],
      [node('memory_MemAvailable_bytes'), [0, 250]],
    ]);
    expect(got).toEqual({ [INFO]: 1, 'memory_usage{host_name="a"}': 75 });
  });

  test('has its fullest file system as disk_usage, as df counts it, without images and layers', async () => {
    const disk = (
      labels: Record<string, string>,
      [size, free, avail, readonly = 0]: number[],
    ): Given[] => [
      [node('filesystem_size_bytes', labels), [0, size ?? 0]],
      [node('filesystem_free_bytes', labels), [0, free ?? 0]],
      [node('filesystem_avail_bytes', labels), [0, avail ?? 0]],
      [node('filesystem_readonly', labels), [0, readonly]],
    ];
    const got = await evaluate([
      UNAME,
      // 60 are used, 20 are for root alone, 20 for everybody.
      ...disk({ device: '/dev/sda1', fstype: 'ext4', mountpoint: '/' }, [100, 40, 20]),
      ...disk({ device: '/dev/sdb1', fstype: 'ext4', mountpoint: '/image' }, [100, 0, 0, 1]),
      ...disk({ device: 'tmpfs', fstype: 'tmpfs', mountpoint: '/run' }, [100, 1, 1]),
      ...disk({ device: 'overlay', fstype: 'overlay', mountpoint: '/var/lib/x' }, [100, 1, 1]),
      ...disk({ device: 'none', fstype: 'ext4', mountpoint: '/empty' }, [0, 0, 0]),
    ]);
    expect(got).toEqual({ [INFO]: 1, 'disk_usage{host_name="a"}': 75 });
  });

  test('that has an agent too is one host, and the agent is asked', async () => {
    const got = await evaluate([
      UNAME,
      [node('memory_MemTotal_bytes'), [0, 1000]],
      [node('memory_MemAvailable_bytes'), [0, 250]],
      [host('a', 'system_memory_utilization_ratio', { system_memory_state: 'used' }), [0, 0.5]],
    ]);
    expect(got['memory_usage{host_name="a"}']).toBe(50);
    expect(Object.keys(got)).toHaveLength(2);
  });

  test('that got a new kernel or another name counts once', async () => {
    const got = await evaluate([
      UNAME,
      [node('uname_info', { nodename: 'a', release: '6.2' }), [0, 1]],
      [node('uname_info', { nodename: 'b', release: '6.2' }), [0, 1]],
      [node('memory_MemTotal_bytes'), [0, 1000]],
      [node('memory_MemAvailable_bytes'), [0, 250]],
    ]);
    expect(Object.keys(got).filter((name) => name.startsWith('memory_usage'))).toHaveLength(1);
  });
});

const requests = (metric: string, labels: Record<string, string>): Record<string, string> => ({
  __name__: `http_server_request_duration_seconds_${metric}`,
  job: 'api',
  ...labels,
});

/** Twelve samples, five seconds apart, over which a counter grows evenly. */
const grown = (from: number, by: number): (readonly [number, number])[] =>
  Array.from({ length: 13 }, (_, i) => [(12 - i) * 5000, from + (by * i) / 12] as const);

const bucket = (route: string, le: string, by: number): Given => [
  requests('bucket', { http_route: route, le }),
  ...grown(1000, by),
];

const count = (code: string, ...samples: (readonly [number, number])[]): Given => [
  requests('count', { http_response_status_code: code }),
  ...samples,
];

describe('a service', () => {
  test('has the p95 of the last minute over all routes as api_response_time, in milliseconds', async () => {
    const got = await evaluate([
      bucket('/a', '0.1', 50),
      bucket('/a', '0.5', 50),
      bucket('/a', '+Inf', 50),
      bucket('/b', '0.1', 40),
      bucket('/b', '0.5', 50),
      bucket('/b', '+Inf', 50),
    ]);
    // Of 100 requests 90 took at most 0.1 s: the 95th stands half way through the bucket from 0.1 to 0.5 s.
    expect(got).toEqual({
      'api_response_time{job="api"}': expect.closeTo(300, 9),
      'job:http_server_request_duration_seconds:p50_1m{job="api"}': expect.closeTo(
        0.1 * (50 / 90),
        12,
      ),
      'job:http_server_request_duration_seconds:p95_1m{job="api"}': expect.closeTo(0.3, 12),
      'job:http_server_request_duration_seconds:p99_1m{job="api"}': expect.closeTo(0.46, 12),
    });
  });

  test('has the share of 5xx in the last minute as error_rate, in percent', async () => {
    const got = await evaluate([
      count('200', ...grown(0, 90)),
      count('404', ...grown(0, 6)),
      count('503', ...grown(7, 4)),
    ]);
    const rate = (status: string): string =>
      `job:http_server_requests:rate_1m{http_response_status_class="${status}",job="api"}`;
    expect(got).toEqual({
      'error_rate{job="api"}': expect.closeTo(4, 9),
      [rate('2xx')]: expect.closeTo(1.5, 9),
      [rate('4xx')]: expect.closeTo(0.1, 9),
      [rate('5xx')]: expect.closeTo(4 / 60, 9),
    });
  });

  test('without an error has the error rate 0', async () => {
    const got = await evaluate([count('200', ...grown(0, 90))]);
    expect(got['error_rate{job="api"}']).toBe(0);
  });

  test('without a request in the last minute has rates of 0, and neither a response time nor an error rate', async () => {
    const got = await evaluate([
      // Two minutes ago there were some.
      count('200', [120_000, 0], ...grown(5, 0)),
      [requests('bucket', { le: '+Inf' }), [120_000, 0], ...grown(5, 0)],
    ]);
    expect(got).toEqual({
      'job:http_server_requests:rate_1m{http_response_status_class="2xx",job="api"}': 0,
    });
  });

  test('counts a request without a status as failed', async () => {
    const got = await evaluate([count('', ...grown(0, 1)), count('200', ...grown(0, 1))]);
    expect(got['error_rate{job="api"}']).toBeCloseTo(50, 9);
  });

  test('that exports once a minute is judged by its last two exports', async () => {
    const got = await evaluate([
      count('200', [119_000, 0], [59_000, 30]),
      count('500', [119_000, 0], [59_000, 10]),
    ]);
    expect(got['error_rate{job="api"}']).toBeCloseTo(25, 9);
  });

  test('is judged by the last minute alone when it has one, whatever ended before', async () => {
    const got = await evaluate([
      count('200', ...grown(0, 60)),
      count('500', [140_000, 0], [70_000, 1000]),
    ]);
    expect(got).toEqual({
      'error_rate{job="api"}': 0,
      'job:http_server_requests:rate_1m{http_response_status_class="2xx",job="api"}':
        expect.closeTo(1, 9),
    });
  });

  test('counts restarts of its counters', async () => {
    const got = await evaluate([
      count('200', [20_000, 100], [15_000, 130], [10_000, 10], [5000, 20], [0, 30]),
      count('500', [20_000, 50], [15_000, 50], [10_000, 5], [5000, 10], [0, 15]),
    ]);
    expect(got['error_rate{job="api"}']).toBeCloseTo(20, 9);
  });
});

test('a rule of the user for the same name makes the built-in one stand back', () => {
  const names = (overridden: ReadonlySet<string>) =>
    builtinGroup(5000, overridden).rules.map(({ name }) => name);
  expect(names(NONE)).toContain('cpu_usage');
  expect(names(new Set(['cpu_usage', 'other']))).toEqual(
    names(NONE).filter((name) => name !== 'cpu_usage'),
  );
});
