import type { ProtobufReader } from '../protobuf.ts';
import { Refusal } from '../refusal.ts';
import {
  type Attributes,
  type AttributeValue,
  MAX_ATTRIBUTES,
  MAX_DEPTH,
  MAX_TEXT_BYTES,
} from './attribute.ts';
import { within } from './nested-message.ts';
import { readDouble, readExactInt64 } from './number-field.ts';

/** Fields of `KeyValue`, and of the messages that hold attributes, of `opentelemetry.proto.common.v1`. */
const KEY_TAG = 0x0a;
const VALUE_TAG = 0x12;

/** Field 1 of `ArrayValue` and of `KeyValueList`. */
const ITEM_TAG = 0x0a;

/** The choices of `AnyValue`. */
const STRING_TAG = 0x0a;
const BOOL_TAG = 0x10;
const INT_TAG = 0x18;
const DOUBLE_TAG = 0x21;
const ARRAY_TAG = 0x2a;
const MAP_TAG = 0x32;
const BYTES_TAG = 0x3a;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const cutUtf8 = new TextDecoder();

/**
 * Reads one attribute (`KeyValue`) into a map.
 *
 * @param reader Stands behind the field's tag; afterwards behind the attribute.
 * @throws Refusal `malformed`, also past `MAX_ATTRIBUTES` and `MAX_DEPTH`.
 */
export function readAttribute(reader: ProtobufReader, into: Map<string, AttributeValue>): void {
  readKeyValue(reader, into, 0);
}

/**
 * Reads the attributes of a message, which reaches to the reader's end, and passes over its other fields.
 *
 * @param tag The tag under which this message has them.
 */
export function readAttributes(reader: ProtobufReader, tag: number): Attributes {
  const attributes = new Map<string, AttributeValue>();
  while (reader.at < reader.end) {
    const field = reader.readVarint();
    if (field === tag) readAttribute(reader, attributes);
    else reader.skip(field);
  }
  return attributes;
}

/**
 * Reads a text, cut at `MAX_TEXT_BYTES`.
 *
 * @param reader Stands behind the field's tag; afterwards behind the text.
 * @throws Refusal `malformed` for bytes that are no UTF-8.
 */
export function readText(reader: ProtobufReader): string {
  const end = reader.readLength();
  const start = reader.at;
  reader.at = end;
  return decodeText(reader.bytes, start, end);
}

/** The text in a part of a message, cut at `MAX_TEXT_BYTES`. @throws Refusal `malformed` for bytes that are no UTF-8. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > MAX_TEXT_BYTES) {
    return cutUtf8.decode(bytes.subarray(start, start + MAX_TEXT_BYTES));
  }
  try {
    return utf8.decode(bytes.subarray(start, end));
  } catch (cause) {
    const shown = cutUtf8.decode(bytes.subarray(start, Math.min(end, start + 40)));
    throw new Refusal(
      'malformed',
      `got a text with bytes that are no UTF-8 (${JSON.stringify(shown)}); want UTF-8`,
      { cause },
    );
  }
}

function readKeyValue(
  reader: ProtobufReader,
  into: Map<string, AttributeValue>,
  depth: number,
): void {
  within(reader, () => {
    let key = '';
    let value: AttributeValue;
    while (reader.at < reader.end) {
      const tag = reader.readVarint();
      if (tag === KEY_TAG) key = readText(reader);
      else if (tag === VALUE_TAG) value = readValue(reader, depth);
      else reader.skip(tag);
    }
    into.set(key, value);
  });
  if (into.size > MAX_ATTRIBUTES) {
    throw new Refusal(
      'malformed',
      `got more than ${MAX_ATTRIBUTES} attributes in one place; want at most as many`,
    );
  }
}

function readValue(reader: ProtobufReader, depth: number): AttributeValue {
  if (depth > MAX_DEPTH) {
    throw new Refusal(
      'malformed',
      `got an attribute with lists or maps ${MAX_DEPTH} levels deep; want fewer`,
    );
  }
  return within(reader, () => {
    let value: AttributeValue;
    while (reader.at < reader.end) value = readChoice(reader, value, depth);
    return value;
  });
}

/** @param before What stands if the field is none that we know. */
function readChoice(reader: ProtobufReader, before: AttributeValue, depth: number): AttributeValue {
  const tag = reader.readVarint();
  switch (tag) {
    case STRING_TAG:
      return readText(reader);
    case BOOL_TAG:
      return reader.readVarint() !== 0;
    case INT_TAG:
      return readExactInt64(reader);
    case DOUBLE_TAG:
      return readDouble(reader);
    case ARRAY_TAG:
      return readList(reader, depth);
    case MAP_TAG:
      return readMap(reader, depth);
    case BYTES_TAG:
      return readBytes(reader);
    default:
      reader.skip(tag);
      return before;
  }
}

function readList(reader: ProtobufReader, depth: number): AttributeValue[] {
  return within(reader, () => {
    const list: AttributeValue[] = [];
    while (reader.at < reader.end) {
      const tag = reader.readVarint();
      if (tag === ITEM_TAG) list.push(readValue(reader, depth + 1));
      else reader.skip(tag);
    }
    return list;
  });
}

function readMap(reader: ProtobufReader, depth: number): Attributes {
  return within(reader, () => {
    const map = new Map<string, AttributeValue>();
    while (reader.at < reader.end) {
      const tag = reader.readVarint();
      if (tag === ITEM_TAG) readKeyValue(reader, map, depth + 1);
      else reader.skip(tag);
    }
    return map;
  });
}

function readBytes(reader: ProtobufReader): Uint8Array {
  const end = reader.readLength();
  const bytes = reader.bytes.slice(reader.at, Math.min(end, reader.at + MAX_TEXT_BYTES));
  reader.at = end;
  return bytes;
}
