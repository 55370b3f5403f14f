import type { FileTree } from './memory-files.ts';

/** The heading of /proc/net/dev. */
export const NET_DEV_HEADING = 'Inter-| Receive\n face | bytes\n';

/** A healthy little host: one CPU, 1 GiB with half of it available, one disk, one interface, one file system. */
export const SMALL_HOST: FileTree = {
  '/proc/stat': 'cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 100 0 100 800 0 0 0 0 0 0\nintr 1\n',
  '/proc/meminfo':
    'MemTotal: 1048576 kB\nMemFree: 262144 kB\nMemAvailable: 524288 kB\nBuffers: 0 kB\nCached: 262144 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n',
  '/proc/loadavg': '0.10 0.20 0.30 1/2 3\n',
  '/proc/uptime': '10.00 8.00\n',
  '/proc/diskstats': '8 0 sda 1 0 8 1 2 0 16 2 0 3 3\n',
  '/proc/net/dev': `${NET_DEV_HEADING} eth0: 1 2 0 0 0 0 0 0 3 4 0 0 0 0 0 0\n`,
  '/proc/self/mountinfo': '1 0 8:1 / / rw - ext4 /dev/sda1 rw\n',
  '/proc.list': '1\n2\nself',
  '/sys/block.list': 'sda',
};

/** The answer of `statfs` for the small host: a tenth is used. */
export const SMALL_DISK = { bsize: 4096, frsize: 4096, blocks: 1000, bfree: 900, bavail: 900 };
