import { formatLabels } from '@hubpulse/model';
import { describe, expect, test } from 'vitest';
import { createRelabel } from './relabel.ts';
import { jobOf } from './scrape.test-rig.ts';
import type { RelabelRule, ScrapeJob, TargetGroup } from './scrape-job.ts';
import { dueAfter, sampleTime } from './scrape-schedule.ts';
import { targetsOf, type TargetVerdict } from './scrape-target.ts';

const replace = (
  targetLabel: string,
  replacement: string,
  changes: Partial<RelabelRule> = {},
): RelabelRule => ({
  action: 'replace',
  sourceLabels: [],
  separator: ';',
  regex: '(.*)',
  targetLabel,
  replacement,
  modulus: 0,
  ...changes,
});

const verdictOf = (
  changes: Partial<ScrapeJob> = {},
  group: Partial<TargetGroup> = {},
): TargetVerdict => {
  const job = jobOf(changes);
  const [verdict] = targetsOf(
    { job, relabel: createRelabel(job.relabelRules) },
    { targets: ['db-1:9187'], labels: {}, ...group },
    { __meta_filepath: '/f.json' },
  );
  return verdict as TargetVerdict;
};

const targetOf = (...given: Parameters<typeof verdictOf>) => {
  const verdict = verdictOf(...given);
  if (!('target' in verdict)) throw new Error(`got ${JSON.stringify(verdict)}; want a target`);
  return verdict.target;
};

describe('a target', () => {
  test('has a job, an instance, the labels of its group, and a URL', () => {
    const target = targetOf({}, { labels: { env: 'test', __private: 'x' } });
    expect(formatLabels(target.labels)).toBe('{env="test",instance="db-1:9187",job="api"}');
    expect(target.url).toBe('http://db-1:9187/metrics');
    expect(Object.fromEntries(target.discovered)).toEqual({
      __address__: 'db-1:9187',
      __meta_filepath: '/f.json',
      __metrics_path__: '/metrics',
      __private: 'x',
      __scheme__: 'http',
      __scrape_interval__: '10s',
      __scrape_timeout__: '5s',
      env: 'test',
      job: 'api',
    });
  });

  test('goes where its rules lead, as with a prober of other hosts', () => {
    const target = targetOf({
      params: { module: ['http', 'two'] },
      relabelRules: [
        replace('__param_target', '$1', { sourceLabels: ['__address__'] }),
        replace('instance', '$1', { sourceLabels: ['__param_target'] }),
        replace('__address__', '127.0.0.1:9115'),
        replace('__metrics_path__', '/probe'),
        replace('__scheme__', 'https'),
        replace('__scrape_interval__', '1m'),
        replace('__scrape_timeout__', '20s'),
      ],
    });
    expect(target).toMatchObject({
      url: 'https://127.0.0.1:9115/probe?module=http&module=two&target=db-1%3A9187',
      intervalMs: 60_000,
      timeoutMs: 20_000,
    });
    expect(formatLabels(target.labels)).toBe('{instance="db-1:9187",job="api"}');
  });

  test('that a rule drops is known by what was discovered', () => {
    const verdict = verdictOf({ relabelRules: [replace('', '', { action: 'drop', regex: '' })] });
    expect(verdict).toEqual({ dropped: expect.arrayContaining([['__address__', 'db-1:9187']]) });
  });

  test.each([
    ['', 'http'],
    ['a:1/path', 'http'],
    ['user:secret@a:1', 'http'],
    ['a:99999', 'http'],
    ['a b', 'http'],
    ['a:1', 'ftp'],
  ])('at %j by %s is refused', (address, scheme) => {
    const relabelRules = [replace('__scheme__', scheme)];
    expect(verdictOf({ relabelRules }, { targets: [address] })).toMatchObject({
      fault: expect.stringContaining('want host:port, and http or https'),
    });
  });

  test.each(['[::1]:9100', 'localhost', '10.0.0.1:80', 'snow_man.intern:1'])(
    'at %s is taken',
    (address) => {
      expect(verdictOf({}, { targets: [address] })).toHaveProperty('target');
    },
  );

  test('whose timeout is longer than its interval is refused', () => {
    expect(verdictOf({ relabelRules: [replace('__scrape_timeout__', '11s')] })).toMatchObject({
      fault:
        'got an interval of 10000 ms and a timeout of 11000 ms; want both, the timeout not longer',
    });
  });

  test('without a job cannot be confused with another that has the same series', () => {
    expect(targetOf().key).toBe(targetOf().key);
    expect(targetOf({ metricsPath: '/other' }).key).not.toBe(targetOf().key);
  });
});

describe('the schedule', () => {
  test('spreads a thousand targets evenly over the interval', () => {
    const targets = Array.from({ length: 1000 }, (_, i) => `10.0.${i >> 8}.${i & 255}:9100`);
    const job = jobOf({ intervalMs: 15_000 });
    const counts = new Uint32Array(15);
    for (const verdict of targetsOf({ job, relabel: () => true }, { targets, labels: {} })) {
      if ('target' in verdict) {
        const second = Math.floor(verdict.target.offsetMs / 1000);
        counts[second] = (counts[second] ?? 0) + 1;
      }
    }
    // 66.7 in each second on average; chance alone gives a deviation of 8, and four of them are a bound.
    expect(counts.reduce((sum, count) => sum + count)).toBe(1000);
    expect(Math.min(...counts)).toBeGreaterThan(33);
    expect(Math.max(...counts)).toBeLessThan(100);
  });

  test('is due at one place of each interval', () => {
    const schedule = { intervalMs: 10_000, offsetMs: 3000 };
    expect(dueAfter(schedule, 20_000)).toBe(23_000);
    expect(dueAfter(schedule, 22_999)).toBe(23_000);
    expect(dueAfter(schedule, 23_000)).toBe(33_000);
  });

  test('does not show a delay that is small', () => {
    const schedule = { intervalMs: 10_000, offsetMs: 0 };
    expect([0, 10, 11, -2].map((late) => sampleTime(schedule, 1000, 1000 + late))).toEqual([
      1000, 1000, 1011, 1000,
    ]);
    expect(sampleTime({ intervalMs: 100, offsetMs: 0 }, 1000, 1002)).toBe(1002);
  });
});
