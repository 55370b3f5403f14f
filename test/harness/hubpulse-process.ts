import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../apps/server/dist/main.js', import.meta.url));

/** The longest that a server may take to its first line before a test gives up on it. */
const START_LIMIT_MS = 30_000;

/** How a process ended, and all that it said. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built server in a process of its own. */
export interface HubpulseProcess {
  readonly url: string;
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Sends SIGTERM and waits for the end. */
  stop(): Promise<Ended>;
}

/** Settings of a run, as variables: `{ HUBPULSE_PORT: '0' }`. */
export type Variables = Readonly<Record<string, string>>;

/** An empty folder that `remove` deletes. */
export async function temporaryDirectory(): Promise<{
  readonly path: string;
  remove(): Promise<void>;
}> {
  const path = await mkdtemp(join(tmpdir(), 'hubpulse-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Runs the built command to its end. */
export async function runHubpulse(
  args: readonly string[],
  variables: Variables,
  cwd: string,
): Promise<Ended> {
  return endOf(spawnHubpulse(args, variables, cwd));
}

/**
 * Starts the built server in `dataDir`, on a free port and without an OTLP port of its own unless `variables` say otherwise, and
 * waits until it listens.
 */
export async function startHubpulse(
  dataDir: string,
  variables: Variables = {},
): Promise<HubpulseProcess> {
  const child = spawnHubpulse(
    [],
    { HUBPULSE_PORT: '0', HUBPULSE_OTLP_PORT: '0', HUBPULSE_DATA_DIR: dataDir, ...variables },
    tmpdir(),
  );
  const ended = endOf(child);
  const url = await readyUrl(child, ended);
  return {
    url,
    child,
    ended,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

function spawnHubpulse(args: readonly string[], variables: Variables, cwd: string): ChildProcess {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('HUBPULSE_'));
  return spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { ...Object.fromEntries(inherited), ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function endOf(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

async function readyUrl(child: ChildProcess, ended: Promise<Ended>): Promise<string> {
  let giveUp: ReturnType<typeof setTimeout> | undefined;
  const said = new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: string) => {
      text += chunk;
      const url = /http:\/\/\S+/.exec(text)?.[0];
      if (url !== undefined) resolve(url);
    });
    giveUp = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`got no line with a URL within ${START_LIMIT_MS} ms; want one`));
    }, START_LIMIT_MS);
  });
  const endedEarly = ended.then(({ code, stderr }) => {
    throw new Error(`got the exit code ${code} and "${stderr.trim()}"; want a server that listens`);
  });
  return Promise.race([said, endedEarly]).finally(() => clearTimeout(giveUp));
}
