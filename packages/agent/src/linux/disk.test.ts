import { expect, test } from 'vitest';
import { createFindings } from '../source.ts';
import { createMemoryFiles, type FileTree } from '../testing/memory-files.ts';
import { createDiskSource } from './disk.ts';

const COUNTERS = '1 0 8 1 2 0 16 2 0 3 3';

async function disksOf(tree: FileTree): Promise<readonly string[]> {
  const files = createMemoryFiles(() => tree);
  const findings = createFindings();
  await createDiskSource({ files, procPath: '/proc', sysPath: '/sys' }).read(findings);
  const devices = findings.samples.map(
    ({ labels }) => labels.find(([name]) => name === 'system_device')?.[1] ?? '',
  );
  return [...new Set(devices)];
}

test('a partition is told by its name where /sys is hidden', async () => {
  const names = ['sda', 'sda1', 'vdb12', 'vdb', 'nvme0n1', 'nvme0n1p3', 'mmcblk0', 'mmcblk0p1'];
  const diskstats = names.map((name, minor) => `8 ${minor} ${name} ${COUNTERS}\n`).join('');
  expect(await disksOf({ '/proc/diskstats': diskstats })).toEqual([
    'sda',
    'vdb',
    'nvme0n1',
    'mmcblk0',
  ]);
});

test('a disk that is plugged in later is found', async () => {
  let tree: FileTree = {
    '/proc/diskstats': `8 0 sda ${COUNTERS}\n`,
    '/sys/block.list': 'sda',
  };
  const source = createDiskSource({
    files: createMemoryFiles(() => tree),
    procPath: '/proc',
    sysPath: '/sys',
  });
  const before = createFindings();
  await source.read(before);
  tree = {
    '/proc/diskstats': `8 0 sda ${COUNTERS}\n8 16 sdb ${COUNTERS}\n8 17 sdb1 ${COUNTERS}\n`,
    '/sys/block.list': 'sda\nsdb',
  };
  const after = createFindings();
  await source.read(after);
  expect(after.samples).toHaveLength(2 * before.samples.length);
});
