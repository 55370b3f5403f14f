import { createSeriesCache } from '../series-cache.ts';
import { LOAD_AVERAGES, UPTIME } from '../series/cpu.ts';
import { createDiskSeries } from '../series/disk.ts';
import { createFilesystemMetrics } from '../series/filesystem.ts';
import { addMemory, addSwap } from '../series/memory.ts';
import { createInterfaceSeries, type InterfaceSeries } from '../series/network.ts';
import type { Source } from '../source.ts';
import { createPortableCpuSource } from './cpu.ts';
import type { PortableHost } from './port.ts';

/** The sources of a system other than Linux: the same names, and less of them. */
export function createPortableSources(
  host: PortableHost,
  platform: NodeJS.Platform,
): readonly Source[] {
  const sources = [
    createPortableCpuSource(host),
    createMemorySource(host),
    createFilesystemSource(host),
    createDiskSource(host),
    createNetworkSource(host),
    createUptimeSource(host),
  ];
  // Windows has no load average; Node answers three zeros there.
  return platform === 'win32' ? sources : [...sources, createLoadSource(host)];
}

function createMemorySource(host: PortableHost): Source {
  return {
    name: 'memory',
    async read(findings) {
      const memory = await host.memory();
      if (!(memory.total > 0)) {
        throw new Error(`memory: got a total of ${memory.total}; want more than 0`);
      }
      addMemory(findings, {
        limitBytes: memory.total,
        availableBytes: memory.available,
        freeBytes: memory.free,
        cachedBytes: memory.cached,
        buffersBytes: memory.buffers,
      });
      addSwap(findings, { totalBytes: memory.swaptotal, freeBytes: memory.swapfree });
    },
  };
}

function createFilesystemSource(host: PortableHost): Source {
  const metrics = createFilesystemMetrics();
  return {
    name: 'filesystem',
    async read(findings) {
      for (const report of await host.filesystems()) {
        const { mount: mountPoint, fs: device, type, size, used, available } = report;
        if (size === 0) continue;
        metrics.add(
          findings,
          { mountPoint, device, type, readOnly: report.rw === false },
          {
            usedBytes: used,
            freeBytes: available,
            // Volumes of an APFS container share its space: what the others hold is in neither figure.
            reservedBytes: Math.max(0, size - used - available),
          },
        );
      }
      metrics.sweep();
    },
  };
}

function createDiskSource(host: PortableHost): Source {
  const series = createDiskSeries('');
  return {
    name: 'disk',
    async read(findings) {
      const { reads, writes, readBytes, writtenBytes } = await host.disks();
      if (readBytes !== null) findings.add(series.readBytes, readBytes);
      if (writtenBytes !== null) findings.add(series.writtenBytes, writtenBytes);
      if (reads !== null) findings.add(series.reads, reads);
      if (writes !== null) findings.add(series.writes, writes);
    },
  };
}

function createNetworkSource(host: PortableHost): Source {
  const series = createSeriesCache<InterfaceSeries>(createInterfaceSeries);
  return {
    name: 'network',
    async read(findings) {
      for (const report of await host.interfaces()) {
        const { receive, transmit } = series.get(report.iface);
        findings.add(receive.bytes, report.rx_bytes);
        findings.add(receive.errors, report.rx_errors);
        findings.add(receive.dropped, report.rx_dropped);
        findings.add(transmit.bytes, report.tx_bytes);
        findings.add(transmit.errors, report.tx_errors);
        findings.add(transmit.dropped, report.tx_dropped);
      }
      series.sweep();
    },
  };
}

function createUptimeSource(host: PortableHost): Source {
  return {
    name: 'uptime',
    async read(findings) {
      findings.add(UPTIME, await host.uptimeSeconds());
    },
  };
}

function createLoadSource(host: PortableHost): Source {
  return {
    name: 'load',
    async read(findings) {
      const loads = await host.loadAverages();
      for (const [index, series] of LOAD_AVERAGES.entries()) {
        findings.add(series, loads[index] ?? Number.NaN);
      }
    },
  };
}
