import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatLabels } from '@hubpulse/model';
import { createHostCollector, type HostCollector, type HostSnapshot } from '../collector.ts';
import type { HostFiles } from '../host-files.ts';
import type { StatFsAnswer } from '../linux/filesystem.ts';

/** The two moments of a fixture, five seconds apart. */
type Moment = 1 | 2;

/** A collector over one of the trees in `fixtures/`. */
export interface FixtureHost {
  readonly collector: HostCollector;
  /** What `onSourceFailure` heard last of each source. */
  readonly said: ReadonlyMap<string, string>;
  moveTo(moment: Moment): void;
}

const FIXTURES = join(import.meta.dirname, '../../fixtures');

/** Makes a collector that reads a fixture as if it were /proc and /sys. */
export function createFixtureHost(name: string): FixtureHost {
  let moment: Moment = 1;
  const said = new Map<string, string>();
  const answers = JSON.parse(readFileSync(join(FIXTURES, name, 'statfs.json'), 'utf8')) as Record<
    string,
    StatFsAnswer
  >;
  const collector = createHostCollector({
    nowMs: () => moment * 5000,
    monotonicMs: () => moment * 5000,
    schedule: () => () => undefined,
    platform: 'linux',
    onSourceFailure: (source, error) =>
      said.set(source, error.message.replaceAll(join(FIXTURES, name, '1'), '')),
    files: createFixtureFiles(join(FIXTURES, name), () => moment),
    async statfs(path) {
      const answer = answers[path];
      if (answer === undefined)
        throw new Error(`ENOENT: no such file or directory, statfs '${path}'`);
      return answer;
    },
  });
  return {
    collector,
    said,
    moveTo(next) {
      moment = next;
    },
  };
}

/** The samples by series in Prometheus' notation. Throws when a series comes twice. */
export function figuresOf(snapshot: HostSnapshot): Readonly<Record<string, number>> {
  const figures = new Map<string, number>();
  for (const { labels, value } of snapshot.samples) {
    const series = formatLabels(labels);
    if (figures.has(series)) throw new Error(`got ${series} twice; want it once`);
    figures.set(series, value);
  }
  return Object.fromEntries(figures);
}

/** Reads from the folder of the moment; a file that did not change since the first is only there. */
function createFixtureFiles(folder: string, moment: () => Moment): HostFiles {
  const readText = async (path: string): Promise<string> => {
    try {
      return await readFile(join(folder, String(moment()), path), 'utf8');
    } catch (error) {
      if (moment() === 1) throw error;
      return readFile(join(folder, '1', path), 'utf8');
    }
  };
  return {
    readText,
    list: async (path) => (await readText(`${path}.list`)).trimEnd().split('\n'),
  };
}
