import { createHash } from 'node:crypto';
import {
  createLabels,
  type Labels,
  labelsKey,
  parseDuration,
  printDuration,
} from '@hubpulse/model';
import type { MutableLabels, Relabel } from './relabel.ts';
import type { ScrapeJob, TargetGroup } from './scrape-job.ts';

/** One thing to scrape. */
export interface ScrapeTarget {
  readonly job: ScrapeJob;
  /** Where it was found and with which labels, before any rule. */
  readonly discovered: Labels;
  /** What its series carry: `job`, `instance`, and what the configuration adds. */
  readonly labels: Labels;
  readonly url: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Equal for targets that are scraped in the same way and give the same series. */
  readonly key: string;
  /** When in each interval it is scraped; spreads targets evenly, and stays through restarts. */
  readonly offsetMs: number;
}

/** What became of an address of the configuration. */
export type TargetVerdict =
  | { readonly target: ScrapeTarget }
  /** A rule dropped it. */
  | { readonly dropped: Labels }
  | { readonly discovered: Labels; readonly fault: string };

/** Labels that begin with this steer the scrape and are not stored. */
const PRIVATE_PREFIX = '__';

const PARAM_PREFIX = '__param_';

/**
 * Makes a target of each address of a group, by the rules of its job.
 *
 * @param source Labels that say where the group was found.
 */
export function targetsOf(
  { job, relabel }: { readonly job: ScrapeJob; readonly relabel: Relabel },
  group: TargetGroup,
  source: Readonly<Record<string, string>> = {},
): TargetVerdict[] {
  return group.targets.map((address) => {
    const labels: MutableLabels = new Map([
      ...Object.entries(defaultLabels(job)),
      ...Object.entries(group.labels),
      ...Object.entries(source),
      ['__address__', address],
    ]);
    const discovered = createLabels(labels);
    if (!relabel(labels)) return { dropped: discovered };
    const made = makeTarget(job, labels, discovered);
    return typeof made === 'string' ? { discovered, fault: made } : { target: made };
  });
}

function defaultLabels(job: ScrapeJob): Record<string, string> {
  const params = Object.entries(job.params).map(([name, [first = '']]) => [
    `${PARAM_PREFIX}${name}`,
    first,
  ]);
  return {
    job: job.name,
    __scheme__: job.scheme,
    __metrics_path__: job.metricsPath,
    __scrape_interval__: printDuration(job.intervalMs),
    __scrape_timeout__: printDuration(job.timeoutMs),
    ...Object.fromEntries(params),
  };
}

/** The target, or why its labels make none. */
function makeTarget(
  job: ScrapeJob,
  labels: MutableLabels,
  discovered: Labels,
): ScrapeTarget | string {
  const intervalMs = durationIn(labels, '__scrape_interval__');
  const timeoutMs = durationIn(labels, '__scrape_timeout__');
  if (intervalMs < 1 || timeoutMs < 1 || timeoutMs > intervalMs) {
    return `got an interval of ${intervalMs} ms and a timeout of ${timeoutMs} ms; want both, the timeout not longer`;
  }
  const url = urlOf(job, labels);
  if (url === undefined) {
    return (
      `got the address ${JSON.stringify(labels.get('__address__') ?? '')} ` +
      `and the scheme ${JSON.stringify(labels.get('__scheme__') ?? '')}; want host:port, and http or https`
    );
  }
  const stored = [...labels].filter(([name]) => !name.startsWith(PRIVATE_PREFIX));
  const instance = labels.get('instance') ?? labels.get('__address__') ?? '';
  const own = createLabels([...stored, ['instance', instance]]);
  const key = JSON.stringify([job.name, labelsKey(own), url, intervalMs, timeoutMs]);
  return {
    job,
    discovered,
    labels: own,
    url,
    intervalMs,
    timeoutMs,
    key,
    offsetMs: offsetOf(`${labelsKey(own)} ${url}`, intervalMs),
  };
}

function durationIn(labels: MutableLabels, name: string): number {
  return parseDuration(labels.get(name) ?? '') ?? 0;
}

/** `host`, `host:port` or `[address]:port`: nothing that would lead the URL elsewhere. */
const ADDRESS = /^(?:[^\s/?#@\\:[\]]+|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?$/;

function urlOf(job: ScrapeJob, labels: MutableLabels): string | undefined {
  const scheme = labels.get('__scheme__') ?? '';
  const address = labels.get('__address__') ?? '';
  if ((scheme !== 'http' && scheme !== 'https') || !ADDRESS.test(address)) return undefined;
  const base = `${scheme}://${address}`;
  if (!URL.canParse(base)) return undefined;
  const url = new URL(base);
  const path = labels.get('__metrics_path__') ?? '';
  url.pathname = path.startsWith('/') ? path : `/${path}`;
  for (const [name, values] of paramsOf(job, labels)) {
    for (const value of values) url.searchParams.append(name, value);
  }
  return url.href;
}

/** The parameters of the job, the first value of each as its label has it now. */
function paramsOf(job: ScrapeJob, labels: MutableLabels): [string, readonly string[]][] {
  const params = new Map(
    Object.entries(job.params).map(([name, values]) => [name, values.slice(1)] as const),
  );
  for (const [label, value] of labels) {
    if (!label.startsWith(PARAM_PREFIX)) continue;
    const name = label.slice(PARAM_PREFIX.length);
    params.set(name, [value, ...(params.get(name) ?? [])]);
  }
  return [...params];
}

/** Bytes of a hash that make a whole number which a double holds. */
const OFFSET_BYTES = 6;

function offsetOf(identity: string, intervalMs: number): number {
  const hash = createHash('sha256').update(identity).digest();
  return hash.readUIntBE(0, OFFSET_BYTES) % intervalMs;
}
