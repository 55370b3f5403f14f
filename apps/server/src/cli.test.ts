import { EventEmitter } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { type CliOptions, runCli } from './cli.ts';
import type { Config } from './config/settings.ts';
import { StartupError } from './startup-error.ts';

let cwd = '';

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'hubpulse-cli-'));
});

afterEach(() => rm(cwd, { recursive: true }));

/** A stream that keeps what is written, or fails each write with a code of the system. */
class Sink extends Writable {
  text = '';
  readonly #failure: string | undefined;

  constructor(failure?: string) {
    super();
    this.#failure = failure;
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    if (this.#failure === undefined) {
      this.text += chunk.toString();
      done();
    } else {
      done(Object.assign(new Error(`write ${this.#failure}`), { code: this.#failure }));
    }
  }
}

type Run = { stdout?: Sink; stderr?: Sink } & Partial<Omit<CliOptions, 'stdout' | 'stderr'>>;

async function run(line: string, { stdout = new Sink(), stderr = new Sink(), ...rest }: Run = {}) {
  const signals = new EventEmitter();
  const started: Config[] = [];
  const code = await runCli({
    argv: line.split(' ').filter((word) => word !== ''),
    env: {},
    cwd,
    stdout,
    stderr,
    isTerminal: false,
    version: '1.2.3',
    start: async (config) => {
      started.push(config);
      // The signal comes once start-up is over, as from a user who has read the ready line.
      setImmediate(() => signals.emit('SIGINT'));
      return {
        url: `http://${config.host}:${config.port}`,
        failed: new Promise(() => undefined),
        close: async () => undefined,
      };
    },
    signals,
    ...rest,
  });
  return { code, stdout: stdout.text, stderr: stderr.text, started };
}

test.each(['', 'start'])(
  '%o starts, prints one line with the URL, and ends with 0',
  async (line) => {
    const { code, stdout, stderr, started } = await run(line);
    expect(stdout).toBe(
      `Hubpulse is ready: http://127.0.0.1:4600  (data: ${cwd}/data, press Ctrl-C to stop)\n`,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(started).toHaveLength(1);
  },
);

test('start gets the configuration of file, variables and flags', async () => {
  await writeFile(join(cwd, 'my.yaml'), 'retention_raw_days: 3\n');
  const { started } = await run('--config my.yaml --port 0', {
    env: { HUBPULSE_AGENT_INTERVAL_MS: '1000' },
  });
  expect(started).toMatchObject([{ retentionRawDays: 3, port: 0, agentIntervalMs: 1000 }]);
});

test('config prints the table and starts nothing', async () => {
  const { code, stdout, stderr, started } = await run('config --port 4700');
  expect({ code, stderr, started }).toEqual({ code: 0, stderr: '', started: [] });
  expect(stdout).toMatch(/^KEY +VALUE +SOURCE\n/);
  expect(stdout).toMatch(/^port +4700 +--port$/m);
});

test('config --json prints JSON', async () => {
  const { code, stdout } = await run('config --json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toHaveProperty('port.value', 4600);
});

test('rules check tells what is wrong with rule files, and starts nothing', async () => {
  const text = (record: string): string =>
    `groups:\n- name: a\n  rules:\n  - record: ${record}\n    expr: up\n`;
  await writeFile(join(cwd, 'good.yaml'), text('x'));
  await writeFile(join(cwd, 'twice.yaml'), `${text('x')}  - { record: x, expr: down }\n`);
  await writeFile(join(cwd, 'bad.yaml'), text('x-y'));
  const valid = await run('rules check good.yaml twice.yaml', { env: { HUBPULSE_PORT: 'bad' } });
  expect(valid).toEqual({
    code: 0,
    stdout:
      'good.yaml: valid; 1 rules in 1 groups\n' +
      'twice.yaml: warning: group "a": x is recorded twice with the same labels\n' +
      'twice.yaml: valid; 2 rules in 1 groups\n',
    stderr: '',
    started: [],
  });
  const { code, stdout } = await run('rules check bad.yaml good.yaml none.yaml');
  expect(code).toBe(1);
  expect(stdout.split('\n')).toEqual([
    'bad.yaml:4:13: groups[0].rules[0].record: got "x-y"; want a metric name: letters, digits, _ and :, no digit first',
    'good.yaml: valid; 1 rules in 1 groups',
    'none.yaml: got no such file; want a readable YAML file of at most 512 KiB in UTF-8',
    '',
  ]);
});

test('--version prints the version, --help the usage, whatever the configuration', async () => {
  const env = { HUBPULSE_PORT: 'bad' };
  expect(await run('--version', { env })).toMatchObject({ code: 0, stdout: '1.2.3\n', stderr: '' });
  const { code, stdout } = await run('--help', { env });
  expect(code).toBe(0);
  expect(stdout).toContain('Usage: hubpulse');
});

test.each(['', 'config'])(
  '%o lists every fault in a line of its own and ends with 2',
  async (line) => {
    const env = { HUBPULSE_PORT: 'x', HUBPULSE_LOG_LEVEL: 'loud' };
    const { code, stdout, stderr, started } = await run(line, { env });
    expect({ code, stdout, started }).toEqual({ code: 2, stdout: '', started: [] });
    expect(stderr).toMatch(
      /^hubpulse: HUBPULSE_LOG_LEVEL: got "loud"; want .+\nhubpulse: HUBPULSE_PORT: got "x"; want .+\n$/,
    );
  },
);

test('of very many faults twenty are listed, the rest is counted', async () => {
  const keys = Array.from({ length: 50 }, (_, index) => `strange_${index}: 1\n`);
  await writeFile(join(cwd, 'hubpulse.yaml'), keys.join(''));
  const lines = (await run('')).stderr.trimEnd().split('\n');
  expect(lines).toHaveLength(21);
  expect(lines.at(-1)).toBe('hubpulse: 30 more faults are not shown.');
});

test('an unknown command is one line and code 2', async () => {
  const { code, stderr } = await run('strat');
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /^hubpulse: "strat": got an unknown command; .+ Did you mean start\? .+\n$/,
  );
});

test('a StartupError of start is one line without a stack, and code 2', async () => {
  const fault = {
    what: '127.0.0.1:4600',
    got: 'a port in use',
    want: 'a free one',
    remedy: 'Set HUBPULSE_PORT.',
  };
  const { code, stdout, stderr } = await run('', {
    start: () => Promise.reject(new StartupError(fault)),
  });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toBe(
    'hubpulse: 127.0.0.1:4600: got a port in use; want a free one. Set HUBPULSE_PORT.\n',
  );
});

test('any other failure of start is logged with its stack, and code 1', async () => {
  const { code, stderr } = await run('', { start: () => Promise.reject(new Error('a defect')) });
  expect(code).toBe(1);
  expect(JSON.parse(stderr)).toMatchObject({
    level: 'error',
    msg: 'Hubpulse could not start.',
    err: { message: 'a defect', stack: expect.stringContaining('cli.test.ts') },
  });
});

const failToStart = { start: () => Promise.reject(new Error('a defect')), isTerminal: true };

test('on a terminal the log has colours', async () => {
  expect((await run('', failToStart)).stderr).toContain('\u001b[');
  expect((await run('', { ...failToStart, env: { NO_COLOR: '' } })).stderr).toContain('\u001b[');
});

test('NO_COLOR takes the colours out', async () => {
  const { stderr } = await run('', { ...failToStart, env: { NO_COLOR: '1' } });
  expect(stderr).toContain('ERROR: Hubpulse could not start.');
  expect(stderr).not.toContain('\u001b');
});

test('the log level holds', async () => {
  const env = {
    HUBPULSE_HOST: '0.0.0.0',
    HUBPULSE_ALLOW_UNAUTHENTICATED_ACCESS: 'true',
  };
  expect((await run('', { env })).stderr).toContain('Everyone who can reach this host');
  expect((await run('', { env: { ...env, HUBPULSE_LOG_LEVEL: 'error' } })).stderr).toBe('');
});

test.each(['config', '--help', ''])('a reader of %o that goes away is no fault', async (line) => {
  const { code, stderr } = await run(line, { stdout: new Sink('EPIPE') });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('an answer that cannot be written is a fault', async () => {
  const { code, stderr } = await run('config', { stdout: new Sink('ENOSPC') });
  expect(code).toBe(1);
  expect(stderr).toBe('hubpulse: standard output cannot be written: write ENOSPC\n');
});

test('a ready line that cannot be written is logged, and the server runs on', async () => {
  const { code, stderr } = await run('', { stdout: new Sink('ENOSPC') });
  expect(code).toBe(0);
  expect(JSON.parse(stderr)).toMatchObject({ level: 'warn', err: { code: 'ENOSPC' } });
});

test('a log that nobody reads any more ends nothing', async () => {
  const { code } = await run('', { ...failToStart, stderr: new Sink('EPIPE') });
  expect(code).toBe(1);
});
