import type { ProtobufReader } from '../../protobuf.ts';
import { MEASURED_ATTRIBUTES } from '../../spans/attribute-names.ts';
import type { Span } from '../../spans/span.ts';
import type { AttributeValue } from '../attribute.ts';
import { readAttribute, readText } from '../attribute-field.ts';
import { within } from '../nested-message.ts';
import { readWord } from '../number-field.ts';

/** The fields of `Span` that are read: those of `opentelemetry.proto.trace.v1`. */
const Tag = {
  TRACE_ID: 0x0a,
  SPAN_ID: 0x12,
  KIND: 0x30,
  START: 0x39,
  END: 0x41,
  ATTRIBUTE: 0x4a,
  EVENT: 0x5a,
  DROPPED_EVENTS: 0x60,
  LINK: 0x6a,
  STATUS: 0x7a,
} as const;

/** `KeyValue.key` */
const KEY_TAG = 0x0a;

/** `Event.time_unix_nano` and `name`, `Status.code`. */
const EVENT_TIME_TAG = 0x09;
const EVENT_NAME_TAG = 0x12;
const STATUS_CODE_TAG = 0x18;

/** `STATUS_CODE_ERROR` */
const ERROR_STATUS = 2;

const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;

const TWO_32 = 2 ** 32;
const NS_PER_SECOND = 1e9;

/** A clock that was set back while the span ran makes it end before its start; by more than this it is an error, seconds. */
const MAX_BACKWARD_SECONDS = 1;

/** Events of one span that are looked at; SDKs send at most 128. */
const MAX_CHUNK_EVENTS = 1000;

/**
 * Events that say that something of a model's answer arrived: OpenLLMetry's, one for each chunk, and those of the AI SDK and
 * of OpenInference, for the first alone.
 */
const CHUNK_EVENTS: ReadonlySet<string> = new Set([
  'llm.content.completion.chunk',
  'ai.stream.firstChunk',
  'First Token Stream Event',
]);

/** A span as it came. */
export interface DecodedSpan {
  readonly span: Span;
  /** Why it is rejected; empty for one that is good. */
  readonly problem: string;
  readonly events: number;
  readonly links: number;
}

/** A `fixed64` of nanoseconds in two words, so that differences are exact. */
interface Instant {
  readonly high: number;
  readonly low: number;
}

const UNSET: Instant = { high: 0, low: 0 };

/** Reads `Span` messages, each of which reaches to the reader's end. */
export class SpanReader {
  readonly #reader: ProtobufReader;
  #hasTraceId = false;
  #hasSpanId = false;
  #kind = 0;
  #start = UNSET;
  #end = UNSET;
  #isError = false;
  #attributes = new Map<string, AttributeValue>();
  #chunks: Instant[] = [];
  #events = 0;
  #droppedEvents = 0;
  #links = 0;

  constructor(reader: ProtobufReader) {
    this.#reader = reader;
  }

  /** @throws Refusal `malformed` */
  read(): DecodedSpan {
    this.#clear();
    const reader = this.#reader;
    while (reader.at < reader.end) this.#readField(reader.readVarint());
    const durationSeconds = secondsBetween(this.#start, this.#end);
    return {
      span: {
        kind: this.#kind,
        durationSeconds: Math.max(0, durationSeconds),
        isError: this.#isError,
        attributes: this.#attributes,
        chunkSeconds: this.#chunks.map((at) => Math.max(0, secondsBetween(this.#start, at))),
        lacksEvents: this.#droppedEvents > 0,
      },
      problem: this.#problem(durationSeconds),
      events: this.#events,
      links: this.#links,
    };
  }

  #clear(): void {
    this.#hasTraceId = false;
    this.#hasSpanId = false;
    this.#kind = 0;
    this.#start = UNSET;
    this.#end = UNSET;
    this.#isError = false;
    this.#attributes = new Map();
    this.#chunks = [];
    this.#events = 0;
    this.#droppedEvents = 0;
    this.#links = 0;
  }

  #readField(tag: number): void {
    const reader = this.#reader;
    switch (tag) {
      case Tag.TRACE_ID:
        this.#hasTraceId = readId(reader, TRACE_ID_BYTES);
        break;
      case Tag.SPAN_ID:
        this.#hasSpanId = readId(reader, SPAN_ID_BYTES);
        break;
      case Tag.KIND:
        this.#kind = reader.readVarint();
        break;
      case Tag.START:
        this.#start = readInstant(reader);
        break;
      case Tag.END:
        this.#end = readInstant(reader);
        break;
      case Tag.ATTRIBUTE:
        this.#readAttribute();
        break;
      default:
        this.#readRest(tag);
    }
  }

  #readRest(tag: number): void {
    const reader = this.#reader;
    switch (tag) {
      case Tag.EVENT:
        this.#readEvent();
        break;
      case Tag.DROPPED_EVENTS:
        this.#droppedEvents = reader.readVarint();
        break;
      case Tag.LINK:
        this.#links++;
        reader.skip(tag);
        break;
      case Tag.STATUS:
        this.#isError = within(reader, () => readStatusCode(reader)) === ERROR_STATUS;
        break;
      default:
        reader.skip(tag);
    }
  }

  /** Passes over the value of an attribute that nobody measures. */
  #readAttribute(): void {
    const reader = this.#reader;
    const start = reader.at;
    const isMeasured = within(reader, () => {
      const hasKeyFirst = reader.at < reader.end && reader.readVarint() === KEY_TAG;
      return !hasKeyFirst || MEASURED_ATTRIBUTES.has(readText(reader));
    });
    if (!isMeasured) return;
    reader.at = start;
    readAttribute(reader, this.#attributes);
  }

  #readEvent(): void {
    this.#events++;
    const reader = this.#reader;
    const at = within(reader, () => readChunkTime(reader));
    if (at !== undefined && this.#chunks.length < MAX_CHUNK_EVENTS) this.#chunks.push(at);
  }

  #problem(durationSeconds: number): string {
    if (!this.#hasTraceId)
      return 'got a span without a trace id; want 16 bytes, not all of them zero';
    if (!this.#hasSpanId) return 'got a span without an id; want 8 bytes, not all of them zero';
    if (isUnset(this.#start) || isUnset(this.#end)) {
      return 'got a span without a start or an end; want both, in Unix nanoseconds';
    }
    if (durationSeconds >= -MAX_BACKWARD_SECONDS) return '';
    return `got a span that ends ${-durationSeconds} seconds before its start; want an end after it`;
  }
}

const isUnset = ({ high, low }: Instant): boolean => high === 0 && low === 0;

/** Whether an id has its length and is not zero. */
function readId(reader: ProtobufReader, bytes: number): boolean {
  const end = reader.readLength();
  const id = reader.bytes.subarray(reader.at, end);
  reader.at = end;
  return id.length === bytes && id.some((byte) => byte !== 0);
}

function readInstant(reader: ProtobufReader): Instant {
  const at = reader.readFixed64();
  return { high: readWord(reader.bytes, at + 4), low: readWord(reader.bytes, at) };
}

function secondsBetween(from: Instant, to: Instant): number {
  return ((to.high - from.high) * TWO_32 + (to.low - from.low)) / NS_PER_SECOND;
}

function readStatusCode(reader: ProtobufReader): number {
  let code = 0;
  while (reader.at < reader.end) {
    const tag = reader.readVarint();
    if (tag === STATUS_CODE_TAG) code = reader.readVarint();
    else reader.skip(tag);
  }
  return code;
}

/** When an `Event` happened that is about a chunk; `undefined` for any other. */
function readChunkTime(reader: ProtobufReader): Instant | undefined {
  let at = UNSET;
  let name = '';
  while (reader.at < reader.end) {
    const tag = reader.readVarint();
    if (tag === EVENT_TIME_TAG) at = readInstant(reader);
    else if (tag === EVENT_NAME_TAG) name = readText(reader);
    else reader.skip(tag);
  }
  return CHUNK_EVENTS.has(name) ? at : undefined;
}
