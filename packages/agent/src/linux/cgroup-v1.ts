import type { HostFiles } from '../host-files.ts';
import type { CgroupFiles, CpuSeconds } from './cgroup-files.ts';
import { type CgroupText, createCgroupText, parseCount } from './cgroup-text.ts';
import type { ControllerFolders } from './cgroup-tree.ts';
import { TICKS_PER_SECOND } from './ticks.ts';

const NANOSECONDS = 1_000_000_000;

/** No limit reads as the largest multiple of the page size in a signed 64-bit number: 9223372036854771712 with 4 KiB. */
const NO_LIMIT_BYTES = 2 ** 62;

/**
 * The files of version 1 (Documentation/admin-guide/cgroup-v1/memory.rst and cpuacct.rst, Documentation/scheduler/sched-bwc.rst).
 * Limits on CPU time and the time used are two controllers there, often in two hierarchies of one shape.
 */
export function createCgroupV1(
  files: HostFiles,
  hierarchies: {
    readonly cpu: ControllerFolders | undefined;
    readonly cpuacct: ControllerFolders | undefined;
  },
): CgroupFiles {
  const text = createCgroupText(files);
  return {
    /** A quota of -1 is none. */
    async cpuLimit(folder) {
      const quotaPath = `${folder}/cpu.cfs_quota_us`;
      const periodPath = `${folder}/cpu.cfs_period_us`;
      const [[quota] = ['-1'], period] = await Promise.all([
        text.words(quotaPath),
        text.count(periodPath),
      ]);
      if (quota === '-1' || period === undefined) return undefined;
      const limit = parseCount(quotaPath, quota) / period;
      return limit > 0 && limit < Infinity ? limit : undefined;
    },
    async memoryLimitBytes(folder) {
      const limit = await text.count(`${folder}/memory.limit_in_bytes`);
      return limit === undefined || limit === 0 || limit >= NO_LIMIT_BYTES ? undefined : limit;
    },
    async cpuSeconds(folder) {
      const { cpu, cpuacct } = hierarchies;
      const levelsUp = cpu?.folders.indexOf(folder) ?? -1;
      const usageFolder = levelsUp < 0 ? undefined : cpuacct?.folders[levelsUp];
      return usageFolder === undefined ? undefined : readCpuSeconds(text, usageFolder);
    },
    async memory({ folder, limit }) {
      const [usage, stat] = await Promise.all([
        text.count(`${folder}/memory.usage_in_bytes`),
        text.table(`${folder}/memory.stat`),
      ]);
      if (usage === undefined) return undefined;
      const usedBytes = Math.max(0, usage - (stat?.get('total_inactive_file') ?? 0));
      return {
        limitBytes: limit,
        availableBytes: Math.max(0, limit - usedBytes),
        freeBytes: Math.max(0, limit - usage),
        cachedBytes: stat?.get('total_cache') ?? 0,
      };
    },
  };
}

/** The total is in nanoseconds; its parts are in ticks. */
async function readCpuSeconds(text: CgroupText, folder: string): Promise<CpuSeconds | undefined> {
  const [usage, stat] = await Promise.all([
    text.count(`${folder}/cpuacct.usage`),
    text.table(`${folder}/cpuacct.stat`),
  ]);
  if (usage === undefined) return undefined;
  const seconds = (key: string): number => (stat?.get(key) ?? 0) / TICKS_PER_SECOND;
  return { total: usage / NANOSECONDS, user: seconds('user'), system: seconds('system') };
}
