import { createDeadline, type Schedule } from '../deadline.ts';
import type { HostFiles } from '../host-files.ts';
import type { Source } from '../source.ts';
import { createCgroups } from './cgroup.ts';
import { createCpuSource } from './cpu.ts';
import { createDiskSource } from './disk.ts';
import { createFilesystemSource, type StatFs } from './filesystem.ts';
import { createLoadSource } from './load.ts';
import { createMemorySource } from './memory.ts';
import { createNetworkSource } from './network.ts';
import { createProcessesSource } from './processes.ts';
import { createUptimeSource } from './uptime.ts';

/** A healthy statfs takes microseconds, one over the network milliseconds; past a second the server is in trouble. */
const STATFS_TIMEOUT_MS = 1000;

/** The sources of a Linux host. */
export function createLinuxSources(options: {
  readonly files: HostFiles;
  readonly procPath: string;
  readonly sysPath: string;
  readonly statfs: StatFs;
  readonly schedule: Schedule;
  readonly monotonicMs: () => number;
}): readonly Source[] {
  const { files, procPath, schedule } = options;
  const cgroups = createCgroups(options);
  const timeoutMs = STATFS_TIMEOUT_MS;
  const deadlines = {
    local: createDeadline({ timeoutMs, schedule }),
    remote: createDeadline({ timeoutMs, schedule }),
  };
  return [
    createCpuSource({ ...options, cgroups }),
    createLoadSource(files, procPath),
    createMemorySource({ ...options, cgroups }),
    createFilesystemSource({ ...options, deadlines }),
    createDiskSource(options),
    createNetworkSource(files, procPath),
    createProcessesSource(files, procPath),
    createUptimeSource(files, procPath),
  ];
}
