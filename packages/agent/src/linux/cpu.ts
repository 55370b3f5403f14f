import type { Labels } from '@hubpulse/model';
import type { HostFiles } from '../host-files.ts';
import { quote, tryParseCount } from '../number.ts';
import { createSeriesCache } from '../series-cache.ts';
import { CPU_COUNT, CPU_LIMIT, CPU_UTILIZATION, createCpuTimeSeries } from '../series/cpu.ts';
import type { Findings, Source } from '../source.ts';
import { createUtilization } from '../utilization.ts';
import type { Cgroups } from './cgroup.ts';
import { createQuotaUtilization } from './quota-utilization.ts';
import { TICKS_PER_SECOND } from './ticks.ts';

/** Time of one CPU, or of all, by mode in the order of `CPU_MODES`. */
type Ticks = readonly number[];

interface CpuTimes {
  readonly all: Ticks;
  /** By logical CPU number; CPUs that are off line are absent. */
  readonly each: ReadonlyMap<string, Ticks>;
}

/**
 * CPU time from /proc/stat and the share of each mode since the last collect. Under a CPU quota that is below the
 * number of CPUs, the shares are of the quota, from the cgroup's own counters.
 */
export function createCpuSource(options: {
  readonly files: HostFiles;
  readonly procPath: string;
  readonly cgroups: Cgroups;
  readonly monotonicMs: () => number;
}): Source {
  const { files, procPath, cgroups, monotonicMs } = options;
  const timeSeries = createSeriesCache<readonly Labels[]>(createCpuTimeSeries);
  const ofHost = createUtilization();
  const ofQuota = createQuotaUtilization(monotonicMs);
  return {
    name: 'cpu',
    async read(findings) {
      const times = parseCpuTimes(await files.readText(`${procPath}/stat`), findings);
      addTimes(findings, times, (cpu) => timeSeries.get(cpu));
      timeSeries.sweep();
      const hostShares = ofHost.next(times.all);
      const quota = await cgroups.cpu();
      const limited = quota !== undefined && quota.limitCpus < times.each.size;
      findings.add(CPU_LIMIT, limited ? quota.limitCpus : times.each.size);
      const shares = limited ? ofQuota.next(quota) : hostShares;
      if (shares === undefined) return;
      for (const [mode, series] of CPU_UTILIZATION.entries()) {
        const share = shares[mode];
        if (share !== undefined) findings.add(series, share);
      }
    },
  };
}

function addTimes(
  findings: Findings,
  times: CpuTimes,
  seriesOf: (cpu: string) => readonly Labels[],
): void {
  findings.add(CPU_COUNT, times.each.size);
  for (const [cpu, ticks] of times.each) {
    const series = seriesOf(cpu);
    for (const [mode, labels] of series.entries()) {
      findings.add(labels, (ticks[mode] ?? 0) / TICKS_PER_SECOND);
    }
  }
}

/** Reads the `cpu` lines, which come first. Throws when the line of all CPUs, or every single CPU, is missing. */
function parseCpuTimes(text: string, findings: Findings): CpuTimes {
  let all: Ticks | undefined;
  const each = new Map<string, Ticks>();
  for (const line of text.split('\n')) {
    if (!line.startsWith('cpu')) break;
    const [name = '', ...fields] = line.split(/ +/);
    const ticks = tryParseTicks(fields);
    const cpu = name.slice('cpu'.length);
    if (ticks === undefined) findings.reject(`/proc/stat: got ${quote(line)}; want CPU counters`);
    else if (cpu === '') all = ticks;
    else if (tryParseCount(cpu) !== undefined) each.set(cpu, ticks);
    else findings.reject(`/proc/stat: got ${quote(name)}; want cpu and a number`);
  }
  if (all === undefined || each.size === 0) {
    throw new Error(`/proc/stat: got ${quote(text)}; want the line of all CPUs and of each`);
  }
  return { all, each };
}

/**
 * Fields: user nice system idle iowait irq softirq steal guest guest_nice. Kernels before 2.6.11 end earlier. Guest
 * time is not added: the kernel counts it in user and nice already.
 */
function tryParseTicks(fields: readonly string[]): Ticks | undefined {
  const counts: number[] = [];
  for (const field of fields.slice(0, 8)) {
    const count = tryParseCount(field);
    if (count === undefined) return undefined;
    counts.push(count);
  }
  if (counts.length < 4) return undefined;
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] =
    counts;
  return [user, nice, system, idle, iowait, irq + softirq, steal];
}
