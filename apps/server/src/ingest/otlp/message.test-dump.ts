import { ProtobufReader } from '../protobuf.ts';
import type { MessageSchema } from './message-schema.ts';

/**
 * What a message holds, as lists `[name, content]` sorted by name, so that two encodings of one message are equal. Fields
 * that the schema does not have are left out, and so are zeros, which an encoder may leave out as well.
 */
export function dumpMessage(bytes: Uint8Array, schema: MessageSchema): unknown[] {
  const reader = new ProtobufReader();
  reader.open(bytes);
  const fields: (readonly [string, unknown])[] = [];
  while (reader.at < reader.end) {
    const tag = reader.readVarint();
    const content = contentOf(reader, tag);
    const [name, rule] =
      Object.entries(schema).find(([, { number }]) => number === tag >>> 3) ?? [];
    if (name === undefined || rule === undefined) continue;
    if (typeof rule.of === 'function') fields.push([name, dumpMessage(content, rule.of())]);
    else if (content.some((byte) => byte !== 0)) {
      fields.push([name, Buffer.from(content).toString('hex')]);
    }
  }
  return fields.toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)));
}

function contentOf(reader: ProtobufReader, tag: number): Uint8Array {
  const start = (tag & 7) === 2 ? reader.at + lengthOfLength(reader) : reader.at;
  reader.skip(tag);
  return reader.bytes.slice(start, reader.at);
}

function lengthOfLength(reader: ProtobufReader): number {
  const { at } = reader;
  reader.readLength();
  const length = reader.at - at;
  reader.at = at;
  return length;
}
