import type { ProtobufReader } from '../../protobuf.ts';
import { Refusal } from '../../refusal.ts';
import { readDouble, readFixed64 } from '../number-field.ts';
import type { SeriesShape } from './metric.ts';
import { NumberList, type PointFields, type PointTags } from './point-field.ts';
import type { PointKey } from './point-key.ts';

/** Fields of `HistogramDataPoint`. */
export const HISTOGRAM_ATTRIBUTE_TAG = 0x4a;
const COUNT_TAG = 0x21;
const SUM_TAG = 0x29;
const PACKED_COUNTS_TAG = 0x32;
const SINGLE_COUNT_TAG = 0x31;
const PACKED_BOUNDS_TAG = 0x3a;
const SINGLE_BOUND_TAG = 0x39;
const TAGS: PointTags = { attribute: HISTOGRAM_ATTRIBUTE_TAG, flags: 0x50, exemplar: 0x42 };

/** Buckets of one histogram. Each is a series of every attribute set, so this is far more than anybody means. */
const MAX_BOUNDS = 500;

/** Reads `HistogramDataPoint`: a histogram with explicit bounds. */
export class HistogramPoint {
  count = 0;
  sum = 0;
  hasSum = false;
  readonly bounds: NumberList = new NumberList();
  readonly counts: NumberList = new NumberList();

  /** @param reader Stands at the start of the point, which reaches to its end. */
  read(reader: ProtobufReader, fields: PointFields): void {
    fields.begin(reader, TAGS);
    this.count = 0;
    this.sum = 0;
    this.hasSum = false;
    this.bounds.length = 0;
    this.counts.length = 0;
    while (reader.at < reader.end) {
      const start = reader.at;
      const tag = reader.readVarint();
      if (!fields.read(reader, tag, start)) this.#readValue(reader, tag);
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
      case PACKED_COUNTS_TAG:
        this.counts.readPacked(reader, readFixed64);
        break;
      case SINGLE_COUNT_TAG:
        this.counts.push(readFixed64(reader));
        break;
      case PACKED_BOUNDS_TAG:
        this.bounds.readPacked(reader, readDouble);
        break;
      case SINGLE_BOUND_TAG:
        this.bounds.push(readDouble(reader));
        break;
      default:
        reader.skip(tag);
    }
  }

  /** Appends what the point's series depend on beside its attributes. */
  appendShape(key: PointKey): void {
    key.appendByte(Number(this.hasSum));
    key.appendWord(this.bounds.length);
    for (let i = 0; i < this.bounds.length; i++) key.appendDouble(this.bounds.values[i] as number);
  }

  /** One series for each bound, then those of `+Inf`, the count, and the sum if there is one. @throws Refusal */
  shapes(): SeriesShape[] {
    const bounds = this.bounds.values.subarray(0, this.bounds.length);
    assertBounds(bounds);
    return [
      ...Array.from(bounds, (bound) => bucketShape(bound)),
      bucketShape(Number.POSITIVE_INFINITY),
      { suffix: '_count' },
      ...(this.hasSum ? [{ suffix: '_sum' }] : []),
    ];
  }

  /** Whether there is a count for each bucket; a histogram without bounds needs none. */
  isComplete(): boolean {
    const { length } = this.counts;
    return length === this.bounds.length + 1 || (length === 0 && this.bounds.length === 0);
  }
}

/** The series of a bucket. */
export function bucketShape(bound: number): SeriesShape {
  const le = bound === Number.POSITIVE_INFINITY ? '+Inf' : String(bound);
  return { suffix: '_bucket', label: ['le', le] };
}

function assertBounds(bounds: Float64Array): void {
  if (bounds.length > MAX_BOUNDS) {
    throw new Refusal(
      'too_large',
      `got a histogram with ${bounds.length} bounds; want at most ${MAX_BOUNDS}; make its buckets wider`,
    );
  }
  const isAscending = bounds.every((bound, i) => i === 0 || bound > (bounds[i - 1] as number));
  if (isAscending && bounds.every((bound) => Number.isFinite(bound))) return;
  throw new Refusal(
    'malformed',
    'got a histogram whose bounds do not ascend or are not finite; want them in order, each once',
  );
}
