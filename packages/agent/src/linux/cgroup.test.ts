import { describe, expect, test } from 'vitest';
import { createMemoryFiles, type FileTree } from '../testing/memory-files.ts';
import { type Cgroups, createCgroups } from './cgroup.ts';

const V2_MOUNT = '2 1 0:2 / /sys/fs/cgroup rw - cgroup2 cgroup rw\n';
const V1_MOUNTS =
  '2 1 0:2 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n3 1 0:3 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n4 1 0:4 / /sys/fs/cgroup/cpuacct rw - cgroup cgroup rw,cpuacct\n';

interface Host {
  readonly cgroups: Cgroups;
  readonly change: (changes: FileTree, afterMs: number) => void;
}

function createHost(tree: FileTree): Host {
  let current = tree;
  let nowMs = 0;
  const cgroups = createCgroups({
    files: createMemoryFiles(() => current),
    procPath: '/proc',
    sysPath: '/sys',
    monotonicMs: () => nowMs,
  });
  return {
    cgroups,
    change(changes: FileTree, afterMs: number) {
      current = { ...current, ...changes };
      nowMs += afterMs;
    },
  };
}

describe('without a limit there is none', () => {
  test.each<[string, FileTree]>([
    ['when /proc tells no cgroup at all', {}],
    ['when no hierarchy is mounted', { '/proc/self/cgroup': '0::/a\n' }],
    [
      'when the files of our cgroup are missing',
      { '/proc/self/cgroup': '0::/a/b\n', '/proc/self/mountinfo': V2_MOUNT },
    ],
    [
      'when every level says max',
      {
        '/proc/self/cgroup': '0::/a\n',
        '/proc/self/mountinfo': V2_MOUNT,
        '/sys/fs/cgroup/a/cpu.max': 'max 100000\n',
        '/sys/fs/cgroup/a/memory.max': 'max\n',
      },
    ],
    [
      'when version 1 says -1 and its huge number, and the memory path does not exist',
      {
        '/proc/self/cgroup': '4:memory:/gone/away\n2:cpuacct:/\n1:cpu:/\n0::/\n',
        '/proc/self/mountinfo': V1_MOUNTS + V2_MOUNT,
        '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      },
    ],
  ])('%s', async (_, tree) => {
    const { cgroups } = createHost(tree);
    expect(await cgroups.cpu()).toBeUndefined();
    expect(await cgroups.memory()).toBeUndefined();
  });
});

describe('version 2', () => {
  const NAMESPACED: FileTree = {
    '/proc/self/cgroup': '0::/\n',
    '/proc/self/mountinfo': V2_MOUNT,
    '/sys/fs/cgroup/cpu.max': '50000 100000\n',
    '/sys/fs/cgroup/cpu.stat': 'usage_usec 3000000\nuser_usec 2000000\nsystem_usec 1000000\n',
    '/sys/fs/cgroup/memory.max': '1000\n',
    '/sys/fs/cgroup/memory.current': '900\n',
    '/sys/fs/cgroup/memory.stat': 'file 500\ninactive_file 300\n',
  };

  test('gives the limits of a container with a cgroup namespace', async () => {
    const { cgroups } = createHost(NAMESPACED);
    expect(await cgroups.cpu()).toEqual({
      limitCpus: 0.5,
      used: { total: 3, user: 2, system: 1 },
      folder: '/sys/fs/cgroup',
    });
    expect(await cgroups.memory()).toEqual({
      limitBytes: 1000,
      availableBytes: 400,
      freeBytes: 100,
      cachedBytes: 500,
    });
  });

  test('takes a path of another namespace for the top of what is mounted', async () => {
    const { cgroups } = createHost({ ...NAMESPACED, '/proc/self/cgroup': '0::/../../other\n' });
    expect((await cgroups.memory())?.limitBytes).toBe(1000);
  });

  test('sees a changed limit after a minute', async () => {
    const { cgroups, change } = createHost(NAMESPACED);
    expect((await cgroups.memory())?.limitBytes).toBe(1000);
    change({ '/sys/fs/cgroup/memory.max': '2000\n' }, 59_999);
    expect((await cgroups.memory())?.limitBytes).toBe(1000);
    change({}, 1);
    expect((await cgroups.memory())?.limitBytes).toBe(2000);
  });

  test('fails on a limit that it cannot read, and looks again the next time', async () => {
    const { cgroups, change } = createHost({
      ...NAMESPACED,
      '/sys/fs/cgroup/memory.max': 'plenty\n',
    });
    await expect(cgroups.memory()).rejects.toThrow(
      '/sys/fs/cgroup/memory.max: got "plenty"; want a number',
    );
    change({ '/sys/fs/cgroup/memory.max': '1000\n' }, 1);
    expect((await cgroups.memory())?.limitBytes).toBe(1000);
  });

  test('never counts more memory as used than there is, nor less than none', async () => {
    const { cgroups } = createHost({
      ...NAMESPACED,
      '/sys/fs/cgroup/memory.current': '1100\n',
      '/sys/fs/cgroup/memory.stat': 'inactive_file 1200\n',
    });
    expect(await cgroups.memory()).toMatchObject({ availableBytes: 1000, freeBytes: 0 });
  });
});

describe('version 1', () => {
  test('finds the use in the other hierarchy at the same height as the quota', async () => {
    const { cgroups } = createHost({
      '/proc/self/cgroup': '2:cpuacct:/box/a\n1:cpu:/box/a\n',
      '/proc/self/mountinfo': V1_MOUNTS,
      '/sys/fs/cgroup/cpu/box/cpu.cfs_quota_us': '200000\n',
      '/sys/fs/cgroup/cpu/box/cpu.cfs_period_us': '100000\n',
      '/sys/fs/cgroup/cpuacct/box/cpuacct.usage': '7000000000\n',
      '/sys/fs/cgroup/cpuacct/box/cpuacct.stat': 'user 500\nsystem 190\n',
      '/sys/fs/cgroup/cpuacct/box/a/cpuacct.usage': '1\n',
    });
    expect(await cgroups.cpu()).toEqual({
      limitCpus: 2,
      used: { total: 7, user: 5, system: 1.9 },
      folder: '/sys/fs/cgroup/cpu/box',
    });
  });

  test('tells no quota when the use cannot be found', async () => {
    const { cgroups } = createHost({
      '/proc/self/cgroup': '1:cpu:/\n',
      '/proc/self/mountinfo': V1_MOUNTS,
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '200000\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
    });
    expect(await cgroups.cpu()).toBeUndefined();
  });
});
