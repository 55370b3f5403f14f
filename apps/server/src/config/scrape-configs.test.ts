import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ScrapeJob } from '../ingest/scrape/scrape-job.ts';
import { loadConfig } from './config.ts';
import { formatJson, formatTable } from './listing.ts';
import { scrapeJobs } from './scrape-configs.ts';
import { readTargetFile } from './target-file.ts';

let cwd = '';

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'hubpulse-scrape-'));
});

afterEach(() => rm(cwd, { recursive: true }));

async function load(yaml: string, env: Record<string, string> = {}) {
  await writeFile(join(cwd, 'hubpulse.yaml'), yaml);
  return loadConfig({ env, cwd });
}

async function jobsOf(yaml: string, env?: Record<string, string>): Promise<readonly ScrapeJob[]> {
  const loaded = await load(yaml, env);
  if (!loaded.ok) throw new Error(loaded.faults.map(({ message }) => message).join('\n'));
  return scrapeJobs(loaded.config);
}

async function faultsOf(yaml: string, env?: Record<string, string>): Promise<string[]> {
  const loaded = await load(yaml, env);
  return loaded.ok ? [] : loaded.faults.map(({ message }) => message.replaceAll(`${cwd}/`, ''));
}

describe('scrape_configs', () => {
  test('a job has defaults for all but its name', async () => {
    expect(await jobsOf('scrape_configs: [{ job_name: api }]')).toEqual([
      {
        name: 'api',
        intervalMs: 15_000,
        timeoutMs: 10_000,
        scheme: 'http',
        metricsPath: '/metrics',
        params: {},
        honorLabels: false,
        honorTimestamps: true,
        followRedirects: true,
        staticGroups: [],
        fileLists: [],
        relabelRules: [],
        metricRelabelRules: [],
        sampleLimit: 0,
        bodySizeLimitBytes: 0,
        credentials: undefined,
        tls: { insecureSkipVerify: false, caFile: undefined },
      },
    ]);
  });

  test('every key of a job is read, paths from the folder of the file', async () => {
    const [job, other] = await jobsOf(`
scrape_configs:
  - job_name: everything
    scrape_interval: 1m30s
    scrape_timeout: 500ms
    metrics_path: /probe
    scheme: https
    params: { module: [http, 2] }
    honor_labels: true
    honor_timestamps: false
    follow_redirects: false
    static_configs:
      - targets: ['a:1', "b:1"]
        labels: { shard: 1, env: test }
    file_sd_configs:
      - files: [targets/*.json, /etc/t.yml]
        refresh_interval: 1m
    relabel_configs:
      - source_labels: [__address__, job]
        separator: '@'
        regex: (.+)
        target_label: instance
        replacement: x-$1
      - { action: HashMod, source_labels: [a], modulus: 8, target_label: b }
    metric_relabel_configs:
      - { action: labeldrop, regex: id }
    sample_limit: 1000
    body_size_limit: 10MB
    basic_auth: { username: u, password_file: secret }
    tls_config: { insecure_skip_verify: true, ca_file: ca.pem }
  - job_name: bearer
    scrape_interval: 5s
    authorization: { credentials: token }
`);
    expect(job).toEqual({
      name: 'everything',
      intervalMs: 90_000,
      timeoutMs: 500,
      scheme: 'https',
      metricsPath: '/probe',
      params: { module: ['http', '2'] },
      honorLabels: true,
      honorTimestamps: false,
      followRedirects: false,
      staticGroups: [{ targets: ['a:1', 'b:1'], labels: { shard: '1', env: 'test' } }],
      fileLists: [{ files: [join(cwd, 'targets/*.json'), '/etc/t.yml'], refreshMs: 60_000 }],
      relabelRules: [
        {
          action: 'replace',
          sourceLabels: ['__address__', 'job'],
          separator: '@',
          regex: '(.+)',
          targetLabel: 'instance',
          replacement: 'x-$1',
          modulus: 0,
        },
        expect.objectContaining({ action: 'hashmod', modulus: 8, regex: '(.*)', separator: ';' }),
      ],
      metricRelabelRules: [expect.objectContaining({ action: 'labeldrop', regex: 'id' })],
      sampleLimit: 1000,
      bodySizeLimitBytes: 10 * 2 ** 20,
      credentials: { type: 'Basic', username: 'u', secret: '', secretFile: join(cwd, 'secret') },
      tls: { insecureSkipVerify: true, caFile: join(cwd, 'ca.pem') },
    });
    expect(other).toMatchObject({
      intervalMs: 5000,
      timeoutMs: 5000,
      credentials: { type: 'Bearer', secret: 'token', secretFile: undefined },
    });
  });

  const inJob = (lines: string): string => `scrape_configs:\n  - job_name: a\n    ${lines}\n`;

  test.each([
    ['scrape_configs: 1', 'hubpulse.yaml:1:17: scrape_configs: got 1; want a list of jobs.'],
    ['scrape_configs: [1]', 'scrape_configs[0]: got 1; want a job: a map'],
    [
      'scrape_configs:\n  - {}',
      'hubpulse.yaml:2:5: scrape_configs[0].job_name: got nothing; want a name.',
    ],
    [
      inJob('kubernetes_sd_configs: []'),
      'hubpulse.yaml:3:5: scrape_configs[0].kubernetes_sd_configs: got the key "kubernetes_sd_configs"; want one of job_name, scrape_interval,',
    ],
    [inJob('scrape_intervall: 1s'), 'Did you mean scrape_interval?'],
    [
      inJob('scrape_interval: 15'),
      'hubpulse.yaml:3:5: scrape_configs[0].scrape_interval: got 15; want a duration such as 15s',
    ],
    [inJob('scrape_interval: soon'), 'got "soon"; want a duration'],
    [inJob('scrape_interval: 1ms'), 'want at least 100ms'],
    [inJob('scrape_timeout: 20s'), 'scrape_timeout: got "20s"; want at most the interval, 15s'],
    [inJob('metrics_path: metrics'), 'got "metrics"; want a path that begins with /'],
    [inJob('scheme: ftp'), 'got "ftp"; want http or https'],
    [
      inJob('static_configs: [{ targets: a }]'),
      'static_configs[0].targets: got "a"; want a list of host:port',
    ],
    [
      inJob('static_configs: [{ targets: [{}] }]'),
      'static_configs[0].targets[0]: got a map; want host:port',
    ],
    [
      inJob('file_sd_configs: [{ files: [a/*/b.json] }]'),
      'files[0]: got "a/*/b.json"; want a path that ends in',
    ],
    [inJob('file_sd_configs: [{ files: [a.txt] }]'), 'want a path that ends in .json'],
    [
      inJob('relabel_configs: [{ regex: "(" }]'),
      'relabel_configs[0].regex: got "("; want a pattern of RE2 (error parsing',
    ],
    [
      inJob('relabel_configs: [{ action: x }]'),
      'relabel_configs[0].action: got "x"; want one of replace, keep',
    ],
    [
      inJob('relabel_configs: [{ action: replace }]'),
      'target_label: got nothing; want a label for the action replace',
    ],
    [
      inJob('relabel_configs: [{ action: hashmod, target_label: a }]'),
      'modulus: got nothing; want a whole number',
    ],
    [inJob('body_size_limit: big'), 'got "big"; want a size such as 10MB'],
    [
      inJob('basic_auth: { password: a, password_file: b }'),
      'want password or password_file, not both',
    ],
    [inJob('authorization: {}'), 'want either credentials or credentials_file'],
    [inJob('authorization: { type: basic, credentials: x }'), 'basic_auth is for Basic'],
    [
      `${inJob('basic_auth: { username: u }')}    authorization: { credentials: x }`,
      'want either basic_auth or authorization',
    ],
    [
      'scrape_configs: [{ job_name: a }, { job_name: a }]',
      'scrape_configs[1].job_name: got "a"; want each name once',
    ],
    [
      inJob('scheme: http\n    scheme: https'),
      'hubpulse.yaml:4:5: got the key "scheme" for the second time',
    ],
  ])('%j is refused', async (yaml, message) => {
    const faults = await faultsOf(yaml);
    expect(faults.join('\n')).toContain(message);
  });

  test('no message and no listing shows a secret', async () => {
    const secrets = [
      'basic_auth: { username: u, password: [hush] }',
      'basic_auth: hush',
      'basic_auth: { password: hush, password_file: f }',
      'authorization: { credentials: "hush hush" }',
      'authorization: { credentials: hush, credentials_file: f }',
    ];
    for (const secret of secrets) {
      const faults = await faultsOf(inJob(secret));
      expect(faults).toHaveLength(1);
      expect(faults[0]).not.toContain('hush');
    }
    const loaded = await load(inJob('basic_auth: { password: hush }'));
    if (!loaded.ok) throw new Error('got faults; want none');
    const listed =
      formatTable(loaded.config, loaded.sources) + formatJson(loaded.config, loaded.sources);
    expect(listed).toContain('scrape_configs');
    expect(listed).not.toContain('hush');
  });
});

describe('scrape_targets', () => {
  test('make a job of their own, beside those of the file', async () => {
    const jobs = await jobsOf('scrape_configs: [{ job_name: api }]', {
      HUBPULSE_SCRAPE_TARGETS: '127.0.0.1:9100, [::1]:8000',
    });
    expect(jobs).toMatchObject([
      { name: 'api' },
      {
        name: 'scrape',
        intervalMs: 15_000,
        staticGroups: [{ targets: ['127.0.0.1:9100', '[::1]:8000'] }],
      },
    ]);
  });

  test('are refused where they are no addresses, or a job has their name', async () => {
    expect(await faultsOf('', { HUBPULSE_SCRAPE_TARGETS: 'http://a:1/metrics' })).toEqual([
      expect.stringContaining(
        'HUBPULSE_SCRAPE_TARGETS: got "http://a:1/metrics"; want addresses of the form host:port',
      ),
    ]);
    expect(await faultsOf('scrape_targets: [a:1]\nscrape_configs: [{ job_name: scrape }]')).toEqual(
      [expect.stringContaining('hubpulse.yaml:1: scrape_targets: got targets of the job scrape')],
    );
  });
});

describe('a file of targets', () => {
  const read = async (name: string, text: string): Promise<unknown> => {
    await writeFile(join(cwd, name), text);
    return readTargetFile(join(cwd, name));
  };

  test.each([
    ['t.json', '[{ "targets": ["a:1"], "labels": { "env": "x" } }, { "targets": [] }]'],
    ['t.yml', '- targets: [a:1]\n  labels: { env: x }\n- targets: []\n'],
  ])('%s is read', async (name, text) => {
    expect(await read(name, text)).toEqual([
      { targets: ['a:1'], labels: { env: 'x' } },
      { targets: [], labels: {} },
    ]);
  });

  test('an empty file has no targets', async () => {
    expect(await read('t.yaml', '')).toEqual([]);
  });

  test.each([
    ['t.json', '[{ "targets": ["a:1"', 'JSON'],
    ['t.yml', '- targets: [a', 'line 1'],
    [
      't.json',
      '[{ "targets": "a:1" }]',
      't.json: [0].targets: got "a:1"; want a list of host:port',
    ],
    [
      't.json',
      '[{ "target": [] }]',
      '[0].target: got the key "target"; want one of targets, labels',
    ],
    ['t.yml', 'a: 1', 't.yml: the file: got a map; want a list of maps'],
  ])('%s with %j is refused', async (name, text, message) => {
    await expect(read(name, text)).rejects.toThrow(message);
  });
});
