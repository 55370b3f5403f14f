import type { Label, Labels } from '@hubpulse/model';
import { assertFewLabels, assertShortLabel, checkLabels, type LabelLimits } from './label-rules.ts';
import type { LabelTexts } from './label-texts.ts';
import type { ProtobufReader } from './protobuf.ts';
import { Refusal } from './refusal.ts';

/**
 * The label bytes of a series are its `prometheus.Label` fields one after another, each with the tag that it has in a
 * `prometheus.TimeSeries`: what remote write 1.0 sends as it stands. Different label lists have different bytes.
 */
export const LABEL_TAG = 0x0a;
export const LABEL_NAME_TAG = 0x0a;
export const LABEL_VALUE_TAG = 0x12;

/**
 * Decodes and checks label bytes.
 *
 * @param reader Stands at the start of the label bytes, which reach to its end; afterwards it stands behind them.
 * @throws Refusal `malformed`, `bad_labels`, `label_limit`
 */
export function decodeLabels(
  reader: ProtobufReader,
  limits: LabelLimits,
  texts: LabelTexts,
): Labels {
  const labels: Label[] = [];
  const { end } = reader;
  while (reader.at < end) {
    assertFewLabels(labels.length, limits);
    reader.readVarint();
    reader.end = reader.readLength();
    labels.push(decodeLabel(reader, limits, texts));
    reader.end = end;
  }
  return checkLabels(labels, limits);
}

function decodeLabel(reader: ProtobufReader, limits: LabelLimits, texts: LabelTexts): Label {
  let name = '';
  let value = '';
  while (reader.at < reader.end) {
    const tag = reader.readVarint();
    if (tag === LABEL_NAME_TAG) name = readText(reader, limits, texts);
    else if (tag === LABEL_VALUE_TAG) value = readText(reader, limits, texts);
    else reader.skip(tag);
  }
  return [name, value];
}

function readText(reader: ProtobufReader, limits: LabelLimits, texts: LabelTexts): string {
  const end = reader.readLength();
  const { bytes, at: start } = reader;
  const show = (length: number): string =>
    new TextDecoder().decode(bytes.subarray(start, end).subarray(0, length));
  if (end - start > limits.maxLabelBytes) assertShortLabel(end - start, () => show(200), limits);
  reader.at = end;
  try {
    return texts.decode(bytes, start, end);
  } catch (cause) {
    throw new Refusal(
      'bad_labels',
      `got a label with bytes that are no UTF-8 (${show(40)}); want UTF-8`,
      { cause },
    );
  }
}
