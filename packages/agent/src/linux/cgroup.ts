import { tryReadText, type HostFiles } from '../host-files.ts';
import type { Memory } from '../series/memory.ts';
import type { CgroupFiles, CpuSeconds, Limit } from './cgroup-files.ts';
import { type Controller, type ControllerFolders, findFolders } from './cgroup-tree.ts';
import { createCgroupV1 } from './cgroup-v1.ts';
import { createCgroupV2 } from './cgroup-v2.ts';
import { parseMounts } from './mounts.ts';

/** A limit on CPU time, and the time that the limited cgroup has used since it began. */
export interface CpuQuota {
  /** How many CPUs' worth of time the cgroup may use. */
  readonly limitCpus: number;
  readonly used: CpuSeconds;
  /** Which cgroup it is: counters of different ones cannot be compared. */
  readonly folder: string;
}

/** The limits of the cgroup that we run in. */
export interface Cgroups {
  /** The tightest CPU quota on us and the use counted against it; `undefined` without a quota. */
  cpu(): Promise<CpuQuota | undefined>;
  /** The tightest memory limit on us and the memory counted against it; `undefined` without a limit. */
  memory(): Promise<Memory | undefined>;
}

/** Limits seldom change, and finding the tightest reads every level: once a minute is often enough. */
const LIMITS_VALID_MS = 60_000;

interface Limits {
  readonly untilMs: number;
  readonly cpu: Bound | undefined;
  readonly memory: Bound | undefined;
}

interface Bound {
  readonly files: CgroupFiles;
  readonly limit: Limit;
}

/** Reads the limits of our own cgroup, of both versions. Of nested limits the smallest counts, with that level's use. */
export function createCgroups(options: {
  readonly files: HostFiles;
  readonly procPath: string;
  readonly sysPath: string;
  readonly monotonicMs: () => number;
}): Cgroups {
  const { monotonicMs } = options;
  let looking: Promise<Limits> | undefined;
  const limits = async (): Promise<Limits> => {
    const found = await (looking ??= findLimits(options));
    if (monotonicMs() < found.untilMs) return found;
    looking = undefined;
    return await (looking ??= findLimits(options));
  };
  /** A failure, or a cgroup that went away, makes the next collect look afresh. */
  const measure = async <T>(read: (limits: Limits) => Promise<T>): Promise<T> => {
    try {
      return await read(await limits());
    } catch (error) {
      looking = undefined;
      throw error;
    }
  };
  return {
    cpu: () => measure(({ cpu }) => readQuota(cpu)),
    memory: () => measure(async ({ memory }) => memory?.files.memory(memory.limit)),
  };
}

async function readQuota(bound: Bound | undefined): Promise<CpuQuota | undefined> {
  if (bound === undefined) return undefined;
  const { folder, limit } = bound.limit;
  const used = await bound.files.cpuSeconds(folder);
  return used === undefined ? undefined : { limitCpus: limit, used, folder };
}

async function findLimits(options: {
  readonly files: HostFiles;
  readonly procPath: string;
  readonly sysPath: string;
  readonly monotonicMs: () => number;
}): Promise<Limits> {
  const { files, procPath, sysPath, monotonicMs } = options;
  const [selfCgroup = '', mountinfo = ''] = await Promise.all([
    tryReadText(files, `${procPath}/self/cgroup`),
    tryReadText(files, `${procPath}/self/mountinfo`),
  ]);
  // The file-system source reads the same file and counts its malformed lines.
  const mounts = parseMounts(mountinfo, () => undefined);
  const find = (controller: Controller): ControllerFolders | undefined =>
    findFolders({ controller, selfCgroup, mounts, sysPath });
  const filesOf = (version: 1 | 2): CgroupFiles =>
    version === 1
      ? createCgroupV1(files, { cpu: find('cpu'), cpuacct: find('cpuacct') })
      : createCgroupV2(files);
  const [cpu, memory] = await Promise.all([
    tightest(find('cpu'), filesOf, (reader, folder) => reader.cpuLimit(folder)),
    tightest(find('memory'), filesOf, (reader, folder) => reader.memoryLimitBytes(folder)),
  ]);
  return { untilMs: monotonicMs() + LIMITS_VALID_MS, cpu, memory };
}

async function tightest(
  place: ControllerFolders | undefined,
  filesOf: (version: 1 | 2) => CgroupFiles,
  read: (reader: CgroupFiles, folder: string) => Promise<number | undefined>,
): Promise<Bound | undefined> {
  if (place === undefined) return undefined;
  const files = filesOf(place.version);
  const limits = await Promise.all(
    place.folders.map(async (folder) => ({ folder, limit: await read(files, folder) })),
  );
  let best: Limit | undefined;
  for (const { folder, limit } of limits) {
    if (limit !== undefined && limit < (best?.limit ?? Infinity)) best = { folder, limit };
  }
  return best === undefined ? undefined : { files, limit: best };
}
