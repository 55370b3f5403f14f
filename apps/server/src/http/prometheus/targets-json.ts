import { type Labels, printDuration } from '@hubpulse/model';
import { PromqlError } from '@hubpulse/promql';
import type { DroppedTargets } from '../../ingest/scrape/scraper.ts';
import type { TargetStatus } from '../../ingest/scrape/target-scraper.ts';
import { metricJson } from './result-json.ts';

/** What is scraped, as `/api/v1/targets` shows it. */
export interface ScrapedTargets {
  targets(): readonly TargetStatus[];
  dropped(): readonly DroppedTargets[];
}

/** Go's zero time, which Prometheus shows for a target that was not scraped yet. */
const NEVER = '0001-01-01T00:00:00Z';

const STATES = ['any', 'active', 'dropped'];

/** Targets in the form of Prometheus. `state` and `scrapePool` choose among them. */
export function targetsJson(scrapes: ScrapedTargets, parameters: URLSearchParams): string {
  const state = parameters.get('state') || 'any';
  if (!STATES.includes(state)) {
    throw new PromqlError(
      'bad_data',
      `invalid parameter "state": got ${JSON.stringify(state.slice(0, 80))}; want one of ${STATES.join(', ')}`,
    );
  }
  const pool = parameters.get('scrapePool') ?? '';
  const isChosen = (job: string): boolean => pool === '' || pool === job;
  const dropped = scrapes.dropped().filter(({ job }) => isChosen(job));
  const active = scrapes.targets().filter(({ target }) => isChosen(target.job.name));
  const counts = Object.fromEntries(dropped.map(({ job, discovered }) => [job, discovered.length]));
  const parts = [
    `"activeTargets":[${state === 'dropped' ? '' : active.map(activeJson).join(',')}]`,
    `"droppedTargets":[${state === 'active' ? '' : dropped.flatMap(droppedJson).join(',')}]`,
    `"droppedTargetCounts":${JSON.stringify(counts)}`,
  ];
  return `{${parts.join(',')}}`;
}

function activeJson({ target, ...status }: TargetStatus): string {
  const { lastScrapeMs } = status;
  const fields = JSON.stringify({
    scrapePool: target.job.name,
    scrapeUrl: target.url,
    globalUrl: target.url,
    lastError: status.lastError,
    lastScrape: lastScrapeMs === undefined ? NEVER : new Date(lastScrapeMs).toISOString(),
    lastScrapeDuration: status.lastDurationSeconds,
    health: status.health,
    scrapeInterval: printDuration(target.intervalMs),
    scrapeTimeout: printDuration(target.timeoutMs),
  });
  return `{"discoveredLabels":${metricJson(target.discovered)},"labels":${metricJson(target.labels)},${fields.slice(1)}`;
}

function droppedJson({ job, discovered }: DroppedTargets): string[] {
  return discovered.map(
    (labels: Labels) =>
      `{"discoveredLabels":${metricJson(labels)},"scrapePool":${JSON.stringify(job)}}`,
  );
}
