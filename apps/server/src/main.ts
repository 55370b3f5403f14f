#!/usr/bin/env node
import { randomInt, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { createHostCollector, type HostCollector } from '@hubpulse/agent';
import { type Running, runCli } from './cli.ts';
import { type Clock, systemClock } from './clock.ts';
import { type Closing, createClosing } from './closing.ts';
import { scrapeJobs } from './config/scrape-configs.ts';
import type { Config } from './config/settings.ts';
import { readTargetFile } from './config/target-file.ts';
import type { HealthParts } from './http/health-routes.ts';
import { listen } from './http/listener.ts';
import { createOtlpListener, type OtlpListener } from './http/otlp-listener.ts';
import { createHttpServer, type HttpServer } from './http/server.ts';
import { createIngest, type Ingest, type IngestOptions } from './ingest/ingest.ts';
import type { IngestLimits } from './ingest/limits.ts';
import { createOwnHostIngest } from './ingest/own-host.ts';
import { createHttpScraper } from './ingest/scrape/http-scraper.ts';
import type { Scraper } from './ingest/scrape/scraper.ts';
import { createSampleWriter } from './ingest/sample-writer.ts';
import { createSeriesIntake } from './ingest/series-intake.ts';
import { createLiveFrames, type LiveFrames } from './live/live-frames.ts';
import type { Log } from './log.ts';
import { createPulse, type Pulse, type PulseStep } from './pulse.ts';
import { createOverviewQuery, type OverviewQuery } from './query/overview.ts';
import { createPromqlQuery, type PromqlQuery } from './query/promql-query.ts';
import { createResolutionChoice } from './query/resolution.ts';
import { createRules, type Rules } from './rules/rules.ts';
import type { MetricSource } from './self/metric-family.ts';
import { createOwnSamples } from './self/own-samples.ts';
import {
  collectorMetrics,
  ingestMetrics,
  liveMetrics,
  pulseMetrics,
  scrapeMetrics,
  ruleMetrics,
  spanMetrics,
  storeMetrics,
} from './self/part-metrics.ts';
import { createProbe } from './self/probe.ts';
import { createProcessMetrics } from './self/process-metrics.ts';
import { createReadiness } from './self/readiness.ts';
import { createRequestMetrics } from './self/request-metrics.ts';
import { type EmbeddedStore, openEmbeddedStore } from './store/embedded/embedded-store.ts';
import type { MetricStore } from './store/port.ts';
import { explainStoreFault } from './store-fault.ts';

// Patterns of queries come from outside: one that makes the usual engine backtrack without end is run by the linear one.
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
// Samples lie outside of the heap. Counted apart, each 32 MB of them would make the collector walk through the whole heap.
setFlagsFromString('--external-memory-accounted-in-global-limit');

const { version } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as { version: string };

/** The built dashboard lies beside the server in the same tree, whether that runs from `src` or from `dist`. */
const DASHBOARD_DIRECTORY = fileURLToPath(new URL('../../dashboard/dist', import.meta.url));

/** How often Hubpulse's own figures are taken when the host's are switched off. */
const DEFAULT_PULSE_MS = 5000;

/** Frames kept for clients that come back: an hour at one each 5 s. */
const KEPT_FRAMES = 720;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** The parts that the pulse drives, in the order in which data flows through them. */
interface PulseParts {
  readonly store: MetricStore;
  readonly spans: Ingest['spans'];
  readonly rules: Rules;
  readonly query: OverviewQuery;
  readonly frames: LiveFrames;
  readonly metrics: MetricSource;
  readonly collector: HostCollector | undefined;
  readonly clock: Clock;
  /** Our own address; known only once we listen. */
  readonly url: () => string;
}

function pulseSteps({
  store,
  spans,
  rules,
  query,
  frames,
  metrics,
  collector,
  clock,
  url,
}: PulseParts): PulseStep[] {
  const hostName = hostname();
  const write = createSampleWriter(store);
  const own = createOwnSamples({ source: metrics, job: 'hubpulse', instance: hostName });
  const probe = createProbe({ url: () => `${url()}/readyz`, clock, instance: hostName, fetch });
  return [
    ...(collector === undefined
      ? []
      : [{ name: 'host', run: createOwnHostIngest({ collector, hostName, write }) }]),
    { name: 'own', run: async (tMs) => write(own(tMs)) },
    { name: 'spans', run: () => spans.beat() },
    { name: 'signals', run: async (tMs) => rules.evaluateBuiltin(tMs) },
    { name: 'live', run: async (tMs) => frames.publish(await query.frame(tMs)) },
    { name: 'probe', run: async (tMs) => write(await probe(tMs)) },
  ];
}

async function start(config: Config, log: Log): Promise<Running> {
  const clock = systemClock;
  const intervalMs = config.agentIntervalMs === 0 ? DEFAULT_PULSE_MS : config.agentIntervalMs;
  const store = await openStore(config, { clock, log });
  const startedMs = clock.monotonicMs();
  const query = createOverviewQuery({ store, clock, intervalMs });
  const frames = createLiveFrames({ epoch: randomUUID(), capacity: KEPT_FRAMES });
  const requests = createRequestMetrics();
  const ingest = createIngest({ store, clock, ...ingestOptions(config) });
  const { limits } = ingest;
  const scraper = createOwnScraper(config, { ingest, clock, log });
  const rules = createConfiguredRules(config, { store, clock, log, limits, intervalMs });
  const processMetrics = createProcessMetrics({ version, clock });
  const collector = config.agentIntervalMs === 0 ? undefined : createOwnCollector({ clock, log });
  const sources: MetricSource[] = [
    requests.source,
    processMetrics.source,
    storeMetrics(store),
    ingestMetrics(ingest),
    scrapeMetrics(scraper),
    spanMetrics(ingest.spans),
    ruleMetrics(rules),
  ];
  if (collector !== undefined) sources.push(collectorMetrics(collector));
  const metrics: MetricSource = () => sources.flatMap((source) => source());
  const base = { log, listenHost: config.host, allowedHosts: config.allowedHosts, requests };
  const otlp = createOtlpListener({ ...base, ingest, port: config.otlpPort });
  const http = await createHttpServer({
    ...base,
    clock,
    dashboardDirectory: DASHBOARD_DIRECTORY,
    health: healthOf({ store, clock, metrics, startedMs }),
    ingest,
    scrapes: scraper,
    query,
    store,
    promql: createPromql(config, { store, clock }),
    rules,
    frames,
  });
  let url = '';
  const steps = pulseSteps({
    store,
    spans: ingest.spans,
    rules,
    query,
    frames,
    metrics,
    collector,
    clock,
    url: () => url,
  });
  const pulse = createPulse({ clock, log, intervalMs, steps });
  sources.push(liveMetrics(http.live), pulseMetrics(pulse));
  const closing = closingOf({ http, otlp, pulse, rules, scraper, processMetrics, store });
  try {
    url = await listen(http.app, config);
    await otlp.open();
  } catch (error) {
    await closing.close();
    throw error;
  }
  // The first reading gives no rates yet; taking it now lets the first beat have them.
  await collector?.collect();
  await rules.start();
  pulse.start();
  await scraper.start();
  return { url, failed: store.failed, ...closing };
}

function createPromql(
  config: Config,
  { store, clock }: { store: MetricStore; clock: Clock },
): PromqlQuery {
  const retentionMs = retentionOf(config);
  return createPromqlQuery({
    store,
    choose: createResolutionChoice({ store, clock, retentionMs }),
  });
}

/** The parts that have to be closed, in this order. */
function closingOf({
  http,
  otlp,
  pulse,
  rules,
  scraper,
  processMetrics,
  store,
}: {
  http: HttpServer;
  otlp: OtlpListener;
  pulse: Pulse;
  rules: Rules;
  scraper: Scraper;
  processMetrics: { close(): void };
  store: MetricStore;
}): Closing {
  return createClosing([
    // Streams end first: the listener waits for its connections.
    ['live streams', async () => http.live.close()],
    ['HTTP listener', async () => http.app.close()],
    ['OTLP listener', () => otlp.close()],
    ['scraping', () => scraper.stop()],
    // A beat may be waiting for the rules.
    ['rules', () => rules.stop()],
    ['own collection', () => pulse.stop()],
    ['process metrics', async () => processMetrics.close()],
    // The store is last, so that all that was accepted is on disk.
    ['store', () => store.close()],
  ]);
}

function createConfiguredRules(
  config: Config,
  parts: { store: MetricStore; clock: Clock; log: Log; limits: IngestLimits; intervalMs: number },
): Rules {
  return createRules({
    ...parts,
    intake: createSeriesIntake(parts),
    builtinIntervalMs: config.builtinRules ? parts.intervalMs : undefined,
    patterns: config.ruleFiles,
  });
}

function createOwnScraper(
  config: Config,
  { ingest, clock, log }: { ingest: Ingest; clock: Clock; log: Log },
): Scraper {
  return createHttpScraper(scrapeJobs(config), {
    version,
    sink: ingest.scrapes,
    readTargetGroups: readTargetFile,
    clock,
    log,
    seed: randomInt(2 ** 32),
  });
}

function healthOf({
  store,
  clock,
  metrics,
  startedMs,
}: {
  store: MetricStore;
  clock: Clock;
  metrics: MetricSource;
  startedMs: number;
}): HealthParts {
  return {
    version,
    uptimeSeconds: () => Math.round((clock.monotonicMs() - startedMs) / 1000),
    readiness: createReadiness({ store, clock }),
    metrics,
  };
}

/** A compressed body may hold four times its limit: what usual senders reach, with room. */
const DECOMPRESSED_FACTOR = 4;

function ingestOptions(config: Config): Omit<IngestOptions, 'store' | 'clock'> {
  return {
    limits: ingestLimits(config),
    seed: randomInt(2 ** 32),
    maxSpanLabelSets: config.ingestMaxSpanLabelSets,
  };
}

function ingestLimits(config: Config): IngestLimits {
  const maxBodyBytes = config.ingestMaxBodyMib * 1024 * 1024;
  return {
    maxBodyBytes,
    maxDecompressedBytes: maxBodyBytes * DECOMPRESSED_FACTOR,
    maxSeries: config.ingestMaxSeries,
    maxSeriesPerSender: config.ingestMaxSeriesPerSender,
    maxLabels: config.ingestMaxLabels,
    maxLabelBytes: config.ingestMaxLabelBytes,
    // What is older would be deleted with its day; what is older than raw samples lives on in buckets.
    maxAgeMs: Math.max(...Object.values(retentionOf(config))),
    maxFutureMs: config.ingestMaxFutureMinutes * MINUTE_MS,
  };
}

function retentionOf(config: Config): Record<'raw' | '1m' | '1h', number> {
  return {
    raw: config.retentionRawDays * DAY_MS,
    '1m': config.retention1mDays * DAY_MS,
    '1h': config.retention1hDays * DAY_MS,
  };
}

async function openStore(
  config: Config,
  { clock, log }: { clock: Clock; log: Log },
): Promise<EmbeddedStore> {
  try {
    return await openEmbeddedStore({
      directory: config.dataDir,
      clock,
      log,
      retentionMs: retentionOf(config),
    });
  } catch (error) {
    throw explainStoreFault(error, config.dataDir);
  }
}

function createOwnCollector({ clock, log }: { clock: Clock; log: Log }): HostCollector {
  return createHostCollector({
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
    onSourceFailure: (source, error) => {
      log.warn(
        { source, err: error },
        'A source of host metrics failed; said once until it works again.',
      );
    },
  });
}

// Until the very end a signal must find a listener: one that comes while the process exits would change its exit code.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined);

const exitCode = await runCli({
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
  isTerminal: process.stderr.isTTY,
  version,
  start,
  signals: process,
});

// Parts that did not close in time would keep the process alive.
process.exit(exitCode);
