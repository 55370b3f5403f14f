import { env } from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  compress,
  type TestSeries,
  writeRequest,
} from '../../apps/server/src/ingest/message.test-encoder.ts';
import { findPeer } from '../../scripts/peers.mjs';
import {
  type HubpulseProcess,
  startHubpulse,
  temporaryDirectory,
} from '../harness/hubpulse-process.ts';
import { type PrometheusProcess, startPrometheus } from '../harness/prometheus-process.ts';
import { differenceOf, type Answer } from '../harness/query-answer.ts';
import { QueryGenerator } from '../harness/query-generator.ts';
import { SAMPLES_MS, samplesFor } from '../harness/query-samples.ts';
import { createRandom } from '../harness/random.ts';

const program = findPeer('prometheus');

/** What the queries and the samples are made from; another one may be given to look further. */
const seed = Number(env['DIFFERENTIAL_SEED'] ?? 1);
const QUERIES = Number(env['DIFFERENTIAL_QUERIES'] ?? 400);

const HOUR_MS = 3_600_000;
const SLICE_MS = 10 * 60_000;

/** The samples lie in the last hours: older ones a store may refuse. */
const startMs = Math.floor(Date.now() / HOUR_MS - 2) * HOUR_MS;

/** Half a second, after which no subquery and no sample lies; see `QueryGenerator`. */
const middleMs = startMs + SAMPLES_MS / 2 + 500;

async function ask(url: string, path: string, parameters: Record<string, string>): Promise<Answer> {
  const response = await fetch(`${url}/api/v1/${path}`, {
    method: 'POST',
    body: new URLSearchParams(parameters),
  });
  return { code: response.status, ...((await response.json()) as Omit<Answer, 'code'>) };
}

/** What both must refuse, with the same status and the same kind of error. */
const REFUSED = [
  ...[
    '',
    '# only',
    'sum(',
    'up)',
    'up{',
    'up{a=}',
    'up{a=b}',
    'up{a="b",,}',
    'up{,}',
    '{}',
    '{a=""}',
  ],
  ...[
    '{a=~".*"}',
    'up{a=~"*"}',
    '1..',
    '0b1',
    '1e',
    '--',
    '+',
    '"a',
    '"\\q"',
    '"a" + 1',
    '-"a"',
    'up[5m',
  ],
  ...['up[5m][5m]', '(up)[5m]', '1[5m:]', 'up[0s]', 'up[5m:1m] @ 5 @ 6', 'up @ NaN', 'up @ start'],
  ...['up offset 1h offset 1h', 'sum(up) offset 5m', 'rate(up)', 'rate(1)', 'abs(up[5m])', 'foo()'],
  ...[
    'rate(up[5m], 1)',
    'round()',
    'round(up, 1, 2)',
    'sum()',
    'sum(1, 2)',
    'topk(up)',
    'topk("a", up)',
  ],
  ...['count_values(1, up)', '1 and 1', 'up and 1', '1 == 1', 'up + bool up', '1 + on(a) 1'],
  ...['up + on(a) group_left(a) up', 'up and on(a) group_left up', 'absent(1)', 'vector(up)'],
  ...['time(1)', 'hour(up, up)', 'label_join(up)', 'sum by (a,,) (up)', 'sum by (a) (up) by (b)'],
  ...['foo{__name__="a"}', 'up or', 'group_left', 'sum without (up)', 'up ! up', 'up[5m] + 1'],
  // These are well formed and have no answer.
  ...[
    'label_replace(temperature, "", "", "", "")',
    'label_replace(temperature, "a", "", "b", "(")',
  ],
  ...['label_join(temperature, "", "-", "job")', 'count_values("", temperature)'],
  ...['topk(NaN, temperature)', 'topk(1e30, temperature)'],
  ...['temperature + on(job) temperature', 'temperature * on(job) group_left temperature'],
  ...['temperature + on() group_right build_info', '-{__name__=~"temperature|sparse"}'],
  'label_replace(temperature, "instance", "", "", "")',
];

/** Writes the samples slice by slice: Prometheus takes no sample that is much older than its newest. */
async function write(url: string, series: readonly TestSeries[]): Promise<void> {
  for (let fromMs = startMs; fromMs < startMs + SAMPLES_MS; fromMs += SLICE_MS) {
    const slice = series.map(({ labels, samples }) => ({
      labels,
      samples: samples.filter(({ tMs }) => tMs >= fromMs && tMs < fromMs + SLICE_MS),
    }));
    // oxlint-disable-next-line no-await-in-loop -- In the order of time.
    const response = await fetch(`${url}/api/v1/write`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-protobuf',
        'content-encoding': 'snappy',
        'x-prometheus-remote-write-version': '0.1.0',
      },
      body: Buffer.from(compress(writeRequest(slice.filter(({ samples }) => samples.length > 0)))),
    });
    expect(response.status, await response.text()).toBe(204);
  }
}

describe.skipIf(program === undefined)(
  "answers beside Debian's Prometheus (skipped where apt-get cannot provide it)",
  () => {
    const directories: Awaited<ReturnType<typeof temporaryDirectory>>[] = [];
    let ours: HubpulseProcess;
    let theirs: PrometheusProcess;

    beforeAll(async () => {
      directories.push(await temporaryDirectory(), await temporaryDirectory());
      const [data, work] = directories.map(({ path }) => path);
      ours = await startHubpulse(data ?? '', { HUBPULSE_AGENT_INTERVAL_MS: '0' });
      theirs = await startPrometheus(program as string, work ?? '', {
        config: 'global: {}\n',
        flags: ['--web.enable-remote-write-receiver'],
      });
      const series = samplesFor(createRandom(seed), startMs);
      await write(ours.url, series);
      await write(theirs.url, series);
    });

    afterAll(async () => {
      await ours?.stop();
      await theirs?.stop();
      for (const directory of directories) await directory.remove();
    });

    /** The differences between both answers to generated queries, each with what repeats it; how many answers were not empty. */
    async function compare(
      path: string,
      parameters: Record<string, string>,
      own: number,
    ): Promise<{ differences: string[]; full: number }> {
      const generator = new QueryGenerator(createRandom(seed + own), middleMs);
      const differences: string[] = [];
      let full = 0;
      for (let i = 0; i < QUERIES; i += 1) {
        const query = generator.query();
        const [our, their] = await Promise.all(
          [ours.url, theirs.url].map((url) => ask(url, path, { query, ...parameters })),
        );
        if (our === undefined || their === undefined) continue;
        if ((their.data?.result.length ?? 0) > 0) full += 1;
        const difference = differenceOf(our, their);
        if (difference !== undefined) differences.push(`seed ${seed}: ${query}\n    ${difference}`);
      }
      return { differences, full };
    }

    test('to generated queries at one instant are the same', async () => {
      const { differences, full } = await compare('query', { time: String(middleMs / 1000) }, 1000);
      expect(differences).toEqual([]);
      expect(full).toBeGreaterThan(QUERIES / 3);
    });

    test.each(['query', 'query_range'])(
      'to what is no query are the same from %s',
      async (path) => {
        const end = String(middleMs / 1000);
        const parameters = { time: end, start: String(middleMs / 1000 - 1), end, step: '1' };
        const differences: string[] = [];
        for (const query of REFUSED) {
          const [our, their] = await Promise.all(
            [ours.url, theirs.url].map((url) => ask(url, path, { query, ...parameters })),
          );
          if (our === undefined || their === undefined) continue;
          const difference = differenceOf(our, their);
          if (difference !== undefined) differences.push(`${query}\n    ${difference}`);
          else if (our.code === 200)
            differences.push(`${query}\n    both answer; want both to refuse`);
        }
        expect(differences).toEqual([]);
      },
    );

    test('to generated queries over a range are the same', async () => {
      const range = {
        start: String(middleMs / 1000 - 600),
        end: String(middleMs / 1000 + 600),
        step: '73',
      };
      const { differences, full } = await compare('query_range', range, 2000);
      expect(differences).toEqual([]);
      expect(full).toBeGreaterThan(QUERIES / 3);
    });
  },
);
