import { describe, expect, test } from 'vitest';
import { createHostCollector } from '../collector.ts';
import { figuresOf } from '../testing/fixture-host.ts';
import { signalsOf } from '../testing/signals.ts';
import type { PortableHost } from './port.ts';

/** A Mac with two CPUs, in the shapes that Node's `os` and systeminformation 5 document. */
function createMac(changes: Partial<PortableHost> = {}): PortableHost {
  let collects = 0;
  return {
    async cpus() {
      collects += 1;
      const busyMs = collects * 1000;
      return [
        { user: busyMs, nice: 0, sys: busyMs / 2, idle: collects * 3500, irq: 0 },
        { user: 0, nice: 0, sys: 0, idle: collects * 5000, irq: 0 },
      ];
    },
    loadAverages: async () => [1.5, 2.25, 3],
    uptimeSeconds: async () => 3600.5,
    memory: async () => ({
      total: 16_000,
      free: 1000,
      available: 4000,
      buffers: 0,
      cached: 3000,
      swaptotal: 2000,
      swapfree: 500,
    }),
    filesystems: async () => [
      {
        fs: '/dev/disk3s1s1',
        type: 'APFS',
        size: 1000,
        used: 100,
        available: 400,
        mount: '/',
        rw: false,
      },
      { fs: 'map auto_home', type: 'HFS', size: 0, used: 0, available: 0, mount: '/h', rw: null },
    ],
    disks: async () => ({ reads: 10, writes: 20, readBytes: 30, writtenBytes: 40 }),
    interfaces: async () => [
      {
        iface: 'en0',
        rx_bytes: 100,
        rx_dropped: 1,
        rx_errors: 2,
        tx_bytes: 200,
        tx_dropped: 3,
        tx_errors: 4,
      },
    ],
    ...changes,
  };
}

function collectorOf(
  portableHost: PortableHost | undefined,
  platform: NodeJS.Platform,
): ReturnType<typeof createHostCollector> {
  return createHostCollector({
    nowMs: () => 0,
    monotonicMs: () => 0,
    platform,
    ...(portableHost === undefined ? {} : { portableHost }),
  });
}

describe('a Mac', () => {
  test('gives the names that Linux gives', async () => {
    const collector = collectorOf(createMac(), 'darwin');
    await collector.collect();
    const second = await collector.collect();
    const volume =
      'system_device="/dev/disk3s1s1",system_filesystem_mode="ro",system_filesystem_mountpoint="/"';
    const type = 'system_filesystem_type="APFS"';
    expect(figuresOf(second)).toMatchObject({
      system_cpu_logical_count: 2,
      hubpulse_host_cpu_limit: 2,
      'system_cpu_time_seconds_total{cpu_logical_number="0",cpu_mode="system"}': 1,
      'system_cpu_utilization_ratio{cpu_mode="user"}': 0.1,
      'system_cpu_utilization_ratio{cpu_mode="system"}': 0.05,
      'system_cpu_utilization_ratio{cpu_mode="idle"}': 0.85,
      system_cpu_load_average_1m: 1.5,
      system_cpu_load_average_5m: 2.25,
      system_cpu_load_average_15m: 3,
      system_uptime_seconds: 3600.5,
      system_memory_limit_bytes: 16_000,
      'system_memory_usage_bytes{system_memory_state="used"}': 12_000,
      'system_memory_usage_bytes{system_memory_state="free"}': 1000,
      'system_paging_usage_bytes{system_paging_state="used"}': 1500,
      [`system_filesystem_limit_bytes{${volume},${type}}`]: 1000,
      [`system_filesystem_usage_bytes{${volume},system_filesystem_state="reserved",${type}}`]: 500,
      'system_disk_io_bytes_total{disk_io_direction="read"}': 30,
      'system_disk_operations_total{disk_io_direction="write"}': 20,
      'system_network_io_bytes_total{network_interface_name="en0",network_io_direction="transmit"}': 200,
      'system_network_packet_dropped_total{network_interface_name="en0",network_io_direction="receive"}': 1,
      'system_network_errors_total{network_interface_name="en0",network_io_direction="transmit"}': 4,
    });
    expect(signalsOf(second)).toEqual({ cpu: expect.closeTo(15), memory: 75, disk: 20 });
    expect(collector.failures().size).toBe(0);
  });

  test('says nothing of modes that its system does not count', async () => {
    const collector = collectorOf(createMac(), 'darwin');
    await collector.collect();
    const series = Object.keys(figuresOf(await collector.collect()));
    expect(series.filter((name) => /iowait|steal/.test(name))).toEqual([]);
  });
});

test('Windows has no load average and tells nothing of its disks', async () => {
  const silent = { reads: null, writes: null, readBytes: null, writtenBytes: null };
  const collector = collectorOf(createMac({ disks: async () => silent }), 'win32');
  const series = Object.keys(figuresOf(await collector.collect()));
  expect(series.filter((name) => /load_average|disk_/.test(name))).toEqual([]);
  expect(collector.failures().size).toBe(0);
});

test('a call that fails, or a figure that is none, costs its own samples only', async () => {
  const collector = collectorOf(
    createMac({
      memory: () => Promise.reject(new Error('vm_stat: not found')),
      uptimeSeconds: async () => Number.NaN,
    }),
    'darwin',
  );
  const series = Object.keys(figuresOf(await collector.collect()));
  expect(series.filter((name) => /memory|uptime/.test(name))).toEqual([]);
  expect(series).toContain('system_cpu_load_average_1m');
  expect(collector.failures()).toEqual(
    new Map([
      ['memory', 1],
      ['uptime', 1],
    ]),
  );
});

test('the real library, on whatever system this is, gives CPU, memory, disk space and network', async () => {
  const collector = collectorOf(undefined, 'freebsd');
  const figures = figuresOf(await collector.collect());
  expect(Object.fromEntries(collector.failures())).toEqual({});
  const series = Object.keys(figures).join('\n');
  expect(series).toMatch(/system_cpu_time_seconds_total/);
  expect(series).toMatch(/system_filesystem_utilization_ratio/);
  expect(series).toMatch(/system_network_io_bytes_total/);
  expect(figures['system_memory_limit_bytes']).toBeGreaterThan(1024 ** 2);
});
