import { describe, expect, test } from 'vitest';
import { createHostCollector } from '../collector.ts';
import { figuresOf } from '../testing/fixture-host.ts';
import { createManualTime } from '../testing/manual-time.ts';
import { createMemoryFiles } from '../testing/memory-files.ts';
import { SMALL_DISK, SMALL_HOST } from '../testing/small-host.ts';
import type { StatFs } from './filesystem.ts';

const ROOT = '1 0 8:1 / / rw - ext4 /dev/sda1 rw\n';

/** A host whose mounts under /dead never answer until told to. */
function createHost(mountinfo: string, answering: StatFs = async () => SMALL_DISK) {
  const time = createManualTime();
  const said: string[] = [];
  const asked: string[] = [];
  const waiting: (() => void)[] = [];
  const collector = createHostCollector({
    nowMs: time.nowMs,
    monotonicMs: time.nowMs,
    schedule: time.schedule,
    platform: 'linux',
    files: createMemoryFiles(() => ({ ...SMALL_HOST, '/proc/self/mountinfo': mountinfo })),
    async statfs(path) {
      asked.push(path);
      if (path.startsWith('/dead')) await new Promise<void>((resolve) => waiting.push(resolve));
      return answering(path);
    },
    onSourceFailure: (source, error) => said.push(`${source}: ${error.message}`),
  });
  const mountsOf = async (): Promise<readonly string[]> =>
    Object.keys(figuresOf(await collector.collect()))
      .filter((series) => series.startsWith('system_filesystem_limit_bytes'))
      .map((series) => /mountpoint="([^"]*)"/.exec(series)?.[1] ?? '')
      .toSorted();
  return { time, said, asked, waiting, collector, mountsOf };
}

/** Lets every promise that can settle do so. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a mount that does not answer', () => {
  const MOUNTS = `${ROOT}2 1 0:50 / /dead/1 rw - nfs4 gone:/1 rw\n3 1 0:51 / /live rw - nfs4 here:/ rw\n`;

  test('is given up after a second, and the others are measured', async () => {
    const { time, said, mountsOf, collector } = createHost(MOUNTS);
    const mounts = mountsOf();
    await settle();
    time.advance(1000);
    expect(await mounts).toEqual(['/', '/live']);
    expect(collector.failures()).toEqual(new Map([['filesystem', 1]]));
    expect(said).toEqual([
      'filesystem: statfs /dead/1: got no answer; want one within 1000 ms (left out until it answers)',
    ]);
  });

  test('is not asked again until it has answered', async () => {
    const { time, asked, waiting, mountsOf } = createHost(MOUNTS);
    const first = mountsOf();
    await settle();
    time.advance(1000);
    await first;
    expect(await mountsOf()).toEqual(['/', '/live']);
    expect(asked.filter((path) => path === '/dead/1')).toHaveLength(1);
    waiting[0]?.();
    await settle();
    const third = mountsOf();
    await settle();
    waiting[1]?.();
    expect(await third).toEqual(['/', '/dead/1', '/live']);
  });

  test('holds at most two threads together with its like', async () => {
    const dead = [1, 2, 3, 4].map(
      (n) => `${n + 1} 1 0:5${n} / /dead/${n} rw - nfs gone:/${n} rw\n`,
    );
    const { time, asked, mountsOf } = createHost(`${ROOT}${dead.join('')}`);
    const mounts = mountsOf();
    await settle();
    time.advance(1000);
    await settle();
    time.advance(1000);
    expect(await mounts).toEqual(['/']);
    expect(asked.toSorted()).toEqual(['/', '/dead/1', '/dead/2']);
  });
});

describe('the mounts that count', () => {
  test('are those of container hosts without the containers, and without memory and images', async () => {
    const { mountsOf } = createHost(
      `${ROOT}2 1 0:60 / /var/lib/docker/overlay2/a/merged rw - overlay overlay rw\n3 1 0:61 / /run rw - tmpfs tmpfs rw\n4 1 7:0 / /snap/x ro - squashfs /dev/loop0 ro\n5 1 8:17 / /data rw - xfs /dev/sdb1 rw\n`,
    );
    expect(await mountsOf()).toEqual(['/', '/data']);
  });

  test('show a file system once, by its top folder, writable, on the shortest path', async () => {
    const { mountsOf } = createHost(
      `${ROOT}2 1 8:17 /deep /a rw - xfs /dev/sdb1 rw\n3 1 8:17 / /read/only ro - xfs /dev/sdb1 rw\n4 1 8:17 / /very/long/path rw - xfs /dev/sdb1 rw\n5 1 8:17 / /long/path rw - xfs /dev/sdb1 rw\n`,
    );
    expect(await mountsOf()).toEqual(['/', '/long/path']);
  });

  test('include the overlay that is the root of a container', async () => {
    const { mountsOf } = createHost(
      '1 0 0:60 / / rw - overlay overlay rw\n2 1 8:1 /x/hosts /etc/hosts rw - ext4 /dev/sda1 rw\n',
    );
    expect(await mountsOf()).toEqual(['/']);
  });

  test('are at most 512, and the rest is said', async () => {
    const many = Array.from({ length: 600 }, (_, n) => `9 1 9:${n} / /m/${n} rw - xfs /dev/x rw\n`);
    const { mountsOf, said } = createHost(many.join(''));
    expect(await mountsOf()).toHaveLength(512);
    expect(said).toEqual([
      'filesystem: /proc/self/mountinfo: got 600 file systems; want at most 512 (the first are measured)',
    ]);
  });
});
