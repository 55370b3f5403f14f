import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createHostCollector } from './collector.ts';
import { figuresOf } from './testing/fixture-host.ts';

const run = promisify(execFile);

/** The output of a command of the base system in lines, in the C locale. */
async function linesOf(command: string, ...args: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await run(command, args, { env: { ...process.env, LC_ALL: 'C' } });
  return stdout.trim().split('\n');
}

async function collect(): Promise<{
  figures: Readonly<Record<string, number>>;
  failures: ReadonlyMap<string, number>;
}> {
  const collector = createHostCollector({
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
  });
  return { figures: figuresOf(await collector.collect()), failures: collector.failures() };
}

/** Other processes go on between our reading and the command's: 5 % of the whole is generous for both. */
const DRIFT = 0.05;

const onLinux = process.platform === 'linux';

/** The smallest Debian images come without the package procps. */
const hasFree = existsSync('/usr/bin/free');

describe.skipIf(!onLinux)(
  `on this machine${onLinux ? '' : ' (skipped: free, df and /proc are those of Linux)'}`,
  () => {
    test('no source fails', async () => {
      expect((await collect()).failures).toEqual(new Map());
    });

    const whyNot = hasFree ? '' : ' (skipped: /usr/bin/free of procps is missing)';
    test.skipIf(!hasFree)(
      `memory agrees with free, unless a cgroup limits it${whyNot}`,
      async () => {
        const { figures } = await collect();
        const [, memory = ''] = await linesOf('free', '-b');
        const [, total = 0, , free = 0, , , available = 0] = memory.split(/ +/).map(Number);
        const limit = figures['system_memory_limit_bytes'] ?? 0;
        expect(limit).toBeGreaterThan(0);
        expect(limit).toBeLessThanOrEqual(total);
        if (limit < total) return;
        const drift = total * DRIFT;
        const near = (series: string, want: number): void =>
          expect(Math.abs((figures[series] ?? Number.NaN) - want)).toBeLessThan(drift);
        near('system_memory_linux_available_bytes', available);
        near('system_memory_usage_bytes{system_memory_state="used"}', total - available);
        near('system_memory_usage_bytes{system_memory_state="free"}', free);
      },
    );

    test('each file system agrees with df', async () => {
      const { figures } = await collect();
      const mounts = Object.keys(figures).flatMap(
        (series) => /^system_filesystem_limit_bytes\{(.*)\}$/.exec(series)?.[1] ?? [],
      );
      expect(mounts.length).toBeGreaterThan(0);
      await Promise.all(
        mounts.map(async (labels) => {
          const path = JSON.parse(
            `"${/mountpoint="((?:[^"\\]|\\.)*)"/.exec(labels)?.[1] ?? ''}"`,
          ) as string;
          const [, line = ''] = await linesOf('df', '-B1', '--output=size,used,avail,pcent', path);
          const [size = 0, used = 0, available = 0, percent = 0] = line
            .trim()
            .split(/[ %]+/)
            .map(Number);
          const inState = (state: string): number => {
            const at = labels.indexOf('system_filesystem_type');
            const full = `${labels.slice(0, at)}system_filesystem_state="${state}",${labels.slice(at)}`;
            return figures[`system_filesystem_usage_bytes{${full}}`] ?? Number.NaN;
          };
          expect(figures[`system_filesystem_limit_bytes{${labels}}`]).toBe(size);
          expect(Math.abs(inState('used') - used)).toBeLessThan(size * DRIFT);
          expect(Math.abs(inState('free') - available)).toBeLessThan(size * DRIFT);
          const ratio = figures[`system_filesystem_utilization_ratio{${labels}}`] ?? Number.NaN;
          expect(Math.abs(100 * ratio - percent)).toBeLessThan(5);
        }),
      );
    });

    test('load agrees with /proc/loadavg', async () => {
      const { figures } = await collect();
      const [one = 0, five = 0, fifteen = 0] = (await readFile('/proc/loadavg', 'utf8'))
        .split(' ')
        .map(Number);
      // The kernel moves the averages every five seconds; one step of the quickest is 8 % of the change of load.
      expect(Math.abs((figures['system_cpu_load_average_1m'] ?? Number.NaN) - one)).toBeLessThan(1);
      expect(Math.abs((figures['system_cpu_load_average_5m'] ?? Number.NaN) - five)).toBeLessThan(
        1,
      );
      expect(
        Math.abs((figures['system_cpu_load_average_15m'] ?? Number.NaN) - fifteen),
      ).toBeLessThan(1);
    });

    test('traffic lies between what /proc/net/dev says before and after', async () => {
      const before = await receivedBytes();
      const { figures } = await collect();
      const after = await receivedBytes();
      expect(before.size).toBeGreaterThan(0);
      for (const [name, bytes] of before) {
        const received =
          figures[
            `system_network_io_bytes_total{network_interface_name="${name}",network_io_direction="receive"}`
          ];
        expect(received).toBeGreaterThanOrEqual(bytes);
        expect(received).toBeLessThanOrEqual(after.get(name) ?? 0);
      }
    });

    test('CPUs, uptime and processes agree with the system', async () => {
      const { figures } = await collect();
      const [cpus = ''] = await linesOf('getconf', '_NPROCESSORS_ONLN');
      expect(figures['system_cpu_logical_count']).toBe(Number(cpus));
      const uptime = Number((await readFile('/proc/uptime', 'utf8')).split(' ')[0]);
      expect(uptime - (figures['system_uptime_seconds'] ?? 0)).toBeLessThan(60);
      const processes = (await linesOf('ls', '/proc')).filter((name) => /^\d+$/.test(name));
      const counted = figures['system_process_count'] ?? Number.NaN;
      expect(Math.abs(counted - processes.length)).toBeLessThan(20 + processes.length * 0.2);
    });
  },
);

async function receivedBytes(): Promise<ReadonlyMap<string, number>> {
  const lines = (await readFile('/proc/net/dev', 'utf8')).trim().split('\n').slice(2);
  return new Map(
    lines.map((line) => {
      const [name = '', counters = ''] = line.split(/:(?=[^:]*$)/);
      return [name.trim(), Number(counters.trim().split(/ +/)[0])];
    }),
  );
}
