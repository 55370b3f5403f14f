import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { type ConfigOrigins, loadConfig } from './config.ts';
import type { Reading } from './reading.ts';

let cwd = '';

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'hubpulse-config-'));
});

afterEach(() => rm(cwd, { recursive: true }));

async function load(origins: Partial<ConfigOrigins> = {}) {
  const loaded = await loadConfig({ env: {}, cwd, ...origins });
  if (!loaded.ok) throw new Error(loaded.faults.map((fault) => fault.message).join('\n'));
  return loaded;
}

async function faultsOf(origins: Partial<ConfigOrigins>): Promise<string[]> {
  const loaded = await loadConfig({ env: {}, cwd, ...origins });
  return loaded.ok ? [] : loaded.faults.map((fault) => fault.message.replaceAll(`${cwd}/`, ''));
}

function portFlag(value: unknown): Reading[] {
  return [{ name: 'port', value, source: { kind: 'flag', name: '--port' } }];
}

test('without any source every default holds', async () => {
  const { config, sources } = await load();
  expect(config).toEqual({
    host: '127.0.0.1',
    port: 4600,
    otlpPort: 4318,
    dataDir: join(cwd, 'data'),
    agentIntervalMs: 5000,
    retentionRawDays: 15,
    retention1mDays: 90,
    retention1hDays: 730,
    logLevel: 'info',
    ingestMaxBodyMib: 16,
    ingestMaxSeries: 1_000_000,
    ingestMaxSeriesPerSender: 500_000,
    ingestMaxSpanLabelSets: 2000,
    ingestMaxLabels: 64,
    ingestMaxLabelBytes: 4096,
    ingestMaxFutureMinutes: 10,
    scrapeTargets: [],
    scrapeConfigs: [],
    ruleFiles: [],
    builtinRules: true,
    allowedHosts: [],
    allowUnauthenticatedAccess: false,
  });
  expect(new Set(Object.values(sources).map(({ kind }) => kind))).toEqual(new Set(['default']));
});

test('the file overrides defaults, variables the file, flags variables', async () => {
  const path = join(cwd, 'hubpulse.yaml');
  await writeFile(path, 'log_level: warn\nretention_raw_days: 30\nport: 1\n');
  const env = { HUBPULSE_RETENTION_RAW_DAYS: '60', HUBPULSE_PORT: '2' };
  const { config, sources } = await load({ env, flags: portFlag(3) });
  expect(config).toMatchObject({
    host: '127.0.0.1',
    logLevel: 'warn',
    retentionRawDays: 60,
    port: 3,
  });
  expect(sources).toMatchObject({
    host: { kind: 'default' },
    logLevel: { kind: 'file', path, line: 1 },
    retentionRawDays: { kind: 'variable', name: 'HUBPULSE_RETENTION_RAW_DAYS' },
    port: { kind: 'flag', name: '--port' },
  });
});

test('a value equal to its default still has its own source', async () => {
  const { sources } = await load({ env: { HUBPULSE_PORT: '4600' } });
  expect(sources.port).toEqual({ kind: 'variable', name: 'HUBPULSE_PORT' });
});

test('false and 0 override as any other value does', async () => {
  await writeFile(join(cwd, 'hubpulse.yaml'), 'allow_unauthenticated_access: true\n');
  const env = { HUBPULSE_ALLOW_UNAUTHENTICATED_ACCESS: 'false', HUBPULSE_AGENT_INTERVAL_MS: '0' };
  const { config } = await load({ env });
  expect(config).toMatchObject({ allowUnauthenticatedAccess: false, agentIntervalMs: 0 });
});

test('--config wins over HUBPULSE_CONFIG, and both over the usual file', async () => {
  await mkdir(join(cwd, 'etc'));
  await writeFile(join(cwd, 'hubpulse.yaml'), 'port: 1\n');
  await writeFile(join(cwd, 'etc/b.yaml'), 'port: 2\n');
  await writeFile(join(cwd, 'etc/c.yaml'), 'port: 3\n');
  const env = { HUBPULSE_CONFIG: 'etc/b.yaml' };
  expect((await load()).config.port).toBe(1);
  expect((await load({ env })).config.port).toBe(2);
  expect((await load({ env, configFile: join(cwd, 'etc/c.yaml') })).config.port).toBe(3);
});

test('relative rule files start at the working directory', async () => {
  const env = { HUBPULSE_RULE_FILES: 'rules/*.yaml,/etc/rules.yaml' };
  expect((await load({ env })).config.ruleFiles).toEqual([
    join(cwd, 'rules/*.yaml'),
    '/etc/rules.yaml',
  ]);
});

test('a relative data directory starts at the working directory, wherever the file lies', async () => {
  await mkdir(join(cwd, 'etc'));
  await writeFile(join(cwd, 'etc/b.yaml'), 'data_dir: store/x\n');
  expect((await load({ configFile: 'etc/b.yaml' })).config.dataDir).toBe(join(cwd, 'store/x'));
  expect((await load({ env: { HUBPULSE_DATA_DIR: '/srv/p' } })).config.dataDir).toBe('/srv/p');
});

test('a named file must exist, the usual one need not', async () => {
  expect(await faultsOf({})).toEqual([]);
  expect(await faultsOf({ configFile: 'no.yaml' })).toEqual([
    expect.stringMatching(/^no\.yaml: got no such file; want /),
  ]);
  expect(await faultsOf({ env: { HUBPULSE_CONFIG: 'no.yaml' } })).toHaveLength(1);
});

test('hubpulse.yml is not passed over in silence', async () => {
  await writeFile(join(cwd, 'hubpulse.yml'), 'port: 1\n');
  expect(await faultsOf({})).toEqual([
    'hubpulse.yml: got a name that Hubpulse does not look for; want hubpulse.yaml. Rename the file, or name it with --config or HUBPULSE_CONFIG.',
  ]);
  expect((await load({ configFile: 'hubpulse.yml' })).config.port).toBe(1);
});

test('a bad value names its place, what was found and the default', async () => {
  await writeFile(join(cwd, 'hubpulse.yaml'), 'host: localhost\nport: "4600"\n');
  expect(
    await faultsOf({ env: { HUBPULSE_AGENT_INTERVAL_MS: '10' }, flags: portFlag(70_000) }),
  ).toEqual([
    'hubpulse.yaml:2: port: got "4600"; want a whole number from 0 to 65535 (0 = any free port). Correct it, or leave it out for the default, 4600.',
    'HUBPULSE_AGENT_INTERVAL_MS: got 10; want a whole number from 1000 to 60000, or 0 (off). Correct it, or leave it out for the default, 5000.',
    '--port: got 70000; want a whole number from 0 to 65535 (0 = any free port). Correct it, or leave it out for the default, 4600.',
  ]);
});

test('a bad value is refused although another source overrides it', async () => {
  await writeFile(join(cwd, 'hubpulse.yaml'), 'port: -5\n');
  expect(await faultsOf({ flags: portFlag(1) })).toEqual([expect.stringContaining('got -5;')]);
});

test('of a list only the item at fault is shown', async () => {
  const env = { HUBPULSE_ALLOWED_HOSTS: 'a.example,http://b.example,c.example' };
  expect(await faultsOf({ env })).toEqual([
    expect.stringMatching(/^HUBPULSE_ALLOWED_HOSTS: got "http:\/\/b\.example"; want host names/),
  ]);
});

test('faults of every source are reported together', async () => {
  await writeFile(join(cwd, 'hubpulse.yaml'), 'prot: 1\nlog_level: loud\n');
  const env = { HUBPULSE_FOO: '1', HUBPULSE_PORT: 'x', HUBPULSE_HOST: '0.0.0.0' };
  expect(await faultsOf({ env, flags: portFlag('y') })).toEqual([
    expect.stringMatching(/^hubpulse\.yaml:1:1: got the unknown key/),
    expect.stringMatching(/^HUBPULSE_FOO: got an unknown variable/),
    expect.stringMatching(/^hubpulse\.yaml:2: log_level: got "loud"/),
    expect.stringMatching(/^HUBPULSE_PORT: got "x"/),
    expect.stringMatching(/^--port: got "y"/),
    expect.stringMatching(/^HUBPULSE_HOST: got "0\.0\.0\.0", which other machines may reach/),
  ]);
});

test.each(['0.0.0.0', '::', '10.0.0.7', 'hub.example.org'])(
  'the host %s is refused without a word that everyone may come in',
  async (host) => {
    const env = { HUBPULSE_HOST: host };
    const [line] = await faultsOf({ env });
    expect(line).toContain('set allow_unauthenticated_access: true');
    const allowed = { ...env, HUBPULSE_ALLOW_UNAUTHENTICATED_ACCESS: 'true' };
    expect((await load({ env: allowed })).config.host).toBe(host);
  },
);

test('a text that is no number is not echoed without end', async () => {
  const lines = await faultsOf({ env: { HUBPULSE_PORT: 'x'.repeat(100_000) } });
  expect(lines).toEqual([expect.stringContaining('… (100000 characters)')]);
  expect(lines.join('').length).toBeLessThan(400);
});
