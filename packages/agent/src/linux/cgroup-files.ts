import type { Memory } from '../series/memory.ts';

/** CPU time of a cgroup since it began. User and system may be counted more coarsely and not add up to the total. */
export interface CpuSeconds {
  readonly total: number;
  readonly user: number;
  readonly system: number;
}

/** Where a limit was found. */
export interface Limit {
  readonly folder: string;
  readonly limit: number;
}

/** The files of one version of cgroups. A missing file means no limit; a file that cannot be understood is an error. */
export interface CgroupFiles {
  cpuLimit(folder: string): Promise<number | undefined>;
  memoryLimitBytes(folder: string): Promise<number | undefined>;
  /** `undefined` when the use counted against the limit cannot be found. */
  cpuSeconds(folder: string): Promise<CpuSeconds | undefined>;
  memory(limit: Limit): Promise<Memory | undefined>;
}
