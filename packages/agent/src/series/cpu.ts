import type { Labels } from '@hubpulse/model';
import { createSeries } from '../series-cache.ts';

/** What a CPU does with its time, in OpenTelemetry's words. `interrupt` is hard and soft interrupts together. */
export const CPU_MODES = [
  'user',
  'nice',
  'system',
  'idle',
  'iowait',
  'interrupt',
  'steal',
] as const;

/** `system.cpu.logical.count`: how many logical CPUs the host has online. */
export const CPU_COUNT: Labels = createSeries('system_cpu_logical_count');

/**
 * How many CPUs' worth of time this host or container may use: what `system_cpu_utilization_ratio` is a share of.
 * OpenTelemetry defines no such metric, hence a name of our own.
 */
export const CPU_LIMIT: Labels = createSeries('hubpulse_host_cpu_limit');

/** `system.cpu.utilization` of each mode, over all CPUs. */
export const CPU_UTILIZATION: readonly Labels[] = CPU_MODES.map((mode) =>
  createSeries('system_cpu_utilization_ratio', { cpu_mode: mode }),
);

/** `system.cpu.time` of one logical CPU: one series a mode, in the order of `CPU_MODES`. */
export function createCpuTimeSeries(cpu: string): readonly Labels[] {
  return CPU_MODES.map((mode) =>
    createSeries('system_cpu_time_seconds_total', { cpu_mode: mode, cpu_logical_number: cpu }),
  );
}

/** `system.cpu.load_average.*`, the collector's names: OpenTelemetry's conventions have none. */
export const LOAD_AVERAGES: readonly Labels[] = ['1m', '5m', '15m'].map((span) =>
  createSeries(`system_cpu_load_average_${span}`),
);

/** `system.uptime`. */
export const UPTIME: Labels = createSeries('system_uptime_seconds');
