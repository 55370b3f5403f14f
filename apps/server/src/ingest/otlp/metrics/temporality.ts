import { ProtobufReader } from '../../protobuf.ts';
import { Refusal } from '../../refusal.ts';
import { eachMessage } from '../nested-message.ts';
import { readMetric } from './metric-field.ts';

/** Fields on the way from `ExportMetricsServiceRequest` to `Metric`. */
const RESOURCE_METRICS_TAG = 0x0a;
const SCOPE_METRICS_TAG = 0x12;
const METRIC_TAG = 0x12;

/** Whether a request has deltas to add up. Points are passed over; of a request that breaks off, what comes before counts. */
export function holdsDelta(message: Uint8Array): boolean {
  const reader = new ProtobufReader();
  let holds = false;
  reader.open(message);
  try {
    eachMessage(reader, RESOURCE_METRICS_TAG, () =>
      eachMessage(reader, SCOPE_METRICS_TAG, () =>
        eachMessage(reader, METRIC_TAG, () => {
          holds ||= readMetric(reader)?.head.isDelta === true;
        }),
      ),
    );
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
  return holds;
}
