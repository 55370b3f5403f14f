import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createMemoryStore } from '../../store/memory/memory-store.ts';
import { storeWith } from '../../store/memory/store-with.ts';
import { StoreError } from '../../store/port.ts';
import { LOOK_INTERVAL_MS } from './file-targets.ts';
import { jobOf, NOW_MS, type Respond, ScrapeRig, settle } from './scrape.test-rig.ts';
import { ScrapeFailure } from './scrape-failure.ts';
import type { RelabelRule, ScrapeJob, TargetGroup } from './scrape-job.ts';

const INTERVAL_MS = 10_000;

async function start(
  changes: Partial<ScrapeJob> = {},
  options: ConstructorParameters<typeof ScrapeRig>[1] = {},
): Promise<ScrapeRig> {
  const rig = new ScrapeRig([jobOf(changes)], options);
  await rig.scraper.start();
  return rig;
}

/** Scrapes a body of each entry, one after another. */
async function scrape(rig: ScrapeRig, ...responds: (string | Respond)[]): Promise<void> {
  for (const respond of responds) {
    rig.respond = typeof respond === 'string' ? () => respond : respond;
    await rig.advance(INTERVAL_MS);
  }
}

const fail: Respond = () => {
  throw new ScrapeFailure('got nothing; want an answer');
};

const dropMetric = (regex: string): RelabelRule => ({
  action: 'drop',
  sourceLabels: ['__name__'],
  separator: ';',
  regex,
  targetLabel: '',
  replacement: '$1',
  modulus: 0,
});

describe('a scrape', () => {
  test('stores each sample under the labels of the target, at the time when the scrape was due', async () => {
    const rig = await start();
    await scrape(rig, 'm{code="200"} 1.5\nn 2\n', 'm{code="200"} 2.5\nn 3\n');
    const rows = await rig.rows('m|n');
    expect(Object.keys(rows)).toEqual([
      'm{code="200",instance="a:1",job="api"}',
      'n{instance="a:1",job="api"}',
    ]);
    const [first, second] = rows['m{code="200",instance="a:1",job="api"}'] ?? [];
    expect([first?.[1], second?.[1]]).toEqual([1.5, 2.5]);
    expect((second?.[0] ?? 0) - (first?.[0] ?? 0)).toBe(INTERVAL_MS);
    expect(first?.[0]).toBeGreaterThan(NOW_MS);
  });

  test('says how it went', async () => {
    const rig = await start({ metricRelabelRules: [dropMetric('go_.*')] });
    await scrape(rig, 'm 1\ngo_a 1\ngo_b 1\n', 'm 1\nn 1\ngo_a 1\n', fail);
    const labels = '{instance="a:1",job="api"}';
    expect(await rig.values('up|scrape_samples.*|scrape_series_added')).toEqual({
      [`up${labels}`]: [1, 1, 0],
      [`scrape_samples_scraped${labels}`]: [3, 3, 0],
      [`scrape_samples_post_metric_relabeling${labels}`]: [1, 2, 0],
      [`scrape_series_added${labels}`]: [1, 1, 0],
    });
    expect(Object.keys(await rig.values('go_.*'))).toEqual([]);
    expect(
      (await rig.values('scrape_duration_seconds'))[`scrape_duration_seconds${labels}`],
    ).toHaveLength(3);
    expect(rig.scraper.targets()).toMatchObject([
      {
        health: 'down',
        lastError: 'got nothing; want an answer',
        scrapes: 3,
        failures: 1,
        missed: 0,
      },
    ]);
    expect(rig.ingest.stats().samples.get('scrape')).toBe(3 + 15 + 2);
  });

  test('marks a series as ended when it is gone, and all when the scrape fails', async () => {
    const rig = await start();
    await scrape(rig, 'm 1\nn 1\n', 'm 2\n', 'm 3\nn 3\n', fail, fail, 'm 4\n');
    expect(await rig.values('m|n|up')).toEqual({
      'm{instance="a:1",job="api"}': [1, 2, 3, 'stale', 4],
      'n{instance="a:1",job="api"}': [1, 'stale', 3, 'stale'],
      'up{instance="a:1",job="api"}': [1, 1, 1, 0, 0, 1],
    });
  });

  test('is refused as a whole for a line that is malformed', async () => {
    const rig = await start();
    await scrape(rig, 'm 1\n', 'm 2\nnew 1\nbroken\n');
    expect(await rig.values('m|new|up')).toEqual({
      'm{instance="a:1",job="api"}': [1, 'stale'],
      'up{instance="a:1",job="api"}': [1, 0],
    });
    expect(rig.scraper.targets()[0]?.lastError).toBe(
      'line 3: got the end of the line; want a value',
    );
    expect(rig.logged.filter((line) => line.includes('line 3'))).toHaveLength(1);
  });

  test('reads OpenMetrics where the content type says so, and no binary format', async () => {
    const rig = await start();
    const answer =
      (contentType: string, text: string): Respond =>
      () => ({ bytes: Buffer.from(text), contentType });
    const body = 'm_total 1 # {id="x"} 1\n# EOF\n';
    await scrape(rig, answer('application/openmetrics-text; version=1.0.0', body));
    expect(await rig.values('m_total')).toEqual({ 'm_total{instance="a:1",job="api"}': [1] });
    expect(rig.ingest.stats().ignoredExemplars).toBe(1);
    await scrape(rig, answer('application/vnd.google.protobuf', body));
    expect(rig.scraper.targets()[0]?.lastError).toContain('binary format; want text');
  });

  test('remembers what the target says of its metrics', async () => {
    const rig = await start();
    const lines = '# HELP m How many.\n# TYPE m counter\n';
    await scrape(
      rig,
      `${lines}m 1\n`,
      `${lines}m 2\n`,
      `# HELP m How much.\n# TYPE m counter\nm 2\n`,
    );
    expect(Object.fromEntries(rig.ingest.metadata.entries())).toEqual({
      m: { type: 'counter', help: 'How much.', unit: '' },
    });
  });

  test('takes the times of a target, within the bounds, and marks no end of such series', async () => {
    const rig = await start();
    const [old, recent] = [NOW_MS - 7_200_000, NOW_MS - 5000];
    await scrape(rig, `m 1 ${recent}\nn 1 ${old}\nn{a="b"} 1 ${NOW_MS + 900_000}\n`, 'o 1\n');
    expect(await rig.rows('m|n')).toEqual({ 'm{instance="a:1",job="api"}': [[recent, 1]] });
    expect(rig.ingest.stats().refused).toEqual([
      { wire: 'scrape', reason: 'too_old', requests: 1, samples: 1 },
      { wire: 'scrape', reason: 'too_new', requests: 1, samples: 1 },
    ]);
  });

  test('ignores the times of a target where the job says so', async () => {
    const rig = await start({ honorTimestamps: false });
    await scrape(rig, `m 1 ${NOW_MS - 5000}\n`, 'n 1\n');
    expect(await rig.values('m')).toEqual({ 'm{instance="a:1",job="api"}': [1, 'stale'] });
  });

  test('fails when it brings more samples than the job allows', async () => {
    const rig = await start({ sampleLimit: 2, metricRelabelRules: [dropMetric('x')] });
    await scrape(rig, 'a 1\nb 1\nx 1\n', 'a 1\nb 1\nc 1\n');
    expect((await rig.values('up'))['up{instance="a:1",job="api"}']).toEqual([1, 0]);
    expect(rig.scraper.targets()[0]?.lastError).toContain(
      'got more than 2 samples; want at most as many in sample_limit',
    );
  });

  test('leaves out a series that is over a limit of ingest, and counts it', async () => {
    const rig = await start({}, { limits: { maxSeries: 7 } });
    const wide = `m{${'abcdefgh'
      .split('')
      .map((name) => `${name}="x"`)
      .join(',')}} 1\n`;
    await scrape(rig, `a 1\nb 1\n${wide}`, `a 1\nb 1\nc 1\n`);
    expect(await rig.values('a|b|c|m')).toEqual({
      'a{instance="a:1",job="api"}': [1, 1],
      'b{instance="a:1",job="api"}': [1, 1],
    });
    expect(rig.ingest.stats().refused).toMatchObject([
      { reason: 'label_limit', samples: 1 },
      { reason: 'series_limit', samples: 1 },
    ]);
    expect((await rig.values('up'))['up{instance="a:1",job="api"}']).toEqual([1, 1]);
  });

  test('takes a series that comes twice, the later value wins', async () => {
    const rig = await start();
    await scrape(
      rig,
      'm{a="1",b="2"} 1\nm{b="2",a="1"} 2\n',
      'm{a="1",b="2"} 3\nm{a="1",b="2"} 4\n',
    );
    expect(await rig.values('m')).toEqual({ 'm{a="1",b="2",instance="a:1",job="api"}': [2, 4] });
  });

  test('reads a body of many samples with pauses for others', async () => {
    const rig = await start();
    const body = Array.from({ length: 5000 }, (_, i) => `m{i="${i}"} ${i}\n`).join('');
    await scrape(rig, body, body);
    expect(Object.keys(await rig.values('m'))).toHaveLength(5000);
    expect(
      (await rig.values('scrape_series_added'))['scrape_series_added{instance="a:1",job="api"}'],
    ).toEqual([5000, 0]);
  });

  test('that cannot be stored is counted, said, and made up for by the next', async () => {
    const memory = createMemoryStore();
    let isFull = false;
    const store = storeWith(memory, {
      append: async (batch) => {
        if (isFull) throw new StoreError('disk_full', 'got no room; want some');
        await memory.append(batch);
      },
    });
    const rig = await start({}, { store });
    await scrape(rig, 'm 1\nn 1\n');
    isFull = true;
    await scrape(rig, 'm 2\n');
    expect(rig.logged.join('')).toContain('got no room');
    isFull = false;
    await scrape(rig, 'm 3\n');
    expect(await rig.values('m|n')).toEqual({
      'm{instance="a:1",job="api"}': [1, 3],
      'n{instance="a:1",job="api"}': [1, 'stale'],
    });
    expect(rig.ingest.stats().refused).toMatchObject([{ reason: 'store', samples: 7 }]);
  });
});

describe('the loop of a target', () => {
  test('ends a scrape after the timeout', async () => {
    const rig = await start();
    rig.respond = ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new ScrapeFailure('got no whole answer')));
      });
    await rig.advance(rig.scraper.targets()[0]?.target.offsetMs ?? 0);
    expect(rig.requests).toHaveLength(1);
    expect(rig.scraper.targets()[0]?.health).toBe('unknown');
    await rig.advance(5000);
    expect(rig.scraper.targets()[0]).toMatchObject({ health: 'down', lastDurationSeconds: 5 });
  });

  test('never overlaps itself, and counts what it missed', async () => {
    const rig = await start();
    let answer: (body: string) => void = () => {};
    rig.respond = () => new Promise((resolve) => (answer = resolve));
    await rig.advance(INTERVAL_MS);
    await rig.advance(3 * INTERVAL_MS);
    expect(rig.requests).toHaveLength(1);
    answer('m 1\n');
    await settle();
    expect(rig.scraper.targets()[0]).toMatchObject({ scrapes: 1, missed: 3 });
    await scrape(rig, 'm 2\n');
    expect(rig.requests).toHaveLength(2);
  });

  test('goes on after the clock was set, forward and back', async () => {
    const rig = await start();
    await scrape(rig, 'm 1\n');
    rig.clock.jumpTo(NOW_MS - 600_000);
    await scrape(rig, 'm 2\n', 'm 3\n');
    rig.clock.jumpTo(NOW_MS + 600_000);
    await scrape(rig, 'm 4\n', 'm 5\n');
    expect(rig.requests.length).toBeGreaterThanOrEqual(4);
    expect((await rig.values('m'))['m{instance="a:1",job="api"}']).toContain(5);
  });

  test('asks each of a thousand targets once in an interval, spread evenly', async () => {
    const targets = Array.from({ length: 1000 }, (_, i) => `10.0.${i >> 8}.${i & 255}:9100`);
    const rig = await start({ staticGroups: [{ targets, labels: {} }], intervalMs: 15_000 });
    rig.respond = () => 'm 1\n';
    const perSecond: number[] = [];
    for (let second = 0; second < 15; second++) {
      const before = rig.requests.length;
      await rig.advance(1000);
      perSecond.push(rig.requests.length - before);
    }
    expect(new Set(rig.requests.map(({ url }) => url)).size).toBe(1000);
    expect(rig.requests).toHaveLength(1000);
    expect(Math.min(...perSecond)).toBeGreaterThan(33);
    expect(Math.max(...perSecond)).toBeLessThan(100);
    expect(rig.scraper.stats()).toMatchObject({ scrapes: 1000, failures: 0, missed: 0 });
    expect(rig.scraper.stats().targets).toEqual(
      new Map([
        ['up', 1000],
        ['down', 0],
        ['unknown', 0],
      ]),
    );
  });

  test('ends with the server and marks nothing as ended', async () => {
    const rig = await start();
    await scrape(rig, 'm 1\n');
    await rig.scraper.stop();
    await scrape(rig, 'm 2\n');
    expect(await rig.values('m')).toEqual({ 'm{instance="a:1",job="api"}': [1] });
  });
});

describe('targets', () => {
  let folder = '';
  let groups: TargetGroup[] = [];
  let size = 0;
  const reads: string[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hubpulse-targets-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  const fromFile = async (changes: Partial<ScrapeJob> = {}): Promise<ScrapeRig> => {
    const fileLists = [{ files: [join(folder, '*.json')], refreshMs: 3_600_000 }];
    return start(
      { staticGroups: [], fileLists, ...changes },
      {
        readTargetGroups: async (path) => {
          reads.push(path);
          if (groups.length === 0) throw new Error('got nothing; want groups');
          return groups;
        },
      },
    );
  };

  /** Writes a file of another size than before. */
  const write = async (found: TargetGroup[]): Promise<void> => {
    groups = found;
    size += 1;
    await writeFile(join(folder, 'targets.json'), ' '.repeat(size));
  };

  /** Lets the files be looked at, until there are these targets. */
  const look = async (rig: ScrapeRig, urls: string[]): Promise<void> => {
    await rig.advance(LOOK_INTERVAL_MS);
    await vi.waitFor(() => {
      expect(rig.scraper.targets().map(({ target }) => target.url)).toEqual(urls);
    });
    await settle();
  };

  const instances = (rig: ScrapeRig): string[] =>
    rig.scraper
      .targets()
      .map(({ target }) => target.labels.find(([name]) => name === 'instance')?.[1] ?? '');

  test('follow their files, and end when they are gone', async () => {
    await write([{ targets: ['a:1', 'b:1'], labels: {} }]);
    const rig = await fromFile();
    expect(instances(rig)).toEqual(['a:1', 'b:1']);
    await scrape(rig, 'm 1\n');
    await write([{ targets: ['b:1', 'c:1'], labels: {} }]);
    await look(rig, ['http://b:1/metrics', 'http://c:1/metrics']);
    await scrape(rig, 'm 2\n');
    const values = await rig.values('m|up');
    expect(values['m{instance="a:1",job="api"}']?.at(-1)).toBe('stale');
    expect(values['up{instance="a:1",job="api"}']?.at(-1)).toBe('stale');
    expect(values['m{instance="c:1",job="api"}']).toContain(2);
    expect(values['m{instance="b:1",job="api"}']).not.toContain('stale');
    expect(rig.scraper.stats().scrapes).toBeGreaterThan(3);
  });

  test('stay when their file is wrong, which is said once, and go when it is gone', async () => {
    await write([{ targets: ['a:1'], labels: {} }]);
    const rig = await fromFile();
    for (let i = 0; i < 2; i++) {
      const { length } = reads;
      await write([]);
      await rig.advance(LOOK_INTERVAL_MS);
      await vi.waitFor(() => expect(reads.length).toBeGreaterThan(length));
      await settle();
    }
    expect(instances(rig)).toEqual(['a:1']);
    expect(rig.logged.filter((line) => line.includes('cannot be read'))).toHaveLength(1);
    await rm(join(folder, 'targets.json'));
    await look(rig, []);
  });

  test('that change their way alone keep their series', async () => {
    await write([{ targets: ['a:1'], labels: {} }]);
    const rig = await fromFile();
    await scrape(rig, 'm 1\nn 1\n');
    await write([{ targets: ['a:1'], labels: { __metrics_path__: '/new' } }]);
    await look(rig, ['http://a:1/new']);
    await scrape(rig, 'm 2\n');
    const values = await rig.values('m|n');
    expect(values['m{instance="a:1",job="api"}']).not.toContain('stale');
    expect(values['n{instance="a:1",job="api"}']?.at(-1)).toBe('stale');
  });

  test('end no series that another target has too', async () => {
    await write([{ targets: ['a:1', 'b:1'], labels: { instance: 'same' } }]);
    const rig = await fromFile({ honorLabels: true });
    await scrape(rig, 'm 1\n');
    await write([{ targets: ['b:1'], labels: { instance: 'same' } }]);
    await look(rig, ['http://b:1/metrics']);
    expect((await rig.values('m'))['m{instance="same",job="api"}']).not.toContain('stale');
  });

  test('are one where they are the same, and are counted where they are dropped or wrong', async () => {
    const rig = await start({
      staticGroups: [{ targets: ['a:1', 'a:1', 'b/c', 'd:1'], labels: {} }],
      relabelRules: [{ ...dropMetric('d:1'), sourceLabels: ['__address__'] }],
    });
    expect(instances(rig)).toEqual(['a:1']);
    expect(rig.scraper.stats()).toMatchObject({ droppedTargets: 1, refusedTargets: 1 });
    expect(rig.scraper.dropped()).toMatchObject([{ job: 'api' }]);
    expect(rig.logged.join('')).toContain('want host:port');
  });

  test('are not more than there may be', async () => {
    const targets = Array.from({ length: 5 }, (_, i) => `a:${i + 1}`);
    const rig = await start({ staticGroups: [{ targets, labels: {} }] }, { maxTargets: 3 });
    expect(rig.scraper.targets()).toHaveLength(3);
    expect(rig.scraper.stats().refusedTargets).toBe(2);
  });
});
