import { describe, expect, test } from 'vitest';
import { createHostCollector, type HostCollector, type HostCollectorOptions } from './collector.ts';
import { figuresOf } from './testing/fixture-host.ts';
import { createManualTime } from './testing/manual-time.ts';
import { createMemoryFiles, type FileTree } from './testing/memory-files.ts';
import { SMALL_DISK, SMALL_HOST } from './testing/small-host.ts';

function createSmallHost(options: Partial<HostCollectorOptions> = {}): {
  collector: HostCollector;
  said: string[];
  time: ReturnType<typeof createManualTime>;
  change: (changes: FileTree) => void;
  replace: (tree: FileTree) => void;
} {
  let tree = SMALL_HOST;
  const time = createManualTime();
  const said: string[] = [];
  const collector = createHostCollector({
    nowMs: time.nowMs,
    monotonicMs: time.nowMs,
    schedule: time.schedule,
    platform: 'linux',
    files: createMemoryFiles(() => tree),
    statfs: async () => SMALL_DISK,
    onSourceFailure: (source, error) => said.push(`${source}: ${error.message}`),
    ...options,
  });
  return {
    collector,
    said,
    time,
    change: (changes) => {
      tree = { ...SMALL_HOST, ...changes };
    },
    replace: (replacement) => {
      tree = replacement;
    },
  };
}

/** Lets every promise that can settle do so. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a collect', () => {
  test('bears the time at which it began', async () => {
    const { collector, time } = createSmallHost();
    time.advance(1234);
    expect((await collector.collect()).tMs).toBe(1234);
  });

  test('of a healthy host fails nowhere', async () => {
    const { collector, said } = createSmallHost();
    await collector.collect();
    expect(collector.failures()).toEqual(new Map());
    expect(said).toEqual([]);
  });

  test('that is asked for during another is the same one', async () => {
    const { collector } = createSmallHost();
    const first = collector.collect();
    expect(collector.collect()).toBe(first);
    const snapshot = await first;
    expect(await collector.collect()).not.toBe(snapshot);
  });

  test('gives the same label objects as the one before', async () => {
    const { collector, time } = createSmallHost();
    const labelsOf = async (): Promise<readonly unknown[]> =>
      (await collector.collect()).samples.map(({ labels }) => labels);
    const first = new Set(await labelsOf());
    time.advance(5000);
    const second = await labelsOf();
    expect(second.length).toBeGreaterThan(20);
    expect(second.filter((labels) => !first.has(labels))).toEqual([]);
  });
});

describe('a source that fails', () => {
  test('costs its own samples only', async () => {
    const { collector, change } = createSmallHost();
    const healthy = figuresOf(await collector.collect());
    change({ '/proc/loadavg': 'nonsense' });
    const ill = figuresOf(await collector.collect());
    const missing = Object.keys(healthy).filter((series) => !(series in ill));
    expect(missing.toSorted()).toEqual([
      'system_cpu_load_average_15m',
      'system_cpu_load_average_1m',
      'system_cpu_load_average_5m',
    ]);
  });

  test('is counted in each collect, said once, and said again after it had recovered', async () => {
    const { collector, change, said } = createSmallHost();
    const collectTimes = async (times: number): Promise<void> => {
      if (times === 0) return;
      await collector.collect();
      await collectTimes(times - 1);
    };
    change({ '/proc/uptime': 'nonsense' });
    await collectTimes(3);
    expect(collector.failures()).toEqual(new Map([['uptime', 3]]));
    expect(said).toEqual(['uptime: /proc/uptime: got "nonsense"; want seconds']);
    change({});
    await collectTimes(1);
    change({ '/proc/uptime': '' });
    await collectTimes(2);
    expect(collector.failures()).toEqual(new Map([['uptime', 5]]));
    expect(said).toHaveLength(2);
  });

  test('that never answers is given up after ten seconds and left out until it answers', async () => {
    let answer: (text: string) => void = () => undefined;
    const slow = new Promise<string>((resolve) => {
      answer = resolve;
    });
    const files = createMemoryFiles(() => SMALL_HOST);
    const { collector, time, said } = createSmallHost({
      files: {
        ...files,
        readText: (path) => (path === '/proc/uptime' ? slow : files.readText(path)),
      },
    });
    const first = collector.collect();
    await settle();
    time.advance(10_000);
    expect(figuresOf(await first)).not.toHaveProperty('system_uptime_seconds');
    await collector.collect();
    expect(collector.failures()).toEqual(new Map([['uptime', 2]]));
    expect(said).toEqual([
      'uptime: uptime: got no answer; want one within 10000 ms (left out until it answers)',
    ]);
    answer('42.00 1.00\n');
    await settle();
    expect(figuresOf(await collector.collect())).toHaveProperty('system_uptime_seconds', 42);
  });

  test('without its file is a failure of that source', async () => {
    const { collector, replace } = createSmallHost();
    const { '/proc/net/dev': _, ...others } = SMALL_HOST;
    replace(others);
    const figures = figuresOf(await collector.collect());
    expect(Object.keys(figures).filter((series) => series.includes('network'))).toEqual([]);
    expect(collector.failures()).toEqual(new Map([['network', 1]]));
  });
});
