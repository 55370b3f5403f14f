import type { MetricMetadata } from '../../metric-metadata.ts';
import type { RefusedPart } from '../../refused-samples.ts';
import type { Sending } from '../../sending.ts';
import type { OtlpReceipt, OtlpReceiver, ReceiverParts } from '../receiver.ts';
import { type DecodedMetrics, MetricsDecoder } from './metrics-decoder.ts';
import { type FinishedPoints, PointBatch } from './point-batch.ts';
import { holdsDelta } from './temporality.ts';

/** What an append holds for each row: 20 bytes of columns, and the store's copy of them. */
const APPEND_BYTES_PER_SAMPLE = 40;

/** Receives metrics: `ExportMetricsServiceRequest`. */
export interface MetricsReceiver extends OtlpReceiver {
  /** Series that are known by their bytes. */
  cachedSeries(): number;
}

/**
 * @param seed 32 random bits; see `SeriesCache`.
 * @param maxSlots For tests.
 */
export function createMetricsReceiver({
  store,
  gate,
  counts,
  metadata,
  seed,
  maxSlots,
}: ReceiverParts & { metadata: MetricMetadata; seed: number; maxSlots?: number }): MetricsReceiver {
  const batch = new PointBatch({
    gate,
    store,
    seed,
    ...(maxSlots === undefined ? {} : { maxSlots }),
  });
  const decoder = new MetricsDecoder({ batch, limits: gate.limits, metadata });
  const inTurn = createTurns();

  const decode = (message: Uint8Array, sender: string): DecodedMetrics & FinishedPoints => {
    batch.begin();
    try {
      const decoded = decoder.decode(message);
      return { ...decoded, ...batch.finish(sender) };
    } catch (error) {
      batch.abort();
      throw error;
    }
  };

  const append = async (finished: FinishedPoints, { lease }: Sending): Promise<void> => {
    const samples = finished.batch.refs.length;
    lease.resize(samples * APPEND_BYTES_PER_SAMPLE);
    try {
      // An empty batch tells of no failure of the store.
      if (samples > 0) await store.append(finished.batch);
    } catch (error) {
      batch.restore(finished);
      counts.addRefused('otlp_metrics', { reason: 'store' }, samples);
      throw error;
    }
    gate.settle(finished.batch.refs);
  };

  return {
    cachedSeries: () => batch.cachedSeries,
    receive: async (message, sending) => {
      const take = async (): Promise<DecodedMetrics & FinishedPoints> => {
        const finished = decode(message, sending.sender);
        await append(finished, sending);
        return finished;
      };
      // Until a request with deltas is stored, nobody knows what the next one is added to.
      const finished = await (holdsDelta(message) ? inTurn(take) : take());
      counts.addStored('otlp_metrics', finished.batch.refs.length);
      counts.addIgnored({ histograms: 0, exemplars: finished.exemplars });
      for (const { refusal, samples } of finished.refused) {
        counts.addRefused('otlp_metrics', refusal, samples);
      }
      return receiptOf(finished);
    },
  };
}

/** Runs tasks one after another, whatever becomes of each. */
function createTurns(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return async (task) => {
    const before = last;
    const run = (async () => {
      await before;
      return task();
    })();
    last = run.catch(() => undefined);
    return run;
  };
}

function receiptOf({ points, refused }: DecodedMetrics & FinishedPoints): OtlpReceipt {
  const rejected = refused.reduce((sum, { samples }) => sum + samples, 0);
  return { rejected, message: rejected === 0 ? '' : describe(points, rejected, refused) };
}

function describe(points: number, rejected: number, refused: readonly RefusedPart[]): string {
  const reasons = refused.map(({ refusal, samples }) => `${samples} (${refusal.message})`);
  return `refused ${rejected} of ${points} data points: ${reasons.join(', ')}`;
}
