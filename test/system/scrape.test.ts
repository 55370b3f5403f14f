import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findPeer } from '../../scripts/peers.mjs';
import { eventually } from '../harness/eventually.ts';
import {
  type ExpositionServer,
  exposing,
  startExpositionServer,
} from '../harness/exposition-server.ts';
import { temporaryDirectory } from '../harness/hubpulse-process.ts';
import { type Scraping, startScraping } from '../harness/scraping-process.ts';

const TEXT = 'text/plain; version=0.0.4; charset=utf-8';
const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

const exposition = (name: string): string =>
  readFileSync(new URL(`expositions/${name}.txt`, import.meta.url), 'utf8');

const nodeExporter = findPeer('prometheus-node-exporter');

describe.skipIf(nodeExporter === undefined)(
  "Debian's node_exporter (skipped where apt-get cannot provide it)",
  () => {
    let exporter: ChildProcess;
    let address = '';
    let scraping: Scraping;

    beforeAll(async () => {
      const free = await startExpositionServer(() => undefined);
      address = free.host;
      await free.stop();
      exporter = spawn(nodeExporter as string, [`--web.listen-address=${address}`], {
        stdio: 'ignore',
      });
      await eventually(
        'an exporter that listens',
        async () => (await fetch(`http://${address}/metrics`)).ok,
      );
      scraping = await startScraping(
        () => `
scrape_configs:
  - job_name: node
    scrape_interval: 1s
    static_configs: [{ targets: ['${address}'] }]
    metric_relabel_configs: [{ source_labels: [__name__], regex: 'go_.*', action: drop }]
`,
      );
      await eventually(
        'a scrape',
        async () => (await scraping.value('count_over_time(up[1m])')) === 3,
      );
    });

    afterAll(async () => {
      exporter.kill('SIGKILL');
      await scraping.end();
    });

    test('is stored value by value', async () => {
      const text = await (await fetch(`http://${address}/metrics`)).text();
      const exposed = (series: string): number =>
        Number(
          text
            .split('\n')
            .find((line) => line.startsWith(`${series} `))
            ?.split(' ')[1],
        );
      for (const series of [
        'node_memory_MemTotal_bytes',
        'node_boot_time_seconds',
        'node_filefd_maximum',
      ]) {
        expect([series, await scraping.value(series)]).toEqual([series, exposed(series)]);
      }
      expect(await scraping.value('count(node_cpu_seconds_total)')).toBe(
        text.match(/^node_cpu_seconds_total\{/gm)?.length,
      );
      expect(await scraping.value('count({__name__=~"go_.*"})')).toBeUndefined();
      expect(await scraping.value('sum(rate(node_cpu_seconds_total[10s]))')).toBeGreaterThan(0);
      const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
      expect(
        Math.abs(((await scraping.value('scrape_samples_scraped')) ?? 0) - lines),
      ).toBeLessThan(50);
      expect((await scraping.targets())[0]).toMatchObject({
        health: 'up',
        labels: { instance: address, job: 'node' },
      });
    });

    test('that is killed is down, and its series have ended', async () => {
      exporter.kill('SIGKILL');
      await once(exporter, 'close');
      await eventually('a failed scrape', async () => (await scraping.value('up')) === 0);
      expect(await scraping.value('node_memory_MemTotal_bytes')).toBeUndefined();
      expect(
        await scraping.value('count_over_time(node_memory_MemTotal_bytes[1m])'),
      ).toBeGreaterThan(0);
      expect((await scraping.targets())[0]?.lastError).toContain('ECONNREFUSED');
    });
  },
);

describe('servers of models', () => {
  let servers: ExpositionServer[];
  let scraping: Scraping;

  beforeAll(async () => {
    servers = [
      await startExpositionServer(exposing(OPEN_METRICS, () => exposition('vllm'))),
      await startExpositionServer(exposing(TEXT, () => exposition('litellm'))),
    ];
    const [vllm, litellm] = servers.map(({ host }) => host);
    scraping = await startScraping(
      (folder) => `
scrape_configs:
  - job_name: vllm
    scrape_interval: 500ms
    static_configs: [{ targets: ['${vllm}'], labels: { cluster: gpu-1 } }]
    metric_relabel_configs: [{ source_labels: [__name__], regex: '.+_created', action: drop }]
  - job_name: litellm
    scrape_interval: 500ms
    metrics_path: /metrics/
    authorization: { credentials_file: ${folder}/key }
    static_configs: [{ targets: ['${litellm}'] }]
`,
    );
    await eventually(
      'a scrape without its secret',
      async () => (await scraping.value('up{job="litellm"}')) === 0,
    );
    await writeFile(join(scraping.folder, 'key'), 'sk-1234\n');
    await eventually(
      'both scraped',
      async () => (await scraping.value('sum(up{job=~"vllm|litellm"})')) === 2,
    );
  });

  afterAll(async () => {
    await scraping.end();
    await Promise.all(servers.map((server) => server.stop()));
  });

  test('vLLM: the figures of its page are there', async () => {
    expect(await scraping.values('vllm:num_requests_running', 'model_name')).toEqual({
      'meta-llama/Llama-3.1-8B-Instruct': 7,
    });
    expect(
      await scraping.value('vllm:prefix_cache_hits_total / vllm:prefix_cache_queries_total'),
    ).toBeCloseTo(0.658);
    expect(
      await scraping.value(
        'histogram_quantile(0.5, vllm:time_to_first_token_seconds_bucket{cluster="gpu-1"})',
      ),
    ).toBeCloseTo(0.05 + (0.05 * 80) / 180);
    expect(await scraping.values('vllm:request_success_total', 'finished_reason')).toEqual({
      stop: 388,
      length: 11,
      abort: 1,
    });
    expect(await scraping.value('count({__name__=~".+_created"})')).toBeUndefined();
    expect(
      await scraping.value(
        'scrape_samples_scraped{job="vllm"} - scrape_samples_post_metric_relabeling',
      ),
    ).toBe(9);
  });

  test('LiteLLM: spend, tokens and budgets are there', async () => {
    expect(
      await scraping.values('sum by (team_alias) (litellm_spend_metric_total)', 'team_alias'),
    ).toEqual({
      search: 12.345678901234567 + 3.25,
      support: 0.0004375,
    });
    expect(await scraping.value('sum(litellm_total_tokens_metric_total)')).toBe(
      2_481_920 + 310_022 + 1750,
    );
    expect(await scraping.values('litellm_remaining_team_budget_metric', 'team_alias')).toEqual({
      search: Number('84.404321098765433'),
      support: Number.POSITIVE_INFINITY,
    });
  });

  test('are asked as Prometheus asks, over connections that are kept, with the newest secret', async () => {
    const [vllm, litellm] = servers as [ExpositionServer, ExpositionServer];
    await eventually('a few scrapes', async () => vllm.requests.length >= 4);
    expect(vllm.requests[0]).toMatchObject({
      url: '/metrics',
      headers: {
        accept: expect.stringMatching(
          /^application\/openmetrics-text;version=1\.0\.0.*text\/plain;version=0\.0\.4/,
        ),
        'accept-encoding': 'gzip',
        'user-agent': expect.stringMatching(/^Hubpulse\/\d/),
        'x-prometheus-scrape-timeout-seconds': '0.5',
      },
    });
    // A scrape that a busy machine lets time out takes its connection along.
    expect(vllm.connections()).toBeLessThan(vllm.requests.length);
    expect(vllm.requests[0]?.headers.authorization).toBeUndefined();
    expect(litellm.requests.at(-1)?.headers.authorization).toBe('Bearer sk-1234');
  });
});

/** What targets can do wrong, by path, and what is then said of them. */
const TROUBLES: Readonly<Record<string, readonly [answer: RequestListener, error: RegExp]>> = {
  '/hangs': [() => undefined, /^got no whole answer within 1000 ms; want one$/],
  '/drips': [
    (_, response) => {
      response.write('a 1\n');
    },
    /^got no whole answer within 1000 ms/,
  ],
  '/large': [
    exposing(TEXT, () => 'a 1\n'.repeat(100_000)),
    /^got a body over 102400 bytes; .* body_size_limit/,
  ],
  '/large-plain': [
    (_, response) => {
      response.end('a 1\n'.repeat(100_000));
    },
    /^got a body over 102400 bytes/,
  ],
  '/no-gzip': [
    (_, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end('a 1\n');
    },
    /^got a body that is no gzip/,
  ],
  '/brotli': [
    (_, response) => {
      response.setHeader('content-encoding', 'br');
      response.end('x');
    },
    /^got the encoding "br"; want gzip$/,
  ],
  '/error': [
    (_, response) => {
      response.statusCode = 500;
      response.end('a 1\n');
    },
    /^got the status 500; want 200$/,
  ],
  '/cut': [
    (_, response) => {
      response.setHeader('content-length', 100);
      response.write('a 1\n');
      setTimeout(() => response.destroy(), 50);
    },
    /^got aborted; want an answer$/,
  ],
  '/page': [exposing('text/html', () => '<html>\n'), /^line 1: got .*; want a value$/],
  '/no-end': [exposing(OPEN_METRICS, () => 'a 1\n'), /^line 2: got the end; want # EOF/],
  '/circle': [
    (_, response) => {
      response.writeHead(302, { location: '/circle' }).end();
    },
    /^got more than 5 redirects/,
  ],
  '/binary': [
    exposing('application/vnd.google.protobuf', () => '\u0001'),
    /binary format; want text/,
  ],
};

describe('targets in trouble', () => {
  let said = '';
  let server: ExpositionServer;
  let other: ExpositionServer;
  let scraping: Scraping;

  beforeAll(async () => {
    other = await startExpositionServer(exposing(TEXT, () => 'stolen 1\n'));
    server = await startExpositionServer((request, response) => {
      const path = request.url ?? '';
      const trouble = TROUBLES[path];
      if (trouble !== undefined) trouble[0](request, response);
      else if (path === '/away')
        response.writeHead(307, { location: `http://${other.host}/metrics` }).end();
      else if (path === '/moved') response.writeHead(308, { location: '/moved/' }).end();
      else exposing(TEXT, () => 'fine 1\n')(request, response);
    });
    const paths = [...Object.keys(TROUBLES), '/away', '/moved', '/fine'];
    scraping = await startScraping(
      () => `
scrape_configs:
${paths
  .map(
    (path) => `  - job_name: ${path.slice(1)}
    scrape_interval: 1s
    metrics_path: ${path}
    body_size_limit: 100KB
    basic_auth: { username: hubpulse, password: hush }
    static_configs: [{ targets: ['${server.host}'] }]
`,
  )
  .join('')}`,
    );
    scraping.server.child.stderr?.on('data', (text: string) => (said += text));
    await eventually('two scrapes of each', async () => {
      const counts = await scraping.values('count_over_time(up{job!="hubpulse"}[1m])', 'job');
      return (
        Object.keys(counts).length === paths.length &&
        Object.values(counts).every((count) => count >= 2)
      );
    });
  });

  afterAll(async () => {
    await scraping.end();
    await Promise.all([server.stop(), other.stop()]);
  });

  const errorOf = async (job: string): Promise<string> =>
    (await scraping.targets()).find(({ labels }) => labels['job'] === job)?.lastError ?? 'none';

  test.each(Object.entries(TROUBLES))('%s is down, and says why', async (path, [, error]) => {
    expect(await errorOf(path.slice(1))).toMatch(error);
    expect(await scraping.value(`up{job="${path.slice(1)}"}`)).toBe(0);
    expect(await scraping.value(`a{job="${path.slice(1)}"}`)).toBeUndefined();
  });

  test('a redirect is followed on its host, and not to another one', async () => {
    expect(await scraping.value('fine{job="moved"}')).toBe(1);
    expect(await errorOf('away')).toContain(`to http://${other.host}; want one on the same host`);
    expect(other.requests).toEqual([]);
  });

  test('are said in the log without their secrets', async () => {
    expect(await errorOf('error')).not.toBe('');
    expect(said).toContain('got the status 500; want 200');
    expect(said).not.toContain('hush');
  });

  test('costs the others nothing', async () => {
    expect(await scraping.value('up{job="fine"}')).toBe(1);
    const basic = `Basic ${Buffer.from('hubpulse:hush').toString('base64')}`;
    expect(server.requests.find(({ url }) => url === '/fine')?.headers.authorization).toBe(basic);
  });
});

const openssl = ['/usr/bin/openssl', '/bin/openssl'].find((path) => existsSync(path));

test.skipIf(openssl === undefined)(
  'a target with a certificate is trusted as its job says (skipped without openssl)',
  async () => {
    const directory = await temporaryDirectory();
    const [key, cert] = [join(directory.path, 'key.pem'), join(directory.path, 'cert.pem')];
    const request = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
    ];
    const subject = [
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
    ];
    execFileSync(openssl as string, [...request, ...subject, '-keyout', key, '-out', cert], {
      stdio: 'ignore',
    });
    const server = createServer(
      { key: readFileSync(key), cert: readFileSync(cert) },
      (_, response) => {
        response.end('m 1\n');
      },
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const target = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const jobOf = (name: string, tls: string): string =>
      `  - { job_name: ${name}, scheme: https, scrape_interval: 1s, static_configs: [{ targets: ['${target}'] }], tls_config: ${tls} }\n`;
    const scraping = await startScraping(
      () =>
        `scrape_configs:\n${jobOf('unknown', '{}')}${jobOf('known', `{ ca_file: ${cert} }`)}${jobOf('careless', '{ insecure_skip_verify: true }')}`,
    );
    try {
      await eventually('a scrape of each', async () =>
        (await scraping.targets()).every(({ health }) => health !== 'unknown'),
      );
      expect(await scraping.values('up{job!="hubpulse"}', 'job')).toEqual({
        unknown: 0,
        known: 1,
        careless: 1,
      });
      expect((await scraping.targets())[0]?.lastError).toContain('self-signed certificate');
    } finally {
      await scraping.end();
      server.close();
      server.closeAllConnections();
      await directory.remove();
    }
  },
);

test('a target that leaves its file ends, one that comes begins', async () => {
  const server = await startExpositionServer(exposing(TEXT, () => 'm 1\n'));
  const group = (shard: string) => JSON.stringify([{ targets: [server.host], labels: { shard } }]);
  const scraping = await startScraping(
    () => `
scrape_configs:
  - job_name: files
    scrape_interval: 1s
    file_sd_configs: [{ files: ['targets-*.json'] }]
`,
  );
  try {
    const put = async (text: string): Promise<void> => {
      await writeFile(join(scraping.folder, 'new'), text);
      await rename(join(scraping.folder, 'new'), join(scraping.folder, 'targets-1.json'));
    };
    const shards = async (): Promise<string> =>
      Object.keys(await scraping.values('m', 'shard')).join();
    await put(group('a'));
    await eventually('the first target', async () => (await shards()) === 'a');
    await put(group('b'));
    await eventually('the second target in its place', async () => (await shards()) === 'b');
    let said = '';
    scraping.server.child.stderr?.on('data', (text: string) => (said += text));
    await put('[{');
    await eventually('a word about the file', async () =>
      said.includes('A file with targets cannot be read'),
    );
    expect(await shards()).toBe('b');
  } finally {
    await scraping.end();
    await server.stop();
  }
});

test('a thousand targets are scraped in one process, spread evenly', async ({ annotate }) => {
  const arrivals: number[] = [];
  const server = await startExpositionServer((_, response) => {
    arrivals.push(performance.now());
    response.end(Array.from({ length: 20 }, (__, i) => `m{i="${i}"} ${i}\n`).join(''));
  });
  const names = Array.from({ length: 1000 }, (_, i) => `host-${i}`);
  const intervalMs = 10_000;
  const scraping = await startScraping(
    () => `
scrape_configs:
  - job_name: many
    scrape_interval: 10s
    static_configs: [{ targets: [${names.join(', ')}] }]
    relabel_configs:
      - { source_labels: [__address__], target_label: instance }
      - { source_labels: [__address__], target_label: __param_target }
      - { target_label: __address__, replacement: '${server.host}' }
`,
  );
  try {
    await eventually(
      'every target up',
      async () => arrivals.length > 2000 && (await scraping.value('sum(up{job="many"})')) === 1000,
      60_000,
    );
    expect(await scraping.value('count(m)')).toBe(20_000);
    const metrics = await scraping.metrics();
    expect(metrics).toMatch(/^hubpulse_scrapes_failed_total 0$/m);
    // Told and not judged: the machine may be busy with something else.
    await annotate(/^hubpulse_event_loop_delay_p99_seconds .*$/m.exec(metrics)?.[0] ?? 'no figure');
    const from = arrivals[0] ?? 0;
    const perSecond = new Uint32Array(10);
    for (const arrival of arrivals.slice(0, 1000)) {
      const second = Math.floor(((arrival - from) / intervalMs) * perSecond.length);
      perSecond[second] = (perSecond[second] ?? 0) + 1;
    }
    // A hundred in each second on average; chance alone gives a deviation of ten.
    expect(Math.min(...perSecond)).toBeGreaterThan(40);
    expect(Math.max(...perSecond)).toBeLessThan(160);
  } finally {
    await scraping.end();
    await server.stop();
  }
});
