import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pathWithoutProject, root } from './project.mjs';

let dataDir: string;
let started: ChildProcess[];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'hubpulse-start-'));
  started = [];
});

afterEach(() => {
  for (const { pid = 0, exitCode, signalCode } of started) {
    if (exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL');
  }
  rmSync(dataDir, { recursive: true, force: true });
});

/** Types `npm start` in a terminal of its own, as far as signals are concerned: a process group. */
function npmStart(...args: readonly string[]): ChildProcess {
  const child = spawn('npm', ['start', '--', ...args], {
    cwd: root,
    env: { ...process.env, PATH: pathWithoutProject(), HUBPULSE_DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  started.push(child);
  return child;
}

/** What the child has printed when it has printed an address, or has ended. */
async function outputOf({ stdout }: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of stdout ?? []) {
    text += String(chunk);
    if (/http:\S+/.test(text)) return text;
  }
  return text;
}

function addressIn(output: string): string {
  return /http:\S+/.exec(output)?.[0] ?? 'no address';
}

async function isListening(address: string): Promise<boolean> {
  return fetch(`${address}/healthz`).then(
    ({ ok }) => ok,
    () => false,
  );
}

test('npm start prints one line with the address', async () => {
  const output = await outputOf(npmStart('--port', '0'));
  expect(output.split('\n').filter((line) => line.includes('http:'))).toHaveLength(1);
  expect(await isListening(addressIn(output))).toBe(true);
});

test.each([
  ['SIGTERM to npm', 'SIGTERM', (pid: number) => pid],
  ['SIGINT to npm', 'SIGINT', (pid: number) => pid],
  ['Ctrl-C, which reaches npm and the server,', 'SIGINT', (pid: number) => -pid],
] as const)('%s stops the server in order', async (_name, signal, targetOf) => {
  const npm = npmStart('--port', '0');
  const address = addressIn(await outputOf(npm));
  process.kill(targetOf(npm.pid ?? 0), signal);
  expect(await once(npm, 'exit')).toEqual([0, null]);
  expect(await isListening(address)).toBe(false);
});

test("the arguments are the server's, and so is the exit code", async () => {
  const npm = npmStart('--prot', '0');
  expect(await once(npm, 'exit')).toEqual([2, null]);
});
