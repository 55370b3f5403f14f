import type { ProtobufReader } from '../../protobuf.ts';
import { readTimeMs } from '../number-field.ts';
import type { PointKey } from './point-key.ts';

/** Fields that data points of most kinds have. */
const START_TAG = 0x11;
const TIME_TAG = 0x19;

/** The tags of fields that every kind of point numbers in its own way. */
export interface PointTags {
  readonly attribute: number;
  readonly flags: number;
  /** Left out of kinds without exemplars. */
  readonly exemplar?: number;
}

/** The flag of a point that says that there is no value. */
const NO_RECORDED_VALUE = 1;

/** What data points of all kinds have. One object serves point after point. */
export class PointFields {
  /** Unix milliseconds; 0 where the sender does not say. */
  startMs = 0;
  tMs = 0;
  exemplars = 0;
  #tags: PointTags = { attribute: 0, flags: 0 };
  #flags = 0;
  #attributesStart = 0;
  #attributesEnd = 0;
  #isScattered = false;
  #pointStart = 0;

  /** Begins a point, whose fields begin at the reader. */
  begin(reader: ProtobufReader, tags: PointTags): void {
    this.#tags = tags;
    this.startMs = 0;
    this.tMs = 0;
    this.exemplars = 0;
    this.#flags = 0;
    this.#attributesStart = 0;
    this.#attributesEnd = 0;
    this.#isScattered = false;
    this.#pointStart = reader.at;
  }

  /** Whether the point says that its series has ended. */
  get isStale(): boolean {
    return (this.#flags & NO_RECORDED_VALUE) !== 0;
  }

  /**
   * Reads a field if it is one of these. The reader stands behind its tag.
   *
   * @param fieldStart Where the tag begins.
   * @returns Whether it was; the reader has not moved when not.
   */
  read(reader: ProtobufReader, tag: number, fieldStart: number): boolean {
    const tags = this.#tags;
    if (tag === tags.attribute) this.#noteAttribute(reader, fieldStart);
    else if (tag === TIME_TAG) this.tMs = readTimeMs(reader);
    else if (tag === START_TAG) this.startMs = readTimeMs(reader);
    else if (tag === tags.flags) this.#flags = reader.readVarint();
    else if (tag === tags.exemplar) {
      this.exemplars++;
      reader.skip(tag);
    } else return false;
    return true;
  }

  /** Notes where an attribute is. */
  #noteAttribute(reader: ProtobufReader, fieldStart: number): void {
    reader.at = reader.readLength();
    if (this.#attributesEnd === 0) this.#attributesStart = fieldStart;
    else if (this.#attributesEnd !== fieldStart) this.#isScattered = true;
    this.#attributesEnd = reader.at;
  }

  /** Appends the attributes, with their tags, to a key. @param reader Stands at the end of the point. */
  appendAttributes(key: PointKey, reader: ProtobufReader): void {
    if (!this.#isScattered) {
      key.append(reader.bytes, this.#attributesStart, this.#attributesEnd);
      return;
    }
    reader.at = this.#pointStart;
    while (reader.at < reader.end) {
      const start = reader.at;
      const tag = reader.readVarint();
      reader.skip(tag);
      if (tag === this.#tags.attribute) key.append(reader.bytes, start, reader.at);
    }
  }
}

/** Numbers of a list field, in memory that serves list after list. */
export class NumberList {
  values: Float64Array<ArrayBuffer> = new Float64Array(64);
  length = 0;

  push(value: number): void {
    if (this.length === this.values.length) {
      const grown = new Float64Array(2 * this.length);
      grown.set(this.values);
      this.values = grown;
    }
    this.values[this.length++] = value;
  }

  /** Reads packed numbers. @param reader Stands behind the field's tag. */
  readPacked(reader: ProtobufReader, read: (reader: ProtobufReader) => number): void {
    const outerEnd = reader.end;
    const end = reader.readLength();
    reader.end = end;
    while (reader.at < end) this.push(read(reader));
    reader.end = outerEnd;
  }
}
