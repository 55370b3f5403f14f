import { type Labels, type Sample, STALE_BITS } from '@hubpulse/model';
import type { MetricStore } from '../store/port.ts';

/** Series that had samples and have none now. */
export interface EndedSeries {
  readonly labels: readonly Labels[];
  /** When that was noticed, Unix milliseconds. */
  readonly tMs: number;
}

/**
 * Writes samples that still carry their labels: the few that Hubpulse measures itself. A series that has ended gets a stale
 * marker, so that queries do not find its last sample for minutes; a sample of the same series and time wins over it.
 */
export type WriteSamples = (samples: readonly Sample[], ended?: EndedSeries) => Promise<void>;

const NOTHING_ENDED: EndedSeries = { labels: [], tMs: 0 };

/** Makes a writer that interns each sample's series and appends all samples as one batch, durable when it resolves. */
export function createSampleWriter(store: MetricStore): WriteSamples {
  return async (samples, { labels: ended, tMs: endMs } = NOTHING_ENDED) => {
    const rows = ended.length + samples.length;
    const refs = new Uint32Array(rows);
    const tMs = new Float64Array(rows);
    const values = new Float64Array(rows);
    new BigUint64Array(values.buffer).fill(STALE_BITS, 0, ended.length);
    for (const [row, labels] of ended.entries()) {
      refs[row] = store.intern(labels);
      tMs[row] = endMs;
    }
    for (const [i, sample] of samples.entries()) {
      const row = ended.length + i;
      refs[row] = store.intern(sample.labels);
      tMs[row] = sample.tMs;
      values[row] = sample.value;
    }
    await store.append({ refs, tMs, values });
  };
}
