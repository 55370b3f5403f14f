import { ProtobufReader } from '../protobuf.ts';
import { Refusal } from '../refusal.ts';
import type { RemoteWriteMessage } from './media-type.ts';

const TIME_SERIES_TAGS: Readonly<Record<RemoteWriteMessage, number>> = {
  'prometheus.WriteRequest': 0x0a,
  'io.prometheus.write.v2.Request': 0x2a,
};

/** Field 2 of a `TimeSeries` in both messages. */
const SAMPLE_TAG = 0x12;

/** The samples of a message that was refused; of one that breaks off, those up to there. */
export function countSamples(bytes: Uint8Array, message: RemoteWriteMessage): number {
  const reader = new ProtobufReader();
  reader.open(bytes);
  let count = 0;
  try {
    while (reader.at < bytes.length) {
      const tag = reader.readVarint();
      if (tag !== TIME_SERIES_TAGS[message]) {
        reader.skip(tag);
        continue;
      }
      reader.end = reader.readLength();
      while (reader.at < reader.end) {
        const field = reader.readVarint();
        if (field === SAMPLE_TAG) count++;
        reader.skip(field);
      }
      reader.end = bytes.length;
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
  return count;
}
