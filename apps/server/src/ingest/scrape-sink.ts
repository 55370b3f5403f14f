import type { Labels, SampleBatch } from '@hubpulse/model';
import type { TimeBounds } from './gate.ts';
import type { InternedSeries } from './series-intake.ts';
import type { IngestLimits } from './limits.ts';
import type { MetricMetadata } from './metric-metadata.ts';
import type { Refusal } from './refusal.ts';

/** Where scraped samples go: the gate, the store and the counts, as a scrape sees them. */
export interface ScrapeSink {
  readonly limits: IngestLimits;
  readonly metadata: MetricMetadata;
  timeBounds(): TimeBounds;
  /** @param sender The instance that is scraped. */
  internEach(series: readonly Labels[], sender: string): InternedSeries;
  /**
   * Writes what one scrape found; durable when it resolves. The arrays belong to the sink from now on.
   *
   * @throws Refusal `overloaded`, and what the store throws; nothing was stored then
   */
  append(batch: SampleBatch, exemplars: number): Promise<void>;
  /** Counts samples that were refused alone. */
  refuse(refusal: Pick<Refusal, 'reason'>, samples: number): void;
}
