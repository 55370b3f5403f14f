import { CPU_MODES } from '../series/cpu.ts';
import type { CpuQuota } from './cgroup.ts';
import type { CpuSeconds } from './cgroup-files.ts';

/** Turns a cgroup's CPU time into shares of its quota. */
export interface QuotaUtilization {
  /**
   * Shares in the order of `CPU_MODES`, only those of user, system and idle: a cgroup counts no others. `undefined` on
   * the first reading, after a change of cgroup or quota, and when no time has passed.
   */
  next(quota: CpuQuota): readonly (number | undefined)[] | undefined;
}

const USER = CPU_MODES.indexOf('user');
const SYSTEM = CPU_MODES.indexOf('system');
const IDLE = CPU_MODES.indexOf('idle');

/** Makes a utilization without a reading yet. `monotonicMs` is a clock that never goes back. */
export function createQuotaUtilization(monotonicMs: () => number): QuotaUtilization {
  let before: { readonly quota: CpuQuota; readonly atMs: number } | undefined;
  return {
    next(quota) {
      const atMs = monotonicMs();
      const previous = before;
      before = { quota, atMs };
      if (previous === undefined || !sameQuota(previous.quota, quota)) return undefined;
      const allowedSeconds = ((atMs - previous.atMs) / 1000) * quota.limitCpus;
      if (allowedSeconds <= 0) return undefined;
      return sharesOf(quota.used, previous.quota.used, allowedSeconds);
    },
  };
}

function sameQuota(a: CpuQuota, b: CpuQuota): boolean {
  return a.folder === b.folder && a.limitCpus === b.limitCpus;
}

/**
 * The total tells how much was used; user and system tell in which proportion (all of it counts as user when neither
 * moved). A cgroup may go over its quota for a moment, by bursts and at the edges of a period: then nothing was idle.
 */
function sharesOf(
  now: CpuSeconds,
  before: CpuSeconds,
  allowedSeconds: number,
): readonly (number | undefined)[] {
  const spent = (part: keyof CpuSeconds): number => Math.max(0, now[part] - before[part]);
  const used = Math.min(1, spent('total') / allowedSeconds);
  const parts = spent('user') + spent('system');
  const system = parts > 0 ? (used * spent('system')) / parts : 0;
  const shares: (number | undefined)[] = CPU_MODES.map(() => undefined);
  shares[USER] = used - system;
  shares[SYSTEM] = system;
  shares[IDLE] = 1 - used;
  return shares;
}
