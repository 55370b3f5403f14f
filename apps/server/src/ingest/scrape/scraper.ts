import type { Labels } from '@hubpulse/model';
import { JobScraper, type ScraperParts } from './job-scraper.ts';
import type { ScrapeJob } from './scrape-job.ts';
import type { TargetStatus } from './target-scraper.ts';

/** Targets of all jobs together: a bound for connections and memory, ten times what is promised. */
const MAX_TARGETS = 10_000;

/** Addresses of a job that its rules dropped. */
export interface DroppedTargets {
  readonly job: string;
  readonly discovered: readonly Labels[];
}

/** Figures of scraping since the start. */
export interface ScrapeStats {
  /** Targets by health: `up`, `down`, `unknown`. */
  readonly targets: ReadonlyMap<string, number>;
  readonly droppedTargets: number;
  /** Addresses that make no target, or one too many. */
  readonly refusedTargets: number;
  readonly scrapes: number;
  readonly failures: number;
  readonly missed: number;
}

/** Scrapes all targets of a configuration. */
export interface Scraper {
  /** Resolves when all targets are known and scheduled. */
  start(): Promise<void>;
  /** Ends all scrapes. Series stay as they are: a restart is no end of theirs. */
  stop(): Promise<void>;
  targets(): TargetStatus[];
  dropped(): DroppedTargets[];
  stats(): ScrapeStats;
}

export function createScraper(
  scrapeJobs: readonly ScrapeJob[],
  parts: ScraperParts,
  maxTargets: number = MAX_TARGETS,
): Scraper {
  const targets = (): TargetStatus[] => jobs.flatMap(([, scraper]) => scraper.statuses());
  const jobs: (readonly [job: ScrapeJob, scraper: JobScraper])[] = scrapeJobs.map((job) => {
    const scraper: JobScraper = new JobScraper({
      ...parts,
      job,
      room: () => maxTargets - targets().length + scraper.statuses().length,
      removeHeld: (refs) => {
        for (const [, other] of jobs) {
          for (const holder of other.scrapers()) {
            for (const ref of holder.liveRefs()) refs.delete(ref);
          }
        }
      },
    });
    return [job, scraper];
  });
  const scrapers = jobs.map(([, scraper]) => scraper);
  return {
    start: async () => {
      await Promise.all(scrapers.map((scraper) => scraper.start()));
    },
    stop: async () => {
      await Promise.all(scrapers.map((scraper) => scraper.stop()));
    },
    targets,
    dropped: () =>
      jobs.map(([{ name }, scraper]) => ({ job: name, discovered: scraper.dropped() })),
    stats: () => statsOf(targets(), scrapers),
  };
}

function statsOf(statuses: readonly TargetStatus[], scrapers: readonly JobScraper[]): ScrapeStats {
  const health = new Map([
    ['up', 0],
    ['down', 0],
    ['unknown', 0],
  ]);
  const sums = { scrapes: 0, failures: 0, missed: 0 };
  for (const status of statuses) health.set(status.health, (health.get(status.health) ?? 0) + 1);
  for (const counts of [...statuses, ...scrapers.map(({ past }) => past)]) {
    sums.scrapes += counts.scrapes;
    sums.failures += counts.failures;
    sums.missed += counts.missed;
  }
  return {
    targets: health,
    droppedTargets: scrapers.reduce((sum, scraper) => sum + scraper.dropped().length, 0),
    refusedTargets: scrapers.reduce((sum, scraper) => sum + scraper.refused(), 0),
    ...sums,
  };
}
