import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { eventually } from './eventually.ts';

/** A real Prometheus in a process of its own, on a free port of this machine. */
export interface PrometheusProcess {
  readonly url: string;
  readonly pid: number;
  /** Samples of the last five minutes of each series that a selector names, as Prometheus' API gives them. */
  select(selector: string): Promise<PrometheusSeries[]>;
  /** The newest value of a series without labels of its own; 0 where there is none. */
  value(expression: string): Promise<number>;
  /** All that it has said. */
  log(): string;
  stop(): Promise<void>;
}

export interface PrometheusSeries {
  readonly metric: Readonly<Record<string, string>>;
  /** Seconds, and the value as text. */
  readonly values: readonly (readonly [number, string])[];
}

/** What a Prometheus is started with. */
export interface PrometheusOptions {
  /** The text of `prometheus.yml`. */
  readonly config: string;
  /** More flags, as `--web.enable-remote-write-receiver`. */
  readonly flags?: readonly string[];
}

/**
 * Starts Prometheus.
 *
 * @param directory A folder for its configuration and its data; empty, or that of an earlier one.
 */
export async function startPrometheus(
  program: string,
  directory: string,
  { config, flags = [] }: PrometheusOptions,
): Promise<PrometheusProcess> {
  const file = join(directory, 'prometheus.yml');
  await writeFile(file, config);
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    program,
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(directory, 'tsdb')}`,
      `--web.listen-address=${address}`,
      ...flags,
    ],
    { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const url = `http://${address}`;
  await eventually('a Prometheus that is ready', async () => {
    if (child.exitCode !== null) throw new Error(`Prometheus ended: ${said}`);
    return (await fetch(`${url}/-/ready`)).ok;
  });
  return {
    url,
    pid: child.pid ?? 0,
    select: (selector) => query(url, `${selector}[5m]`) as Promise<PrometheusSeries[]>,
    value: async (expression) => {
      const [series] = (await query(url, expression)) as { value: [number, string] }[];
      return Number(series?.value[1] ?? 0);
    },
    log: () => said,
    stop: () => stop(child),
  };
}

async function query(url: string, expression: string): Promise<unknown[]> {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`);
  const { data } = (await response.json()) as { data: { result: unknown[] } };
  return data.result;
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('got no port; want one');
  return address.port;
}
