import type { ProtobufReader } from '../../protobuf.ts';
import { readDouble, readSignedFixed64, readWord } from '../number-field.ts';
import type { PointFields, PointTags } from './point-field.ts';

/** Fields of `NumberDataPoint`. */
export const NUMBER_ATTRIBUTE_TAG = 0x3a;
const DOUBLE_TAG = 0x21;
const INT_TAG = 0x31;
const TAGS: PointTags = { attribute: NUMBER_ATTRIBUTE_TAG, flags: 0x40, exemplar: 0x2a };

/** Reads `NumberDataPoint`. */
export class NumberPoint {
  hasValue = false;
  value = 0;
  /** Whether the value came as a double, so that its bits are to be kept. */
  isDouble = false;
  lowBits = 0;
  highBits = 0;

  /** @param reader Stands at the start of the point, which reaches to its end. */
  read(reader: ProtobufReader, fields: PointFields): void {
    fields.begin(reader, TAGS);
    this.hasValue = false;
    while (reader.at < reader.end) {
      const start = reader.at;
      const tag = reader.readVarint();
      if (fields.read(reader, tag, start)) continue;
      if (tag === DOUBLE_TAG) this.#readDouble(reader);
      else if (tag === INT_TAG) this.#readInt(reader);
      else reader.skip(tag);
    }
  }

  #readDouble(reader: ProtobufReader): void {
    const { at } = reader;
    this.value = readDouble(reader);
    this.lowBits = readWord(reader.bytes, at);
    this.highBits = readWord(reader.bytes, at + 4);
    this.isDouble = true;
    this.hasValue = true;
  }

  #readInt(reader: ProtobufReader): void {
    this.value = readSignedFixed64(reader);
    this.isDouble = false;
    this.hasValue = true;
  }
}
