import { readFileSync } from 'node:fs';
import { StartupError } from '../../startup-error.ts';
import { createBodyBudget } from './body-budget.ts';
import { createHttpScrapeClient } from './http-scrape-client.ts';
import type { ScraperParts } from './job-scraper.ts';
import type { ScrapeJob } from './scrape-job.ts';
import { createScraper, type Scraper } from './scraper.ts';

/** Bytes of bodies that may be read at once: some of the largest, thousands of usual ones. */
const MAX_BODY_BYTES = 256 * 1024 * 1024;

/** Idle connections outlive a missed scrape. */
const IDLE_INTERVALS = 2;
const IDLE_SPARE_MS = 5000;

/**
 * Scrapes over HTTP.
 *
 * @param version Of Hubpulse, for `User-Agent`.
 * @throws StartupError when the `ca_file` of a job cannot be read
 */
export function createHttpScraper(
  jobs: readonly ScrapeJob[],
  parts: Omit<ScraperParts, 'createClient'> & { readonly version: string },
): Scraper {
  const budget = createBodyBudget(MAX_BODY_BYTES);
  const createClient: ScraperParts['createClient'] = ({
    name,
    followRedirects,
    credentials,
    tls: { insecureSkipVerify, caFile },
    intervalMs,
  }) =>
    createHttpScrapeClient({
      version: parts.version,
      followRedirects,
      credentials,
      insecureSkipVerify,
      ca: caFile === undefined ? undefined : readCertificates(name, caFile),
      idleMs: IDLE_INTERVALS * intervalMs + IDLE_SPARE_MS,
      budget,
    });
  return createScraper(jobs, { ...parts, createClient });
}

function readCertificates(jobName: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new StartupError(
      {
        what: `scrape_configs: the job ${jobName}: ca_file ${path}`,
        got: cause instanceof Error ? cause.message : String(cause),
        want: 'a readable file of certificates (PEM)',
        remedy: 'Correct the path, or leave ca_file out to trust what the system trusts.',
      },
      { cause },
    );
  }
}
