import { formatLabels } from '@hubpulse/model';
import { createLog } from '../../log.ts';
import { createManualClock, type ManualClock } from '../../manual-clock.ts';
import { createMemoryStore } from '../../store/memory/memory-store.ts';
import type { MetricStore } from '../../store/port.ts';
import { createIngest, type Ingest } from '../ingest.ts';
import type { IngestLimits } from '../limits.ts';
import type { ReadTargetGroups } from './file-targets.ts';
import type { ScrapeAnswer, ScrapeClient, ScrapeRequest } from './scrape-client.ts';
import type { ScrapeJob } from './scrape-job.ts';
import { createScraper, type Scraper } from './scraper.ts';

/** A multiple of every interval of the tests. */
export const NOW_MS = 1_800_000_000_000;

const LIMITS: IngestLimits = {
  maxBodyBytes: 1_000_000,
  maxDecompressedBytes: 4_000_000,
  maxSeries: 100_000,
  maxSeriesPerSender: 50_000,
  maxLabels: 8,
  maxLabelBytes: 100,
  maxAgeMs: 3_600_000,
  maxFutureMs: 60_000,
};

/** A job every 10 s, with what a test says otherwise. */
export const jobOf = (changes: Partial<ScrapeJob> = {}): ScrapeJob => ({
  name: 'api',
  intervalMs: 10_000,
  timeoutMs: 5000,
  scheme: 'http',
  metricsPath: '/metrics',
  params: {},
  honorLabels: false,
  honorTimestamps: true,
  followRedirects: true,
  staticGroups: [{ targets: ['a:1'], labels: {} }],
  fileLists: [],
  relabelRules: [],
  metricRelabelRules: [],
  sampleLimit: 0,
  bodySizeLimitBytes: 0,
  credentials: undefined,
  tls: { insecureSkipVerify: false, caFile: undefined },
  ...changes,
});

/** What targets answer, by URL: a body, a whole answer, or the way there. */
export type Respond = (
  request: ScrapeRequest,
) => string | ScrapeAnswer | Promise<string | ScrapeAnswer>;

/** Lets everything happen that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    // oxlint-disable-next-line no-await-in-loop -- One turn after another.
    await new Promise(setImmediate);
  }
}

/** Scraping over a store in memory, by a clock that the test moves. */
export class ScrapeRig {
  readonly store: MetricStore;
  readonly clock: ManualClock = createManualClock(NOW_MS);
  readonly ingest: Ingest;
  readonly scraper: Scraper;
  readonly logged: string[] = [];
  readonly requests: ScrapeRequest[] = [];
  respond: Respond = () => '';

  constructor(
    jobs: readonly ScrapeJob[],
    {
      store = createMemoryStore(),
      limits = {},
      readTargetGroups = async () => [],
      maxTargets,
    }: {
      store?: MetricStore;
      limits?: Partial<IngestLimits>;
      readTargetGroups?: ReadTargetGroups;
      maxTargets?: number;
    } = {},
  ) {
    const { clock } = this;
    this.store = store;
    this.ingest = createIngest({ store, clock, limits: { ...LIMITS, ...limits }, seed: 1 });
    const client: ScrapeClient = {
      fetch: async (request) => {
        this.requests.push(request);
        const answer = await this.respond(request);
        if (typeof answer !== 'string') return answer;
        return { bytes: Buffer.from(answer), contentType: 'text/plain' };
      },
      close: () => undefined,
    };
    const parts = {
      sink: this.ingest.scrapes,
      createClient: () => client,
      readTargetGroups,
      clock,
      log: createLog({
        level: 'info',
        stream: { write: (line) => this.logged.push(line) },
        isTerminal: false,
      }),
      seed: 1,
    };
    this.scraper = createScraper(jobs, parts, maxTargets);
  }

  /** Moves the clock on and waits for what that causes. */
  async advance(byMs: number): Promise<void> {
    this.clock.advance(byMs);
    await settle();
  }

  /** The values in the store that match, by series and in order of time; `stale` for the marker of an end. */
  async values(metric: string): Promise<Record<string, (number | 'stale')[]>> {
    const rows = await this.rows(metric);
    return Object.fromEntries(
      Object.entries(rows).map(([series, list]) => [series, list.map(([, value]) => value)]),
    );
  }

  /** The same, with the times. */
  async rows(metric: string): Promise<Record<string, [number, number | 'stale'][]>> {
    const series = await this.store.select({
      matchers: [{ name: '__name__', op: '=~', value: metric }],
      fromMs: -8.64e15,
      toMs: 8.64e15,
    });
    return Object.fromEntries(
      series.map(({ labels, tMs, values }) => {
        const bits = new BigUint64Array(values.slice().buffer);
        const valueAt = (i: number): number | 'stale' =>
          bits[i] === STALE_BITS ? 'stale' : (values[i] ?? Number.NaN);
        return [formatLabels(labels), [...tMs].map((time, i) => [time, valueAt(i)])];
      }),
    );
  }
}

const STALE_BITS = 0x7ff0000000000002n;
