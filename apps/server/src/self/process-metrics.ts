import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { MetricFamily, MetricSource } from './metric-family.ts';
import { single } from './metric-family.ts';

/** `performance.eventLoopDelay` counts nanoseconds, `cpuUsage` microseconds. */
const NS_PER_SECOND = 1e9;
const US_PER_SECOND = 1e6;

/** How often the event loop's delay is sampled; finer costs CPU, coarser misses short stalls. */
const LOOP_RESOLUTION_MS = 20;

/** Figures of the operating-system process: CPU, memory, start time, event-loop delay. `close` ends the sampling. */
export function createProcessMetrics({
  version,
  startedMs,
}: {
  version: string;
  startedMs: number;
}): { readonly source: MetricSource; close(): void } {
  const loopDelay = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  loopDelay.enable();
  const source = (): MetricFamily[] => {
    const { user, system } = process.cpuUsage();
    return [
      {
        name: 'hubpulse_build_info',
        type: 'gauge',
        help: 'Always 1; the labels tell the version of Hubpulse and of Node.js.',
        points: [
          {
            suffix: '',
            labels: [
              ['node_version', process.versions.node],
              ['version', version],
            ],
            value: 1,
          },
        ],
      },
      single(
        {
          name: 'process_cpu_seconds_total',
          type: 'counter',
          help: 'CPU time of the process, user and system, in seconds.',
        },
        (user + system) / US_PER_SECOND,
      ),
      single(
        {
          name: 'process_resident_memory_bytes',
          type: 'gauge',
          help: 'Resident memory of the process, in bytes.',
        },
        process.memoryUsage.rss(),
      ),
      single(
        {
          name: 'process_start_time_seconds',
          type: 'gauge',
          help: 'When the process started, Unix seconds.',
        },
        startedMs / 1000,
      ),
      single(
        {
          name: 'hubpulse_event_loop_delay_p99_seconds',
          type: 'gauge',
          help: 'p99 of the delay of the event loop since the figure was last read, in seconds.',
        },
        Math.max(0, loopDelay.percentile(99) / NS_PER_SECOND),
      ),
    ];
  };
  return { source, close: () => loopDelay.disable() };
}
