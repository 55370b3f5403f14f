import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHostCollector } from './collector.ts';
import { createMemoryFiles, type FileTree } from './testing/memory-files.ts';
import { SMALL_DISK, SMALL_HOST } from './testing/small-host.ts';

const LIMITED: FileTree = {
  ...SMALL_HOST,
  '/proc/self/cgroup': '0::/app\n',
  '/proc/self/mountinfo':
    '1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:2 / /sys/fs/cgroup rw - cgroup2 cgroup rw\n',
  '/proc/sys/vm/min_free_kbytes': '1024\n',
  '/sys/fs/cgroup/app/cpu.max': '50000 100000\n',
  '/sys/fs/cgroup/app/cpu.stat': 'usage_usec 5\nuser_usec 3\nsystem_usec 2\n',
  '/sys/fs/cgroup/app/memory.max': '1048576\n',
  '/sys/fs/cgroup/app/memory.current': '524288\n',
  '/sys/fs/cgroup/app/memory.stat': 'file 4096\ninactive_file 4096\n',
};

const PATHS = Object.keys(LIMITED);

/** A healthy file with pieces cut out, replaced by numbers of any size, or by anything at all. */
function damaged(text: string): fc.Arbitrary<string> {
  const number = fc.oneof(
    fc.constantFrom('0', '-1', '18446744073709551615', '99999999999999999999', 'NaN', '1e999'),
    fc.nat().map(String),
  );
  const numbers = fc
    .array(number, { minLength: 1, maxLength: 8 })
    .map((all) => text.replaceAll(/\d+/g, (_, at: number) => all[at % all.length] ?? '0'));
  const cut = fc.nat(text.length).map((length) => text.slice(0, length));
  return fc.oneof(numbers, cut, fc.string({ unit: 'binary' }), fc.constant(text));
}

/** Any of the files may also be missing. */
const hostTree: fc.Arbitrary<FileTree> = fc
  .tuple(...PATHS.map((path) => fc.option(damaged(LIMITED[path] ?? ''))))
  .map((texts) =>
    Object.fromEntries(
      texts.flatMap((text, at) => (text === null ? [] : [[PATHS[at] ?? '', text]])),
    ),
  );

const figure = fc.oneof(fc.nat(), fc.double(), fc.constantFrom(2 ** 64, -1, Infinity));
const space = fc.record({
  bsize: figure,
  frsize: fc.option(figure, { nil: undefined }),
  blocks: figure,
  bfree: figure,
  bavail: figure,
});

test('garbage in any file never throws, and never gives NaN, infinite or negative figures', async () => {
  await fc.assert(
    fc.asyncProperty(hostTree, hostTree, space, async (first, second, answer) => {
      let tree: FileTree = first;
      let nowMs = 0;
      const collector = createHostCollector({
        nowMs: () => nowMs,
        monotonicMs: () => nowMs,
        schedule: () => () => undefined,
        platform: 'linux',
        files: createMemoryFiles(() => tree),
        statfs: async () => answer,
      });
      const snapshots = [await collector.collect()];
      tree = second;
      nowMs = 5000;
      snapshots.push(await collector.collect());
      for (const { samples } of snapshots) {
        expect(samples.filter(({ value }) => !(value >= 0 && value < Infinity))).toEqual([]);
      }
    }),
    { numRuns: 300 },
  );
});

test('shares of time and space stay between 0 and 1 whatever the counters do', async () => {
  const counter = fc.nat({ max: 10_000 });
  const times = fc.tuple(counter, counter, counter, counter, counter, counter, counter, counter);
  await fc.assert(
    fc.asyncProperty(fc.array(times, { minLength: 2, maxLength: 6 }), async (readings) => {
      let stat = '';
      const collector = createHostCollector({
        nowMs: () => 0,
        monotonicMs: () => 0,
        schedule: () => () => undefined,
        platform: 'linux',
        files: createMemoryFiles(() => ({ ...SMALL_HOST, '/proc/stat': stat })),
        statfs: async () => SMALL_DISK,
      });
      const sums: number[] = [];
      for (const reading of readings) {
        stat = `cpu  ${reading.join(' ')}\ncpu0 ${reading.join(' ')}\n`;
        // Each collect compares with the one before.
        // oxlint-disable-next-line no-await-in-loop
        const { samples } = await collector.collect();
        const shares = samples
          .filter(({ labels }) =>
            labels.some(([, value]) => value === 'system_cpu_utilization_ratio'),
          )
          .map(({ value }) => value);
        for (const share of shares) expect(share).toBeLessThanOrEqual(1);
        if (shares.length > 0) sums.push(shares.reduce((sum, share) => sum + share, 0));
      }
      for (const sum of sums) expect(sum).toBeCloseTo(1, 9);
    }),
  );
});

test('a damaged host is told apart from a healthy one', async () => {
  const failuresOf = async (tree: FileTree): Promise<number> => {
    const collector = createHostCollector({
      nowMs: () => 0,
      monotonicMs: () => 0,
      platform: 'linux',
      files: createMemoryFiles(() => tree),
      statfs: async () => SMALL_DISK,
    });
    await collector.collect();
    return collector.failures().size;
  };
  expect(await failuresOf(LIMITED)).toBe(0);
  expect(await failuresOf({})).toBe(8);
});
