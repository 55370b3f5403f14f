import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Clock } from '../clock.ts';
import type { MetricFamily, MetricSource } from './metric-family.ts';
import { single } from './metric-family.ts';

/** `performance.eventLoopDelay` counts nanoseconds, `cpuUsage` microseconds. */
const NS_PER_SECOND = 1e9;
const US_PER_SECOND = 1e6;
const MS_PER_SECOND = 1000;

/** How often the event loop's delay is sampled; finer costs CPU, coarser misses short stalls. */
const LOOP_RESOLUTION_MS = 20;

/** The window over which the delay of the event loop is judged. */
const LOOP_WINDOW_MS = 60_000;

/** Figures of the operating-system process: CPU, memory, start time, event-loop delay. `close` ends the sampling. */
export function createProcessMetrics({ version, clock }: { version: string; clock: Clock }): {
  readonly source: MetricSource;
  close(): void;
} {
  const startedMs = clock.nowMs();
  const loopDelay = createLoopDelay(clock);
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
        startedMs / MS_PER_SECOND,
      ),
      single(
        {
          name: 'hubpulse_event_loop_delay_p99_seconds',
          type: 'gauge',
          help: 'p99 of the delay of the event loop over one to two minutes, in seconds.',
        },
        loopDelay.p99Seconds(),
      ),
    ];
  };
  return { source, close: () => loopDelay.close() };
}

/**
 * Samples how late the event loop comes. Node records the time between two samples, so the time that was waited on
 * purpose is taken off.
 */
function createLoopDelay(clock: Clock): { p99Seconds(): number; close(): void } {
  const histogram = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  histogram.enable();
  let windowStartMs = clock.monotonicMs();
  let previous = 0;
  const current = (): number =>
    histogram.count === 0
      ? 0
      : Math.max(0, histogram.percentile(99) / NS_PER_SECOND - LOOP_RESOLUTION_MS / MS_PER_SECOND);
  return {
    p99Seconds: () => {
      if (clock.monotonicMs() - windowStartMs >= LOOP_WINDOW_MS) {
        previous = current();
        windowStartMs = clock.monotonicMs();
        histogram.reset();
      }
      return Math.max(previous, current());
    },
    close: () => histogram.disable(),
  };
}
