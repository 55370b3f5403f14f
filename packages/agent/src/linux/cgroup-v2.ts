import type { HostFiles } from '../host-files.ts';
import type { CgroupFiles } from './cgroup-files.ts';
import { createCgroupText, parseCount } from './cgroup-text.ts';

const MICROSECONDS = 1_000_000;

/** The files of version 2 (Documentation/admin-guide/cgroup-v2.rst). */
export function createCgroupV2(files: HostFiles): CgroupFiles {
  const text = createCgroupText(files);
  return {
    /** `$MAX $PERIOD` in microseconds, `max` for no limit. */
    async cpuLimit(folder) {
      const path = `${folder}/cpu.max`;
      const [max, period] = (await text.words(path)) ?? ['max'];
      if (max === 'max') return undefined;
      const limit = parseCount(path, max) / parseCount(path, period);
      // Both are at least 1,000 (kernel/sched/core.c); a zero would make every share infinite.
      return limit > 0 && limit < Infinity ? limit : undefined;
    },
    async memoryLimitBytes(folder) {
      const path = `${folder}/memory.max`;
      const [max] = (await text.words(path)) ?? ['max'];
      return max === 'max' ? undefined : parseCount(path, max) || undefined;
    },
    async cpuSeconds(folder) {
      const stat = await text.table(`${folder}/cpu.stat`);
      const seconds = (key: string): number => (stat?.get(key) ?? 0) / MICROSECONDS;
      if (stat?.has('usage_usec') !== true) return undefined;
      return {
        total: seconds('usage_usec'),
        user: seconds('user_usec'),
        system: seconds('system_usec'),
      };
    },
    async memory({ folder, limit }) {
      const [current, stat] = await Promise.all([
        text.count(`${folder}/memory.current`),
        text.table(`${folder}/memory.stat`),
      ]);
      if (current === undefined) return undefined;
      const usedBytes = Math.max(0, current - (stat?.get('inactive_file') ?? 0));
      return {
        limitBytes: limit,
        availableBytes: Math.max(0, limit - usedBytes),
        freeBytes: Math.max(0, limit - current),
        cachedBytes: stat?.get('file') ?? 0,
      };
    },
  };
}
