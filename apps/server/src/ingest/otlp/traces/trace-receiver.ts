import type { IngestCounts } from '../../ingest-counts.ts';
import type { SpanMetrics } from '../../spans/span-metrics.ts';
import type { OtlpReceipt, OtlpReceiver } from '../receiver.ts';
import { decodeTraceRequest, type TraceRequest } from './trace-request.ts';

/**
 * Receives spans. A request is taken when every total that its spans changed is durable. Of the spans themselves nothing is
 * kept: their events and links are counted, and all else that no metric is made of is passed over.
 */
export function createTraceReceiver({
  spans,
  counts,
}: {
  spans: SpanMetrics;
  counts: Pick<IngestCounts, 'addStored' | 'addRefused'>;
}): OtlpReceiver {
  return {
    receive: async (message, { sender }) => {
      const request = decodeTraceRequest(message);
      const { refused, refusal } = await spans.write(request.groups, sender).catch((error) => {
        counts.addRefused('otlp_traces', { reason: 'store' }, request.spans);
        throw error;
      });
      spans.counts.add('invalid', request.rejected);
      spans.counts.addUnkept(request);
      counts.addStored('otlp_traces', 0);
      return receiptOf(request, refused, refusal?.message ?? '');
    },
  };
}

function receiptOf({ rejected, reason }: TraceRequest, refused: number, why: string): OtlpReceipt {
  return {
    rejected: rejected + refused,
    message: [reason, why].filter((part) => part !== '').join('; also: '),
  };
}
