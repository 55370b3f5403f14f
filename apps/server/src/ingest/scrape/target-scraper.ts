import { createLabels, type Labels, METRIC_NAME, type SeriesRef } from '@hubpulse/model';
import type { Clock } from '../../clock.ts';
import { ExpositionError } from '../exposition/exposition-error.ts';
import { formatOf } from '../exposition/exposition-format.ts';
import { ExposedMetadataLines } from './exposed-metadata.ts';
import { createRelabel } from './relabel.ts';
import { createSampleLabels } from './sample-labels.ts';
import type { ScrapeClient } from './scrape-client.ts';
import { type DecodedScrape, decodeScrape, type DecodingTarget } from './scrape-decoder.ts';
import { ScrapeFailure } from './scrape-failure.ts';
import { ScrapeRows } from './scrape-rows.ts';
import { dueAfter, sampleTime } from './scrape-schedule.ts';
import type { ScrapeSink } from '../scrape-sink.ts';
import type { ScrapeTarget } from './scrape-target.ts';
import type { SeriesTable } from './series-table.ts';

/** What is known of a target at present. */
export interface TargetStatus {
  readonly target: ScrapeTarget;
  /** `unknown` before the first scrape. */
  readonly health: 'unknown' | 'up' | 'down';
  /** Why the last scrape brought nothing; empty when it did. */
  readonly lastError: string;
  /** When the last scrape began, Unix milliseconds; `undefined` before the first. */
  readonly lastScrapeMs: number | undefined;
  readonly lastDurationSeconds: number;
  readonly scrapes: number;
  readonly failures: number;
  /** Scrapes that were left out because the one before had not ended, or the machine slept. */
  readonly missed: number;
}

/** What the loop of a target needs. */
export interface TargetScraperParts {
  readonly target: ScrapeTarget;
  /** Empty, or that of a target with the same series which this one replaces. */
  readonly table: SeriesTable;
  /** 32 random bits. */
  readonly seed: number;
  readonly client: ScrapeClient;
  readonly sink: ScrapeSink;
  readonly clock: Clock;
  /** Told when the target goes down and when it comes up again. */
  readonly onChange: (status: TargetStatus) => void;
  /** Told what the store threw; the scrape is lost then. */
  readonly onFailure: (error: unknown) => void;
}

/** The series that a scrape has about itself, in the order of `reportValues`. */
const REPORTS = [
  'up',
  'scrape_duration_seconds',
  'scrape_samples_scraped',
  'scrape_samples_post_metric_relabeling',
  'scrape_series_added',
] as const;

/** What a scrape came to; without `decoded` it brought nothing. */
interface ScrapeResult {
  readonly tMs: number;
  readonly durationSeconds: number;
  readonly decoded: DecodedScrape | undefined;
  readonly error: string;
}

/** The loop of one target. */
export class TargetScraper {
  readonly target: ScrapeTarget;
  readonly table: SeriesTable;
  readonly #parts: TargetScraperParts;
  readonly #decoding: DecodingTarget;
  readonly #reportLabels: readonly Labels[];
  #reportRefs: Uint32Array = new Uint32Array(0);
  #scrape = 0;
  #dueMs = Number.NaN;
  #isStopped = true;
  #cancel = (): void => {};
  #underWay: Promise<void> = Promise.resolve();
  #abort = new AbortController();
  #status: TargetStatus;

  constructor(parts: TargetScraperParts) {
    const { target, table, sink, seed } = parts;
    const { job } = target;
    this.target = target;
    this.table = table;
    this.#parts = parts;
    this.#decoding = {
      instance: instanceOf(target),
      table,
      metadata: new ExposedMetadataLines(sink.metadata, seed),
      labelsOf: createSampleLabels({
        targetLabels: target.labels,
        honorLabels: job.honorLabels,
        relabel: createRelabel(job.metricRelabelRules),
        limits: sink.limits,
      }),
      honorTimestamps: job.honorTimestamps,
      sampleLimit: job.sampleLimit,
      sink,
    };
    this.#reportLabels = REPORTS.map((name) =>
      createLabels([...target.labels, [METRIC_NAME, name]]),
    );
    this.#status = {
      target,
      health: 'unknown',
      lastError: '',
      lastScrapeMs: undefined,
      lastDurationSeconds: 0,
      scrapes: 0,
      failures: 0,
      missed: 0,
    };
  }

  start(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    this.#scheduleNext();
  }

  /** Ends the scrape under way and begins no other. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    this.#abort.abort();
    await this.#underWay;
  }

  /** Marks series as ended, for a target that is gone. Call after `stop`. */
  async end(refs: readonly SeriesRef[]): Promise<void> {
    // Later than the last sample, also after a correction of the clock.
    const tMs = Math.max(this.#parts.clock.nowMs(), (this.#status.lastScrapeMs ?? 0) + 1);
    await this.#append(new ScrapeRows(refs.length).toBatch(refs, tMs), 0);
  }

  /** The series that have not ended, those about the scrapes included. */
  liveRefs(): SeriesRef[] {
    return [...this.table.liveRefs(), ...this.#reportRefs].filter((ref) => ref !== 0);
  }

  status(): TargetStatus {
    return this.#status;
  }

  #scheduleNext(): void {
    if (this.#isStopped) return;
    const { clock } = this.#parts;
    const { intervalMs } = this.target;
    const nowMs = clock.nowMs();
    const lastMs = this.#dueMs;
    // A timer may fire a moment early, and the scrape that it was for must not come twice. Past an interval the clock was set.
    const isRecent = Math.abs(lastMs - nowMs) <= intervalMs;
    this.#dueMs = dueAfter(this.target, isRecent ? Math.max(nowMs, lastMs) : nowMs);
    const missed = Math.round((this.#dueMs - lastMs) / intervalMs) - 1;
    if (missed > 0) this.#status = { ...this.#status, missed: this.#status.missed + missed };
    this.#cancel = clock.schedule(() => {
      this.#underWay = this.#run().finally(() => this.#scheduleNext());
    }, this.#dueMs - nowMs);
  }

  async #run(): Promise<void> {
    try {
      await this.#scrapeOnce();
    } catch (error) {
      this.#parts.onFailure(error);
    }
  }

  async #scrapeOnce(): Promise<void> {
    const { clock } = this.#parts;
    const startedMs = clock.monotonicMs();
    const tMs = sampleTime(this.target, this.#dueMs, clock.nowMs());
    this.#scrape = this.table.begin();
    const { decoded, error } = await this.#fetch(tMs);
    if (this.#isStopped) return;
    const durationSeconds = (clock.monotonicMs() - startedMs) / 1000;
    const result = { tMs, durationSeconds, decoded, error };
    this.#note(result);
    await this.#store(result);
  }

  async #fetch(tMs: number): Promise<Pick<ScrapeResult, 'decoded' | 'error'>> {
    const { client, clock, sink } = this.#parts;
    const { url, timeoutMs, job } = this.target;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    const cancelTimeout = clock.schedule(() => this.#abort.abort(), timeoutMs);
    const maxBytes = job.bodySizeLimitBytes || sink.limits.maxDecompressedBytes;
    try {
      const { bytes, contentType } = await client.fetch({ url, timeoutMs, maxBytes, signal });
      const format = formatOf(contentType);
      if (format === undefined) {
        throw new ScrapeFailure("got Prometheus' binary format; want text, which we asked for");
      }
      const body = { bytes, format, scrape: this.#scrape, tMs };
      return { decoded: await decodeScrape(this.#decoding, body), error: '' };
    } catch (error) {
      if (!(error instanceof ScrapeFailure) && !(error instanceof ExpositionError)) throw error;
      return { decoded: undefined, error: error.message };
    } finally {
      cancelTimeout();
    }
  }

  #note({ tMs, durationSeconds, error }: ScrapeResult): void {
    const before = this.#status;
    const health = error === '' ? 'up' : 'down';
    this.#status = {
      ...before,
      health,
      lastError: error,
      lastScrapeMs: tMs,
      lastDurationSeconds: durationSeconds,
      scrapes: before.scrapes + 1,
      failures: before.failures + (error === '' ? 0 : 1),
    };
    const isNews = health === 'down' ? before.health !== 'down' : before.health === 'down';
    if (isNews) this.#parts.onChange(this.#status);
  }

  /** Stores what the scrape brought, the end of what it did not bring any more, and how it went. */
  async #store(result: ScrapeResult): Promise<void> {
    const { decoded, tMs } = result;
    const rows = decoded?.rows ?? new ScrapeRows(REPORTS.length);
    const refs = this.#internReports();
    for (const [i, value] of reportValues(result).entries()) rows.push(refs[i] ?? 0, tMs, value);
    await this.#append(
      rows.toBatch([...this.table.endedBy(this.#scrape)], tMs),
      decoded?.exemplars ?? 0,
    );
    this.table.settle(this.#scrape);
  }

  #internReports(): Uint32Array {
    if (this.#reportRefs.length > 0 && !this.#reportRefs.includes(0)) return this.#reportRefs;
    const { sink } = this.#parts;
    const { refs, refusals } = sink.internEach(this.#reportLabels, this.#decoding.instance);
    for (const refusal of refusals.values()) sink.refuse(refusal, 1);
    this.#reportRefs = refs;
    return refs;
  }

  #append(batch: Parameters<ScrapeSink['append']>[0], exemplars: number): Promise<void> {
    return this.#parts.sink.append(batch, exemplars);
  }
}

/** The value of each series of `REPORTS`. */
function reportValues({ decoded, durationSeconds }: ScrapeResult): readonly number[] {
  const { scraped, kept, added } = decoded ?? { scraped: 0, kept: 0, added: 0 };
  return [decoded === undefined ? 0 : 1, durationSeconds, scraped, kept, added];
}

function instanceOf({ labels }: ScrapeTarget): string {
  return labels.find(([name]) => name === 'instance')?.[1] ?? '';
}
