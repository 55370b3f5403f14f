import type { ProtobufReader } from '../../protobuf.ts';
import { readDouble, readSignedFixed64, readWord } from '../number-field.ts';
import type { PointFields } from './point-field.ts';
import { START_TAG, TIME_TAG } from './point-field.ts';

/** Fields of `NumberDataPoint`. */
export const NUMBER_ATTRIBUTE_TAG = 0x3a;
const DOUBLE_TAG = 0x21;
const INT_TAG = 0x31;
const EXEMPLAR_TAG = 0x2a;
const FLAGS_TAG = 0x40;

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
    fields.begin(reader);
    this.hasValue = false;
    while (reader.at < reader.end) {
      const start = reader.at;
      const tag = reader.readVarint();
      if (tag === NUMBER_ATTRIBUTE_TAG) fields.noteAttribute(reader, start);
      else if (tag === TIME_TAG) fields.readTime(reader);
      else if (tag === START_TAG) fields.readStart(reader);
      else if (tag === DOUBLE_TAG) this.#readDouble(reader);
      else if (tag === INT_TAG) this.#readInt(reader);
      else if (tag === FLAGS_TAG) fields.readFlags(reader);
      else {
        if (tag === EXEMPLAR_TAG) fields.exemplars++;
        reader.skip(tag);
      }
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
