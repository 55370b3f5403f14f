import type { Labels } from '@hubpulse/model';
import { createSeriesCache } from '../series-cache.ts';
import { CPU_COUNT, CPU_LIMIT, CPU_UTILIZATION, createCpuTimeSeries } from '../series/cpu.ts';
import type { Source } from '../source.ts';
import { createUtilization } from '../utilization.ts';
import type { CpuClock, PortableHost } from './port.ts';

/** CPU time and shares. Systems other than Linux tell neither waiting for disks nor time stolen by a hypervisor. */
export function createPortableCpuSource(host: PortableHost): Source {
  const timeSeries = createSeriesCache<readonly Labels[]>(createCpuTimeSeries);
  const utilization = createUtilization();
  return {
    name: 'cpu',
    async read(findings) {
      const clocks = (await host.cpus()).map(timesOf);
      if (clocks.length === 0) throw new Error('CPU times: got none; want one CPU or more');
      findings.add(CPU_COUNT, clocks.length);
      findings.add(CPU_LIMIT, clocks.length);
      for (const [cpu, times] of clocks.entries()) {
        const series = timeSeries.get(String(cpu));
        for (const [mode, labels] of series.entries()) {
          const timeMs = times[mode];
          if (timeMs !== undefined) findings.add(labels, timeMs / 1000);
        }
      }
      timeSeries.sweep();
      const shares = utilization.next(sum(clocks)) ?? [];
      for (const [mode, share] of shares.entries()) {
        const series = CPU_UTILIZATION[mode];
        if (series !== undefined && TOLD[mode]) findings.add(series, share);
      }
    },
  };
}

/** In the order of `CPU_MODES`: user, nice, system, idle, iowait, interrupt, steal. */
const TOLD: readonly boolean[] = [true, true, true, true, false, true, false];

function timesOf(clock: CpuClock): readonly (number | undefined)[] {
  return [clock.user, clock.nice, clock.sys, clock.idle, undefined, clock.irq, undefined];
}

function sum(clocks: readonly (readonly (number | undefined)[])[]): readonly number[] {
  return TOLD.map((_, mode) => clocks.reduce((total, times) => total + (times[mode] ?? 0), 0));
}
