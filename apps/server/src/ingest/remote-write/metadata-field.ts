import type { MetricMetadata } from '../metric-metadata.ts';
import type { ProtobufReader } from '../protobuf.ts';

/** Fields of `prometheus.MetricMetadata`. */
const TYPE_TAG = 0x08;
const NAME_TAG = 0x12;
const HELP_TAG = 0x22;
const UNIT_TAG = 0x2a;

/** `MetricType`, by its number. */
const TYPES = [
  'unknown',
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
];

/** Longer texts are cut here, in bytes: four for each character of the longest help that is kept. */
const MAX_TEXT_BYTES = 4000;

const utf8 = new TextDecoder();

/**
 * Reads one `MetricMetadata` of a request of remote write 1.0.
 *
 * @param reader Stands behind the field's tag; afterwards behind the message.
 * @throws Refusal `malformed`
 */
export function readMetadata(reader: ProtobufReader, metadata: MetricMetadata): void {
  const outerEnd = reader.end;
  const end = reader.readLength();
  reader.end = end;
  let type = 0;
  let name = '';
  let help = '';
  let unit = '';
  while (reader.at < end) {
    const tag = reader.readVarint();
    if (tag === TYPE_TAG) type = reader.readVarint();
    else if (tag === NAME_TAG) name = readText(reader);
    else if (tag === HELP_TAG) help = readText(reader);
    else if (tag === UNIT_TAG) unit = readText(reader);
    else reader.skip(tag);
  }
  reader.end = outerEnd;
  if (name !== '') metadata.record(name, { type: TYPES[type] ?? 'unknown', help, unit });
}

function readText(reader: ProtobufReader): string {
  const end = reader.readLength();
  const text = reader.bytes.subarray(reader.at, Math.min(end, reader.at + MAX_TEXT_BYTES));
  reader.at = end;
  return utf8.decode(text);
}
