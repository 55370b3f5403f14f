import { type Labels, labelsKey, type SeriesRef } from '@hubpulse/model';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import { FileTargets, type FoundGroup, type ReadTargetGroups } from './file-targets.ts';
import { createRelabel } from './relabel.ts';
import type { ScrapeClient } from './scrape-client.ts';
import type { ScrapeJob } from './scrape-job.ts';
import { type ScrapeTarget, targetsOf, type TargetVerdict } from './scrape-target.ts';
import type { ScrapeSink } from '../scrape-sink.ts';
import { SeriesTable } from './series-table.ts';
import { TargetScraper, type TargetStatus } from './target-scraper.ts';

/** What scraping needs from the rest. */
export interface ScraperParts {
  readonly sink: ScrapeSink;
  readonly createClient: (job: ScrapeJob) => ScrapeClient;
  readonly readTargetGroups: ReadTargetGroups;
  readonly clock: Clock;
  readonly log: Log;
  /** 32 random bits for the tables of series. */
  readonly seed: number;
}

/** What one job shares with the others. */
export interface JobParts extends ScraperParts {
  readonly job: ScrapeJob;
  /** How many more targets there may be, those of this job left out. */
  readonly room: () => number;
  /** Takes the series that some other target has away. */
  readonly removeHeld: (refs: Set<SeriesRef>) => void;
}

/** What targets that are gone have counted. */
interface Past {
  scrapes: number;
  failures: number;
  missed: number;
}

/** Keeps the targets of one job as its configuration and its files say. */
export class JobScraper {
  readonly #parts: JobParts;
  readonly #client: ScrapeClient;
  readonly #files: FileTargets;
  readonly #relabel: ReturnType<typeof createRelabel>;
  readonly past: Past = { scrapes: 0, failures: 0, missed: 0 };
  #active = new Map<string, TargetScraper>();
  #dropped: Labels[] = [];
  #refused = 0;
  #isFailing = false;
  #isStopped = false;
  #changing: Promise<void> = Promise.resolve();

  constructor(parts: JobParts) {
    const { job, readTargetGroups, clock, log } = parts;
    this.#parts = parts;
    this.#client = parts.createClient(job);
    this.#relabel = createRelabel(job.relabelRules);
    this.#files = new FileTargets({
      lists: job.fileLists,
      read: readTargetGroups,
      clock,
      onChange: (groups) => this.#apply(groups),
      onFault: (path, error) => {
        log.warn(
          { job: job.name, path, err: error },
          'A file with targets cannot be read; what it last gave stays. Said once until it can.',
        );
      },
    });
  }

  async start(): Promise<void> {
    this.#apply([]);
    await this.#files.start();
    await this.#changing;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#files.stop();
    await this.#changing;
    await Promise.all([...this.#active.values()].map((scraper) => scraper.stop()));
    this.#client.close();
  }

  statuses(): TargetStatus[] {
    return [...this.#active.values()].map((scraper) => scraper.status());
  }

  scrapers(): Iterable<TargetScraper> {
    return this.#active.values();
  }

  /** Labels of the addresses that rules dropped. */
  dropped(): readonly Labels[] {
    return this.#dropped;
  }

  /** Addresses that make no target. */
  refused(): number {
    return this.#refused;
  }

  /** Takes the targets of the configuration and of files; one change after another. */
  #apply(found: readonly FoundGroup[]): void {
    this.#changing = this.#changing.then(
      () => this.#change(this.#verdicts(found)),
      () => undefined,
    );
    this.#changing = this.#changing.catch((error: unknown) => this.#tellFailure(error));
  }

  #verdicts(found: readonly FoundGroup[]): TargetVerdict[] {
    const { job } = this.#parts;
    const making = { job, relabel: this.#relabel };
    return [
      ...job.staticGroups.flatMap((group) => targetsOf(making, group)),
      ...found.flatMap(({ path, group }) => targetsOf(making, group, { __meta_filepath: path })),
    ];
  }

  async #change(verdicts: readonly TargetVerdict[]): Promise<void> {
    if (this.#isStopped) return;
    const wanted = this.#wantedOf(verdicts);
    const leaving = [...this.#active.values()].filter(({ target }) => !wanted.has(target.key));
    await Promise.all(leaving.map((scraper) => scraper.stop()));
    for (const scraper of leaving) this.#forget(scraper);
    const byLabels = new Map(leaving.map((scraper) => [labelsKey(scraper.target.labels), scraper]));
    for (const [key, target] of wanted) {
      if (this.#active.has(key)) continue;
      const heir = labelsKey(target.labels);
      // The same series from now on by another way: they go on, and end with what the next scrape does not have.
      const table = byLabels.get(heir)?.table;
      byLabels.delete(heir);
      this.#begin(target, table ?? new SeriesTable(this.#parts.seed));
    }
    for (const scraper of byLabels.values()) {
      const refs = new Set(scraper.liveRefs());
      this.#parts.removeHeld(refs);
      // oxlint-disable-next-line no-await-in-loop -- Few go at once, and each is one batch.
      await scraper.end([...refs]);
    }
  }

  #wantedOf(verdicts: readonly TargetVerdict[]): Map<string, ScrapeTarget> {
    const wanted = new Map<string, ScrapeTarget>();
    const faults: string[] = [];
    const room = this.#parts.room();
    this.#dropped = verdicts.flatMap((verdict) => ('dropped' in verdict ? [verdict.dropped] : []));
    for (const verdict of verdicts) {
      if ('fault' in verdict) faults.push(verdict.fault);
      if (!('target' in verdict)) continue;
      const { target } = verdict;
      if (wanted.size < room || wanted.has(target.key)) wanted.set(target.key, target);
      else faults.push(`got more than ${room} targets; want fewer`);
    }
    this.#refused = faults.length;
    if (faults.length > 0) {
      this.#parts.log.warn(
        { job: this.#parts.job.name, count: faults.length, first: faults[0] },
        'Some addresses are not scraped.',
      );
    }
    return wanted;
  }

  #begin(target: ScrapeTarget, table: SeriesTable): void {
    const { sink, clock, seed } = this.#parts;
    const scraper = new TargetScraper({
      target,
      table,
      seed,
      client: this.#client,
      sink,
      clock,
      onChange: (status) => this.#tellHealth(status),
      onFailure: (error) => this.#tellFailure(error),
    });
    this.#active.set(target.key, scraper);
    scraper.start();
  }

  #forget(scraper: TargetScraper): void {
    const { scrapes, failures, missed } = scraper.status();
    this.past.scrapes += scrapes;
    this.past.failures += failures;
    this.past.missed += missed;
    this.#active.delete(scraper.target.key);
  }

  #tellHealth({ target, health, lastError }: TargetStatus): void {
    const instance = target.labels.find(([name]) => name === 'instance')?.[1];
    const fields = { job: target.job.name, instance };
    if (health === 'up') {
      this.#parts.log.info(fields, 'A target can be scraped again.');
    } else {
      this.#parts.log.warn(
        { ...fields, reason: lastError },
        'A target cannot be scraped; said once until it can.',
      );
    }
  }

  #tellFailure(error: unknown): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    this.#parts.log.warn(
      { job: this.#parts.job.name, err: error },
      'A scrape could not be stored; said once for each job.',
    );
  }
}
