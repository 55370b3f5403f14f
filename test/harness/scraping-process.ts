import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type HubpulseProcess, startHubpulse, temporaryDirectory } from './hubpulse-process.ts';

/** A server with a `hubpulse.yaml` and questions to it. */
export interface Scraping {
  readonly server: HubpulseProcess;
  readonly folder: string;
  /** Values at present by one label of their series. */
  values(query: string, label: string): Promise<Record<string, number>>;
  /** The value of a query that has one. */
  value(query: string): Promise<number | undefined>;
  targets(): Promise<Target[]>;
  metrics(): Promise<string>;
  end(): Promise<void>;
}

/** A target as the API shows it. */
interface Target {
  readonly labels: Readonly<Record<string, string>>;
  readonly health: string;
  readonly lastError: string;
  readonly lastScrapeDuration: number;
}

/** A value as the API prints it. */
const numberOf = (text: string): number => Number(text.replace('Inf', 'Infinity'));

/** Starts a server with the configuration that `config` writes for its folder. */
export async function startScraping(config: (folder: string) => string): Promise<Scraping> {
  const directory = await temporaryDirectory();
  const file = join(directory.path, 'hubpulse.yaml');
  await writeFile(file, config(directory.path));
  const server = await startHubpulse(join(directory.path, 'data'), {
    HUBPULSE_CONFIG: file,
    HUBPULSE_AGENT_INTERVAL_MS: '0',
  });
  const ask = async <T>(path: string): Promise<T> =>
    ((await (await fetch(`${server.url}/api/v1/${path}`)).json()) as { data: T }).data;
  const query = async (text: string) =>
    (
      await ask<{ result: { metric: Record<string, string>; value: [number, string] }[] }>(
        `query?query=${encodeURIComponent(text)}`,
      )
    ).result;
  return {
    server,
    folder: directory.path,
    values: async (text, label) =>
      Object.fromEntries(
        (await query(text)).map(({ metric, value }) => [metric[label] ?? '', numberOf(value[1])]),
      ),
    value: async (text) => {
      const [first] = await query(text);
      return first === undefined ? undefined : numberOf(first.value[1]);
    },
    targets: async () =>
      (await ask<{ activeTargets: Target[] }>('targets?state=active')).activeTargets,
    metrics: async () => (await fetch(`${server.url}/metrics`)).text(),
    end: async () => {
      await server.stop();
      await directory.remove();
    },
  };
}
