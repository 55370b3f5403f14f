import { expect, test } from 'vitest';
import { jobOf, ScrapeRig } from '../../ingest/scrape/scrape.test-rig.ts';
import { ScrapeFailure } from '../../ingest/scrape/scrape-failure.ts';
import { targetsJson } from './targets-json.ts';

async function targets(query = '', advanceMs = 10_000): Promise<Record<string, unknown[]>> {
  const rig = new ScrapeRig([
    jobOf({
      staticGroups: [{ targets: ['a:1', 'gone:1'], labels: { env: 'test' } }],
      relabelRules: [
        {
          action: 'drop',
          sourceLabels: ['__address__'],
          separator: ';',
          regex: 'gone.*',
          targetLabel: '',
          replacement: '$1',
          modulus: 0,
        },
      ],
    }),
    jobOf({ name: 'db', staticGroups: [{ targets: ['b:1'], labels: {} }] }),
  ]);
  rig.respond = ({ url }) => {
    if (url.includes('a:1')) return 'm 1\n';
    throw new ScrapeFailure('got "no"; want an answer');
  };
  await rig.scraper.start();
  await rig.advance(advanceMs);
  return JSON.parse(targetsJson(rig.scraper, new URLSearchParams(query))) as Record<
    string,
    unknown[]
  >;
}

test('each target is shown with its labels and its last scrape, as Prometheus does', async () => {
  const { activeTargets, droppedTargets, droppedTargetCounts } = await targets();
  expect(activeTargets).toEqual([
    {
      discoveredLabels: {
        __address__: 'a:1',
        __metrics_path__: '/metrics',
        __scheme__: 'http',
        __scrape_interval__: '10s',
        __scrape_timeout__: '5s',
        env: 'test',
        job: 'api',
      },
      labels: { env: 'test', instance: 'a:1', job: 'api' },
      scrapePool: 'api',
      scrapeUrl: 'http://a:1/metrics',
      globalUrl: 'http://a:1/metrics',
      lastError: '',
      lastScrape: expect.stringMatching(/^2027-01-15T08:00:.*Z$/),
      lastScrapeDuration: expect.any(Number),
      health: 'up',
      scrapeInterval: '10s',
      scrapeTimeout: '5s',
    },
    expect.objectContaining({ health: 'down', lastError: 'got "no"; want an answer' }),
  ]);
  expect(droppedTargets).toMatchObject([
    { discoveredLabels: { __address__: 'gone:1' }, scrapePool: 'api' },
  ]);
  expect(droppedTargetCounts).toEqual({ api: 1, db: 0 });
});

test('a target that was not scraped yet says so', async () => {
  const { activeTargets } = await targets('', 0);
  expect(activeTargets?.[0]).toMatchObject({
    health: 'unknown',
    lastScrape: '0001-01-01T00:00:00Z',
  });
});

test('state and scrapePool choose', async () => {
  expect(await targets('state=active')).toMatchObject({
    activeTargets: [{}, {}],
    droppedTargets: [],
  });
  expect(await targets('state=dropped')).toMatchObject({ activeTargets: [], droppedTargets: [{}] });
  expect(await targets('scrapePool=db')).toMatchObject({
    activeTargets: [{ scrapePool: 'db' }],
    droppedTargets: [],
    droppedTargetCounts: { db: 0 },
  });
  await expect(targets('state=other')).rejects.toThrow(
    'got "other"; want one of any, active, dropped',
  );
});
