import type { Deadline } from '../deadline.ts';
import type { HostFiles } from '../host-files.ts';
import { createFilesystemMetrics, type FilesystemSpace } from '../series/filesystem.ts';
import type { Findings, Source } from '../source.ts';
import { type Mount, parseMounts } from './mounts.ts';
import { isRemote, selectRealMounts } from './real-mounts.ts';

/** What `statfs` of `node:fs/promises` answers; the counts are blocks of `frsize` bytes, or of `bsize` where that is absent. */
export interface StatFsAnswer {
  readonly bsize: number;
  readonly frsize?: number | undefined;
  readonly blocks: number;
  readonly bfree: number;
  readonly bavail: number;
}

/** Asks for the space of the file system at a path. */
export type StatFs = (path: string) => Promise<StatFsAnswer>;

/** Mounts beyond this are left out and said. */
const MAX_MOUNTS = 512;

/**
 * A call that hangs keeps one of libuv's threads, of which there are four for all file and DNS work of the process. With
 * two remote calls out, the others wait for a later collect.
 */
const MAX_REMOTE_CALLS_OUT = 2;

/** Space by real mount, from /proc/self/mountinfo and statfs. A mount that does not answer costs only itself. */
export function createFilesystemSource(options: {
  readonly files: HostFiles;
  readonly procPath: string;
  readonly statfs: StatFs;
  /** Two, so that a slow disk cannot use up the remote mounts' allowance. */
  readonly deadlines: { readonly local: Deadline; readonly remote: Deadline };
}): Source {
  const { files, procPath, statfs, deadlines } = options;
  const metrics = createFilesystemMetrics();
  const measure = async (findings: Findings, mount: Mount): Promise<void> => {
    const { mountPoint, source: device, type, readOnly } = mount;
    const deadline = isRemote(mount) ? deadlines.remote : deadlines.local;
    try {
      const answer = await deadline.run(`statfs ${mountPoint}`, () => statfs(mountPoint));
      if (answer.blocks === 0) return;
      metrics.add(findings, { mountPoint, device, type, readOnly }, spaceOf(answer));
    } catch (error) {
      findings.reject(error instanceof Error ? error.message : String(error));
    }
  };
  const measureRemote = async (findings: Findings, mounts: readonly Mount[]): Promise<void> => {
    for (const mount of mounts) {
      if (deadlines.remote.unanswered() >= MAX_REMOTE_CALLS_OUT) {
        findings.reject(`statfs ${mount.mountPoint}: left out while other mounts do not answer`);
      } else {
        // One after the other, so that a dead server holds one thread and not all of them.
        // oxlint-disable-next-line no-await-in-loop
        await measure(findings, mount);
      }
    }
  };
  return {
    name: 'filesystem',
    async read(findings) {
      const mounts = await readMounts(files, procPath, findings);
      const local = mounts.filter((mount) => !isRemote(mount));
      await Promise.all([
        ...local.map((mount) => measure(findings, mount)),
        measureRemote(findings, mounts.filter(isRemote)),
      ]);
      metrics.sweep();
    },
  };
}

async function readMounts(
  files: HostFiles,
  procPath: string,
  findings: Findings,
): Promise<readonly Mount[]> {
  const text = await files.readText(`${procPath}/self/mountinfo`);
  const mounts = selectRealMounts(parseMounts(text, (problem) => findings.reject(problem)));
  if (mounts.length > MAX_MOUNTS) {
    findings.reject(
      `/proc/self/mountinfo: got ${mounts.length} file systems; want at most ${MAX_MOUNTS} (the first are measured)`,
    );
  }
  return mounts.slice(0, MAX_MOUNTS);
}

/** Used, free and reserved as `df` counts them: used is what nobody can have, reserved what only root can. */
function spaceOf(answer: StatFsAnswer): FilesystemSpace {
  const blockBytes = answer.frsize || answer.bsize;
  const free = Math.min(answer.bfree, answer.blocks);
  // A file system that is filled into root's reserve may answer less than nothing, which arrives as a huge number.
  const available = answer.bavail > answer.blocks ? 0 : Math.min(answer.bavail, free);
  return {
    usedBytes: (answer.blocks - free) * blockBytes,
    freeBytes: available * blockBytes,
    reservedBytes: (free - available) * blockBytes,
  };
}
