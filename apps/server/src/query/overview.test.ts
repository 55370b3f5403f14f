import { createLabels } from '@hubpulse/model';
import { describe, expect, test } from 'vitest';
import { createSampleWriter } from '../ingest/sample-writer.ts';
import { createManualClock } from '../manual-clock.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { createOverviewQuery } from './overview.ts';

/** A multiple of every step up to a day. */
const NOW_MS = 20_000 * 86_400_000;

type Given = readonly [
  labels: Record<string, string>,
  ...samples: [agoMs: number, value: number][],
];

const queryOver = async (...given: Given[]) => {
  const store = createMemoryStore();
  await createSampleWriter(store)(
    given.flatMap(([labels, ...samples]) =>
      samples.map(([agoMs, value]) => ({
        labels: createLabels(labels),
        tMs: NOW_MS - agoMs,
        value,
      })),
    ),
  );
  return createOverviewQuery({ store, clock: createManualClock(NOW_MS), intervalMs: 5000 });
};

const cpu = (host_name: string) => ({ __name__: 'cpu_usage', host_name });
const lastMinute = { fromMs: NOW_MS - 60_000, toMs: NOW_MS };

describe('monitoringMetrics', () => {
  test('gives a point a step, with gaps as null', async () => {
    const query = await queryOver([cpu('a'), [10_000, 40], [0, 20]]);
    const { data, stepMs } = await query.monitoringMetrics(lastMinute);
    expect(stepMs).toBe(5000);
    expect(data).toHaveLength(12);
    expect(data.map((point) => point.cpu).slice(-3)).toEqual([40, null, 20]);
    expect(data.at(-1)).toEqual({
      timestamp: NOW_MS,
      cpu: 20,
      memory: null,
      disk: null,
      responseTime: null,
      errorRate: null,
    });
  });

  test('averages CPU over hosts, and takes the slowest service', async () => {
    const query = await queryOver(
      [cpu('a'), [0, 20]],
      [cpu('b'), [0, 60]],
      [{ __name__: 'api_response_time', job: 'x' }, [0, 10]],
      [{ __name__: 'api_response_time', job: 'y' }, [0, 30]],
    );
    const { data } = await query.monitoringMetrics(lastMinute);
    expect(data.at(-1)).toMatchObject({ cpu: 40, responseTime: 30 });
  });

  test('a measured zero is a zero', async () => {
    const query = await queryOver([{ __name__: 'error_rate', job: 'x' }, [0, 0]]);
    expect((await query.monitoringMetrics(lastMinute)).data.at(-1)?.errorRate).toBe(0);
  });
});

describe('overview', () => {
  test('always has the five signals, and other lines only where something was measured', async () => {
    const overview = await (await queryOver([cpu('a'), [0, 20]])).overview(lastMinute, 100);
    expect(overview.lines.map(({ id }) => id)).toEqual([
      'cpu',
      'memory',
      'disk',
      'response_time',
      'error_rate',
      'cpu_by_host:a',
    ]);
  });

  test('compares with the window of the same length before', async () => {
    const query = await queryOver([cpu('a'), [110_000, 10], [70_000, 30], [0, 90]]);
    expect((await query.overview(lastMinute, 100)).previous).toMatchObject({
      cpu: 20,
      memory: null,
    });
  });

  test('knows the last figure also when the range holds none', async () => {
    const query = await queryOver(
      [cpu('a'), [3_600_000, 10]],
      [cpu('b'), [3_600_000, 30]],
      [cpu('c'), [7_200_000, 99]],
    );
    const { latest } = await query.overview(lastMinute, 100);
    expect(latest.cpu).toEqual({ tMs: NOW_MS - 3_600_000, value: 20 });
    expect(latest.disk).toBeNull();
  });

  test('the latest figure of a signal that has ended is its last number', async () => {
    const query = await queryOver([cpu('a'), [60_000, 10], [30_000, 20], [5000, Number.NaN]]);
    const { latest } = await query.overview(lastMinute, 100);
    expect(latest.cpu).toEqual({ tMs: NOW_MS - 30_000, value: 20 });
  });

  test('counters become rates, and loopback traffic is left out', async () => {
    const io = (network_interface_name: string) => ({
      __name__: 'system_network_io_bytes_total',
      network_io_direction: 'receive',
      network_interface_name,
    });
    const query = await queryOver(
      [io('eth0'), [5000, 1000], [0, 6000]],
      [io('eth1'), [5000, 0], [0, 5000]],
      [io('lo'), [5000, 0], [0, 1e9]],
    );
    const line = (await query.overview(lastMinute, 100)).lines.find(
      ({ id }) => id === 'network.receive',
    );
    expect(line).toMatchObject({ panel: 'network', unit: 'bytes_per_second' });
    expect(line?.values.at(-1)).toBe(2000);
  });

  test('seconds are shown as milliseconds', async () => {
    const query = await queryOver([
      { __name__: 'job:http_server_request_duration_seconds:p99_1m', job: 'x' },
      [0, 0.25],
    ]);
    const line = (await query.overview(lastMinute, 100)).lines.find(
      ({ id }) => id === 'response_time.p99',
    );
    expect(line?.values.at(-1)).toBe(250);
  });
});

describe('frame', () => {
  test('holds what the step of one interval holds, and nothing older', async () => {
    const query = await queryOver(
      [cpu('a'), [0, 20]],
      [cpu('b'), [0, 40]],
      [{ __name__: 'memory_usage', host_name: 'a' }, [5000, 50]],
    );
    const frame = await query.frame(NOW_MS);
    expect(frame.tMs).toBe(NOW_MS);
    expect(frame.lines.map(({ id, value }) => [id, value])).toEqual([
      ['cpu', 30],
      ['cpu_by_host:a', 20],
      ['cpu_by_host:b', 40],
    ]);
  });

  test('agrees with the last step of the overview', async () => {
    const query = await queryOver(
      [cpu('a'), [0, 20]],
      [{ __name__: 'disk_usage', host_name: 'a' }, [0, 70]],
    );
    const [frame, overview] = await Promise.all([
      query.frame(NOW_MS),
      query.overview(lastMinute, 100),
    ]);
    const last = overview.lines.flatMap(({ id, values }) =>
      values.at(-1) === null ? [] : [[id, values.at(-1)]],
    );
    expect(frame.lines.map(({ id, value }) => [id, value])).toEqual(last);
  });

  test('an infinite figure is no figure', async () => {
    const query = await queryOver([cpu('a'), [0, Number.POSITIVE_INFINITY]]);
    expect((await query.frame(NOW_MS)).lines).toEqual([]);
  });
});
