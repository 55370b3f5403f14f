import type { Sample } from '@hubpulse/model';
import type { MetricStore } from '../store/port.ts';

/** Writes samples that still carry their labels: the few that Hubpulse measures itself. */
export type WriteSamples = (samples: readonly Sample[]) => Promise<void>;

/** Makes a writer that interns each sample's series and appends all samples as one batch, durable when it resolves. */
export function createSampleWriter(store: MetricStore): WriteSamples {
  return async (samples) => {
    await store.append({
      refs: Uint32Array.from(samples, ({ labels }) => store.intern(labels)),
      tMs: Float64Array.from(samples, ({ tMs }) => tMs),
      values: Float64Array.from(samples, ({ value }) => value),
    });
  };
}
