import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createApiClient } from '@hubpulse/api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { runHubpulse, startHubpulse, temporaryDirectory } from '../harness/hubpulse-process.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;

beforeEach(async () => {
  directory = await temporaryDirectory();
});

afterEach(() => directory.remove());

const FAST = { HUBPULSE_AGENT_INTERVAL_MS: '1000' };

const figuresOf = async (url: string) => {
  const { data } = await createApiClient({ baseUrl: url }).monitoringMetrics({ range: '5m' });
  return data.filter(({ memory }) => memory !== null);
};

describe('a server', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'ends in order on %s, also with an open live stream',
    async (signal) => {
      const server = await startHubpulse(directory.path, FAST);
      const stream = await fetch(`${server.url}/api/v1/live`);
      const reading = stream.text();
      server.child.kill(signal);
      const { code, stderr } = await server.ended;
      expect(code).toBe(0);
      expect(stderr).not.toMatch(/error/i);
      await reading;
    },
  );

  test('prints one line with its URL on standard output', async () => {
    const server = await startHubpulse(directory.path, FAST);
    const { stdout } = await server.stop();
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(stdout).toContain(server.url);
  });

  test('has what it collected after it was stopped, and after kill -9', async () => {
    const first = await startHubpulse(directory.path, FAST);
    await eventually('three figures', async () => (await figuresOf(first.url)).length >= 3);
    const before = await figuresOf(first.url);
    first.child.kill('SIGKILL');
    await first.ended;

    const second = await startHubpulse(directory.path, FAST);
    const after = await figuresOf(second.url);
    await second.stop();
    expect(after.map((p) => [p.timestamp, p.memory])).toEqual(
      expect.arrayContaining(before.slice(0, -1).map((p) => [p.timestamp, p.memory])),
    );
  });
});

describe('what cannot start says so in one line and exits with 2:', () => {
  const refused = async (variables: Record<string, string>, args: string[] = []) => {
    const ended = await runHubpulse(
      args,
      { HUBPULSE_PORT: '0', HUBPULSE_DATA_DIR: directory.path, ...variables },
      directory.path,
    );
    expect(ended.code).toBe(2);
    expect(ended.stdout).toBe('');
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
    expect(ended.stderr).not.toMatch(/\n\s+at /);
    return ended.stderr;
  };

  test('a data directory that another server uses', async () => {
    const first = await startHubpulse(directory.path, FAST);
    const line = await refused({});
    await first.stop();
    expect(line).toContain(directory.path);
    expect(line).toContain('another Hubpulse');
  });

  test('a busy port', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as AddressInfo;
    const line = await refused({ HUBPULSE_PORT: String(port) });
    blocker.close();
    expect(line).toContain(`127.0.0.1:${port}`);
    expect(line).toContain('HUBPULSE_PORT');
  });

  test('a data directory that cannot be made', async () => {
    await writeFile(join(directory.path, 'file'), '');
    const line = await refused({ HUBPULSE_DATA_DIR: join(directory.path, 'file', 'data') });
    expect(line).toContain('HUBPULSE_DATA_DIR');
  });

  test('an unknown variable', async () => {
    expect(await refused({ HUBPULSE_PROT: '4600' })).toContain('HUBPULSE_PORT');
  });

  test('a bad value in the file, with its line', async () => {
    await writeFile(join(directory.path, 'hubpulse.yaml'), 'log_level: info\nport: many\n');
    const ended = await runHubpulse([], {}, directory.path);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('hubpulse.yaml:2');
  });

  test('a host that other machines can reach', async () => {
    expect(await refused({ HUBPULSE_HOST: '0.0.0.0' })).toContain('allow_unauthenticated_access');
  });
});

test('hubpulse config prints each value with its source', async () => {
  await writeFile(join(directory.path, 'hubpulse.yaml'), 'port: 4700\n');
  const ended = await runHubpulse(['config'], { HUBPULSE_LOG_LEVEL: 'warn' }, directory.path);
  expect(ended.code).toBe(0);
  expect(ended.stdout).toMatch(/port\s+4700\s+.*hubpulse\.yaml:1/);
  expect(ended.stdout).toMatch(/log_level\s+warn\s+HUBPULSE_LOG_LEVEL/);
  expect(ended.stdout).toMatch(/host\s+127\.0\.0\.1\s+default/);
});

const canMount = process.platform === 'linux' && process.getuid?.() === 0;

describe.skipIf(!canMount)('on a disk that is full (needs root to mount one)', () => {
  const mounted = (...args: string[]) => {
    const { status, stderr } = spawnSync(args[0] ?? '', args.slice(1), { encoding: 'utf8' });
    if (status !== 0) throw new Error(`got "${stderr.trim()}"; want ${args.join(' ')} to work`);
  };

  beforeEach(() => mounted('mount', '-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', directory.path));

  afterEach(() => mounted('umount', directory.path));

  test('the server says not ready, keeps what it acknowledged, and recovers when there is room', async () => {
    const server = await startHubpulse(directory.path, FAST);
    await eventually('figures', async () => (await figuresOf(server.url)).length >= 2);
    const filler = join(directory.path, 'filler');
    spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4k']);
    const status = async () => (await fetch(`${server.url}/readyz`)).status;
    await eventually('not ready', async () => (await status()) === 503);
    const answer = (await (await fetch(`${server.url}/readyz`)).json()) as {
      error: { message: string };
    };
    expect(answer.error.message).toMatch(/full|no room|space/i);
    expect((await figuresOf(server.url)).length).toBeGreaterThanOrEqual(2);
    spawnSync('rm', [filler]);
    await eventually('ready again', async () => (await status()) === 200);
    const { code } = await server.stop();
    expect(code).toBe(0);
  });
});
