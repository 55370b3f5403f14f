import type { HostCollector } from '@hubpulse/agent';
import type { IngestStats, RefusedCount } from '../ingest/ingest-counts.ts';
import type { ScrapeStats } from '../ingest/scrape/scraper.ts';
import type { SpanStats } from '../ingest/spans/span-counts.ts';
import type { Pulse, PulseStats } from '../pulse.ts';
import type { GroupStatus } from '../rules/group-run.ts';
import { groupKey } from '../rules/rule.ts';
import type { RuleFileStats } from '../rules/rule-files.ts';
import type { Rules } from '../rules/rules.ts';
import type { MetricStore, StoreStats } from '../store/port.ts';
import { byLabel, type MetricFamily, type MetricSource, single } from './metric-family.ts';

const gauge = (name: string, help: string, value: number): MetricFamily =>
  single({ name, type: 'gauge', help }, value);

const counter = (name: string, help: string, value: number): MetricFamily =>
  single({ name, type: 'counter', help }, value);

/** Figures of the store. */
export function storeMetrics(store: MetricStore): MetricSource {
  return () => storeFamilies(store.stats());
}

/** Figures of the pulse. */
export function pulseMetrics(pulse: Pulse): MetricSource {
  return () => pulseFamilies(pulse.stats());
}

/** Figures of the live stream. */
export function liveMetrics({
  clients,
  stalled,
}: {
  clients: () => number;
  stalled: () => number;
}): MetricSource {
  return () => [
    gauge('hubpulse_live_clients', 'Open live streams.', clients()),
    counter(
      'hubpulse_live_stalled_clients_total',
      'Live streams that were ended because their client did not read.',
      stalled(),
    ),
  ];
}

/** Figures of the host collection. */
export function collectorMetrics(collector: HostCollector): MetricSource {
  return () => [
    byLabel(
      {
        name: 'hubpulse_agent_source_failures_total',
        type: 'counter',
        help: 'Failed readings of a source of host metrics; each costs its own metrics only.',
      },
      'source',
      collector.failures(),
    ),
  ];
}

/** Figures of spans and what becomes of them. */
export function spanMetrics(spans: { stats(): SpanStats }): MetricSource {
  return () => spanFamilies(spans.stats());
}

/** Figures of the rules, by group: `file;name`, as Prometheus names them. */
export function ruleMetrics(rules: Pick<Rules, 'groups' | 'fileStats'>): MetricSource {
  return () => [...groupFamilies(rules.groups()), ...ruleFileFamilies(rules.fileStats())];
}

function groupFamilies(groups: readonly GroupStatus[]): MetricFamily[] {
  const byGroup = (
    family: Omit<MetricFamily, 'points'>,
    valueOf: (status: GroupStatus) => number,
  ): MetricFamily =>
    byLabel(
      family,
      'rule_group',
      new Map(groups.map((status) => [groupKey(status.group), valueOf(status)])),
    );
  return [
    byGroup(
      {
        name: 'hubpulse_rule_evaluations_total',
        type: 'counter',
        help: 'Evaluations of rules.',
      },
      ({ evaluations }) => evaluations,
    ),
    byGroup(
      {
        name: 'hubpulse_rule_evaluation_failures_total',
        type: 'counter',
        help: 'Evaluations of rules that failed, or whose results could not be written.',
      },
      ({ failures }) => failures,
    ),
    byGroup(
      {
        name: 'hubpulse_rule_group_iterations_missed_total',
        type: 'counter',
        help: 'Evaluations of a group that were left out because one before took too long or the machine slept.',
      },
      ({ missed }) => missed,
    ),
    byGroup(
      {
        name: 'hubpulse_rule_group_last_duration_seconds',
        type: 'gauge',
        help: 'Duration of the last evaluation of a group, in seconds.',
      },
      ({ durationSeconds }) => durationSeconds,
    ),
  ];
}

function ruleFileFamilies(stats: RuleFileStats): MetricFamily[] {
  return [
    gauge('hubpulse_rule_files', 'Rule files that are followed.', stats.files),
    gauge(
      'hubpulse_rule_files_broken',
      'Rule files whose present text does not count, and those that cannot be found.',
      stats.broken,
    ),
    counter(
      'hubpulse_rule_file_reads_total',
      'Readings of a rule file: at the start, and after each change.',
      stats.reads,
    ),
    counter(
      'hubpulse_rule_file_read_failures_total',
      'Readings of a rule file that was not valid.',
      stats.failedReads,
    ),
  ];
}

/** Figures of what comes in from outside. */
export function ingestMetrics(ingest: { stats(): IngestStats }): MetricSource {
  return () => ingestFamilies(ingest.stats());
}

/** Figures of scraping. */
export function scrapeMetrics(scraper: { stats(): ScrapeStats }): MetricSource {
  return () => scrapeFamilies(scraper.stats());
}

function scrapeFamilies(stats: ScrapeStats): MetricFamily[] {
  return [
    byLabel(
      { name: 'hubpulse_scrape_targets', type: 'gauge', help: 'Targets, by their health.' },
      'health',
      stats.targets,
    ),
    gauge(
      'hubpulse_scrape_dropped_targets',
      'Addresses that relabel_configs drop.',
      stats.droppedTargets,
    ),
    gauge(
      'hubpulse_scrape_refused_targets',
      'Addresses that cannot be scraped as they are configured.',
      stats.refusedTargets,
    ),
    counter('hubpulse_scrapes_total', 'Scrapes, the failed ones included.', stats.scrapes),
    counter('hubpulse_scrapes_failed_total', 'Scrapes that brought nothing.', stats.failures),
    counter(
      'hubpulse_scrapes_missed_total',
      'Scrapes left out because the one before took too long or the machine slept.',
      stats.missed,
    ),
  ];
}

function ingestFamilies(stats: IngestStats): MetricFamily[] {
  return [
    byLabel(
      {
        name: 'hubpulse_ingest_samples_total',
        type: 'counter',
        help: 'Samples that were sent to Hubpulse and written durably.',
      },
      'wire',
      stats.samples,
    ),
    byLabel(
      {
        name: 'hubpulse_ingest_requests_total',
        type: 'counter',
        help: 'Requests with samples that were taken.',
      },
      'wire',
      stats.requests,
    ),
    refusedFamily(
      'hubpulse_ingest_refused_samples_total',
      'Samples that were sent and not stored, as many as could be told.',
      stats.refused.map((count) => [count, count.samples]),
    ),
    refusedFamily(
      'hubpulse_ingest_refused_requests_total',
      'Requests of which something or everything was refused.',
      stats.refused.map((count) => [count, count.requests]),
    ),
    byLabel(
      {
        name: 'hubpulse_ingest_ignored_total',
        type: 'counter',
        help: 'What came beside samples and is not stored.',
      },
      'kind',
      new Map([
        ['exemplar', stats.ignoredExemplars],
        ['native_histogram', stats.ignoredHistograms],
      ]),
    ),
    byLabel(
      {
        name: 'hubpulse_ingest_log_records_total',
        type: 'counter',
        help: 'Log records that came. They are not kept.',
      },
      'severity',
      stats.logRecords,
    ),
    gauge(
      'hubpulse_ingest_in_flight_bytes',
      'Memory that requests with samples hold at present, in bytes.',
      stats.inFlightBytes,
    ),
    gauge(
      'hubpulse_ingest_cached_series',
      'Series that are known by the bytes in which their sender writes them.',
      stats.cachedSeries,
    ),
  ];
}

function spanFamilies({ spans, events, links, labelSets, folded }: SpanStats): MetricFamily[] {
  return [
    byLabel(
      {
        name: 'hubpulse_ingest_spans_total',
        type: 'counter',
        help: 'Spans that were sent to Hubpulse, by what became of them.',
      },
      'outcome',
      spans,
    ),
    byLabel(
      {
        name: 'hubpulse_ingest_span_parts_total',
        type: 'counter',
        help: 'What came with spans and is not kept.',
      },
      'kind',
      new Map([
        ['event', events],
        ['link', links],
      ]),
    ),
    gauge(
      'hubpulse_ingest_span_label_sets',
      'Label sets of metrics that are made of spans at present.',
      labelSets,
    ),
    counter(
      'hubpulse_ingest_spans_folded_total',
      'Measurements whose labels became _OTHER because their service has too many label sets.',
      folded,
    ),
  ];
}

function refusedFamily(
  name: string,
  help: string,
  counts: readonly (readonly [RefusedCount, number])[],
): MetricFamily {
  const points = counts.map(([{ wire, reason }, value]) => ({
    suffix: '',
    labels: [['wire', wire] as const, ['reason', reason] as const],
    value,
  }));
  return { name, type: 'counter', help, points };
}

function storeFamilies(stats: StoreStats): MetricFamily[] {
  return [
    gauge('hubpulse_store_series', 'Series that the store holds.', stats.series),
    gauge(
      'hubpulse_store_head_samples',
      'Samples in memory that are not yet in compressed chunks.',
      stats.headSamples,
    ),
    gauge('hubpulse_store_disk_bytes', 'Size of the store on disk, in bytes.', stats.diskBytes),
    byLabel(
      {
        name: 'hubpulse_store_tier_bytes',
        type: 'gauge',
        help: 'Size of each tier of the store on disk, in bytes; what was set aside as damaged is in none.',
      },
      'tier',
      new Map(Object.entries(stats.tierBytes)),
    ),
    gauge('hubpulse_store_rolled_days', 'Days of samples that are rolled up.', stats.rolledDays),
    gauge(
      'hubpulse_store_unrolled_days',
      'Days of sealed samples that are not rolled up in their newest state, today among them.',
      stats.unrolledDays,
    ),
    counter(
      'hubpulse_store_deleted_samples_total',
      'Raw samples that were deleted on request.',
      stats.deletedSamples,
    ),
    counter(
      'hubpulse_store_appended_samples_total',
      'Samples written durably.',
      stats.appendedSamples,
    ),
    counter(
      'hubpulse_store_appended_batches_total',
      'Batches written durably.',
      stats.appendedBatches,
    ),
    counter(
      'hubpulse_store_failed_appends_total',
      'Batches that the store refused or could not write.',
      stats.failedAppends,
    ),
    counter(
      'hubpulse_store_selected_samples_total',
      'Samples read for queries.',
      stats.selectedSamples,
    ),
  ];
}

function pulseFamilies({
  beats,
  skipped,
  failures,
  lastDurationSeconds,
}: PulseStats): MetricFamily[] {
  return [
    counter('hubpulse_pulse_beats_total', 'Rounds of own collection.', beats),
    counter(
      'hubpulse_pulse_skipped_total',
      'Rounds left out because one before took too long or the machine slept.',
      skipped,
    ),
    gauge(
      'hubpulse_pulse_duration_seconds',
      'Duration of the last round, in seconds.',
      lastDurationSeconds,
    ),
    byLabel(
      {
        name: 'hubpulse_pulse_failures_total',
        type: 'counter',
        help: 'Failed steps of own collection.',
      },
      'step',
      failures,
    ),
  ];
}
