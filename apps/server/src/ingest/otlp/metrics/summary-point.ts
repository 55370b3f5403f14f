import type { ProtobufReader } from '../../protobuf.ts';
import { within } from '../nested-message.ts';
import { readDouble, readFixed64 } from '../number-field.ts';
import type { SeriesShape } from './metric.ts';
import { NumberList, type PointFields, type PointTags } from './point-field.ts';
import type { PointKey } from './point-key.ts';

/** Fields of `SummaryDataPoint` and `ValueAtQuantile`. */
export const SUMMARY_ATTRIBUTE_TAG = 0x3a;
const COUNT_TAG = 0x21;
const SUM_TAG = 0x29;
const QUANTILE_VALUE_TAG = 0x32;
const QUANTILE_TAG = 0x09;
const VALUE_TAG = 0x11;
const TAGS: PointTags = { attribute: SUMMARY_ATTRIBUTE_TAG, flags: 0x40 };

/** Reads `SummaryDataPoint`: quantiles that the sender computed. */
export class SummaryPoint {
  count = 0;
  sum = 0;
  readonly quantiles: NumberList = new NumberList();
  readonly values: NumberList = new NumberList();

  /** @param reader Stands at the start of the point, which reaches to its end. */
  read(reader: ProtobufReader, fields: PointFields): void {
    fields.begin(reader, TAGS);
    this.count = 0;
    this.sum = 0;
    this.quantiles.length = 0;
    this.values.length = 0;
    while (reader.at < reader.end) {
      const start = reader.at;
      const tag = reader.readVarint();
      if (fields.read(reader, tag, start)) continue;
      if (tag === COUNT_TAG) this.count = readFixed64(reader);
      else if (tag === SUM_TAG) this.sum = readDouble(reader);
      else if (tag === QUANTILE_VALUE_TAG) this.#readQuantile(reader);
      else reader.skip(tag);
    }
  }

  /** Appends what the point's series depend on beside its attributes. */
  appendShape(key: PointKey): void {
    key.appendWord(this.quantiles.length);
    for (let i = 0; i < this.quantiles.length; i++) {
      key.appendDouble(this.quantiles.values[i] as number);
    }
  }

  /** One series for each quantile, then those of the count and the sum. */
  shapes(): SeriesShape[] {
    const quantiles = this.quantiles.values.subarray(0, this.quantiles.length);
    return [
      ...Array.from(quantiles, (quantile): SeriesShape => ({
        suffix: '',
        label: ['quantile', String(quantile)],
      })),
      { suffix: '_count' },
      { suffix: '_sum' },
    ];
  }

  #readQuantile(reader: ProtobufReader): void {
    within(reader, () => {
      let quantile = 0;
      let value = 0;
      while (reader.at < reader.end) {
        const tag = reader.readVarint();
        if (tag === QUANTILE_TAG) quantile = readDouble(reader);
        else if (tag === VALUE_TAG) value = readDouble(reader);
        else reader.skip(tag);
      }
      this.quantiles.push(quantile);
      this.values.push(value);
    });
  }
}
