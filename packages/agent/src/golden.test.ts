import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { HostSnapshot } from './collector.ts';
import { createFixtureHost, figuresOf } from './testing/fixture-host.ts';
import { signalsOf } from './testing/signals.ts';

/** Each fixture with the signals that its README implies, worked out by hand: percent, at the second collect; 0 is none. */
const HOSTS = [
  // 11 of 1,007 ticks; 1 - MemAvailable / MemTotal; 6100002 of 26597728 blocks, which df rounded up to 23 %.
  { name: 'captured-debian12', cpu: 1.092, memory: 2.033, disk: 22.934 },
  // 3 s of 7.5 s; (429916160 - 104857600) / 536870912; the volume: 750000 of 950000 blocks.
  { name: 'cgroup-v2-container', cpu: 40, memory: 60.546_875, disk: 78.947 },
  // 2 s of 2.5 s; (201326592 - 67108864) / 268435456; the root: 15 of 23.75 million blocks.
  { name: 'cgroup-v1-container', cpu: 80, memory: 50, disk: 63.158 },
  // 400 of 1,000 ticks; available: 512000 - 84480 + 1500000 - 84480 + 153600 - 76800 of 4194304 KiB.
  { name: 'kernel-3.10', cpu: 40, memory: 54.227, disk: 60 },
  // 150 of 500 ticks; available: 204800 - 7200 + (819200 + 102400) - 7200 of 2097152 KiB.
  { name: 'kernel-2.6.18', cpu: 30, memory: 46.976, disk: 0 },
  // 150 of 500 ticks; 10 of 16 GiB available; the fullest file system has nothing left.
  { name: 'odd-names', cpu: 30, memory: 37.5, disk: 100 },
] as const;

async function collectTwice(name: string): Promise<{
  first: HostSnapshot;
  second: HostSnapshot;
  host: ReturnType<typeof createFixtureHost>;
}> {
  const host = createFixtureHost(name);
  const first = await host.collector.collect();
  host.moveTo(2);
  return { first, second: await host.collector.collect(), host };
}

/** Sources are read at the same time: which of them fails first is chance. */
function sortedObject<T>(bySource: ReadonlyMap<string, T>): Record<string, T> {
  return Object.fromEntries([...bySource].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

describe.each(HOSTS)('the host $name', ({ name, cpu, memory, disk }) => {
  test('gives exactly the expected samples and failures', async () => {
    const { first, second, host } = await collectTwice(name);
    const found = {
      first: figuresOf(first),
      second: figuresOf(second),
      failures: sortedObject(host.collector.failures()),
      said: sortedObject(host.said),
    };
    await expect(`${JSON.stringify(found, null, 2)}\n`).toMatchFileSnapshot(
      join(import.meta.dirname, '../fixtures', name, 'expected.json'),
    );
  });

  test('gives the signals that its README implies', async () => {
    const { first, second } = await collectTwice(name);
    const signals = signalsOf(second);
    expect(signalsOf(first).cpu).toBeUndefined();
    expect(signals.cpu).toBeCloseTo(cpu, 3);
    expect(signals.memory).toBeCloseTo(memory, 3);
    expect(signals.disk ?? 0).toBeCloseTo(disk, 3);
  });
});
