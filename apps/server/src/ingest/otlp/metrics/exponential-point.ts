import type { ProtobufReader } from '../../protobuf.ts';
import { within } from '../nested-message.ts';
import { readDouble, readFixed64, readZigzag32 } from '../number-field.ts';
import { NumberList, type PointFields, type PointTags } from './point-field.ts';

/** Fields of `ExponentialHistogramDataPoint` and its `Buckets`. */
export const EXPONENTIAL_ATTRIBUTE_TAG = 0x0a;
const COUNT_TAG = 0x21;
const SUM_TAG = 0x29;
const SCALE_TAG = 0x30;
const ZERO_COUNT_TAG = 0x39;
const POSITIVE_TAG = 0x42;
const NEGATIVE_TAG = 0x4a;
const OFFSET_TAG = 0x08;
const PACKED_COUNTS_TAG = 0x12;
const SINGLE_COUNT_TAG = 0x10;
const TAGS: PointTags = { attribute: EXPONENTIAL_ATTRIBUTE_TAG, flags: 0x50, exemplar: 0x5a };

/** The buckets on one side of zero. */
export interface ExponentialBuckets {
  /** The index of the first bucket: bucket `i` reaches from `base^i`, exclusive, to `base^(i + 1)`, inclusive. */
  offset: number;
  readonly counts: NumberList;
}

/** Reads `ExponentialHistogramDataPoint`: buckets whose bounds are the powers of `2^(2^-scale)`. */
export class ExponentialPoint {
  count = 0;
  sum = 0;
  hasSum = false;
  scale = 0;
  zeroCount = 0;
  readonly positive: ExponentialBuckets = { offset: 0, counts: new NumberList() };
  readonly negative: ExponentialBuckets = { offset: 0, counts: new NumberList() };

  /** @param reader Stands at the start of the point, which reaches to its end. */
  read(reader: ProtobufReader, fields: PointFields): void {
    fields.begin(reader, TAGS);
    this.#clear();
    while (reader.at < reader.end) {
      const start = reader.at;
      const tag = reader.readVarint();
      if (!fields.read(reader, tag, start)) this.#readValue(reader, tag);
    }
  }

  #clear(): void {
    this.count = 0;
    this.sum = 0;
    this.hasSum = false;
    this.scale = 0;
    this.zeroCount = 0;
    for (const side of [this.positive, this.negative]) {
      side.offset = 0;
      side.counts.length = 0;
    }
  }

  #readValue(reader: ProtobufReader, tag: number): void {
    switch (tag) {
      case COUNT_TAG:
        this.count = readFixed64(reader);
        break;
      case SUM_TAG:
        this.sum = readDouble(reader);
        this.hasSum = true;
        break;
      case SCALE_TAG:
        this.scale = readZigzag32(reader);
        break;
      case ZERO_COUNT_TAG:
        this.zeroCount = readFixed64(reader);
        break;
      case POSITIVE_TAG:
        readBuckets(reader, this.positive);
        break;
      case NEGATIVE_TAG:
        readBuckets(reader, this.negative);
        break;
      default:
        reader.skip(tag);
    }
  }
}

function readBuckets(reader: ProtobufReader, into: ExponentialBuckets): void {
  within(reader, () => {
    while (reader.at < reader.end) {
      const tag = reader.readVarint();
      if (tag === OFFSET_TAG) into.offset = readZigzag32(reader);
      else if (tag === PACKED_COUNTS_TAG) into.counts.readPacked(reader, readCount);
      else if (tag === SINGLE_COUNT_TAG) into.counts.push(reader.readVarint());
      else reader.skip(tag);
    }
  });
}

const readCount = (reader: ProtobufReader): number => reader.readVarint();
