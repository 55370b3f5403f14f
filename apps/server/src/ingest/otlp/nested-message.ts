import type { ProtobufReader } from '../protobuf.ts';

/**
 * Reads a nested message: `read` sees it as the whole of what is left.
 *
 * @param reader Stands behind the field's tag; afterwards behind the message.
 */
export function within<T>(reader: ProtobufReader, read: () => T): T {
  const outerEnd = reader.end;
  reader.end = reader.readLength();
  const result = read();
  reader.at = reader.end;
  reader.end = outerEnd;
  return result;
}

/** Reads every nested message of one field, and passes over the other fields. The reader stands at the message's end then. */
export function eachMessage(reader: ProtobufReader, tag: number, read: () => void): void {
  while (reader.at < reader.end) {
    const field = reader.readVarint();
    if (field === tag) within(reader, read);
    else reader.skip(field);
  }
}
