import type { Label, Labels } from '@hubpulse/model';
import { assertFewLabels, assertShortLabel, checkLabels, type LabelLimits } from './label-rules.ts';
import type { ProtobufReader } from './protobuf.ts';
import { Refusal } from './refusal.ts';

/**
 * The label bytes of a series are its `prometheus.Label` fields one after another, each with the tag that it has in a
 * `prometheus.TimeSeries`: what remote write 1.0 sends as it stands. Different label lists have different bytes.
 */
export const LABEL_TAG = 0x0a;
export const LABEL_NAME_TAG = 0x0a;
export const LABEL_VALUE_TAG = 0x12;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Decodes and checks label bytes.
 *
 * @param reader Stands at the start of the label bytes, which reach to its end; afterwards it stands behind them.
 * @throws Refusal `malformed`, `bad_labels`, `label_limit`
 */
export function decodeLabels(reader: ProtobufReader, limits: LabelLimits): Labels {
  const labels: Label[] = [];
  const { end } = reader;
  while (reader.at < end) {
    assertFewLabels(labels.length, limits);
    reader.readVarint();
    reader.end = reader.readLength();
    labels.push(decodeLabel(reader, limits));
    reader.end = end;
  }
  return checkLabels(labels, limits);
}

function decodeLabel(reader: ProtobufReader, limits: LabelLimits): Label {
  let name = '';
  let value = '';
  while (reader.at < reader.end) {
    const tag = reader.readVarint();
    if (tag === LABEL_NAME_TAG) name = readText(reader, limits);
    else if (tag === LABEL_VALUE_TAG) value = readText(reader, limits);
    else reader.skip(tag);
  }
  return [name, value];
}

function readText(reader: ProtobufReader, limits: LabelLimits): string {
  const end = reader.readLength();
  const text = reader.bytes.subarray(reader.at, end);
  assertShortLabel(text.length, () => new TextDecoder().decode(text.subarray(0, 200)), limits);
  reader.at = end;
  try {
    return utf8.decode(text);
  } catch (cause) {
    throw new Refusal(
      'bad_labels',
      `got a label with bytes that are no UTF-8 (${new TextDecoder().decode(text.subarray(0, 40))}); want UTF-8`,
      { cause },
    );
  }
}
