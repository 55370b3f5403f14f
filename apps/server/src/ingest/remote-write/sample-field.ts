import type { ProtobufReader } from '../protobuf.ts';
import type { SampleColumns } from '../sample-columns.ts';

/** A double, `value`: field 1 of a `Sample` in both messages. */
const VALUE_TAG = 0x09;

/** An int64 in Unix milliseconds, `timestamp`: field 2. */
const TIME_TAG = 0x10;

/**
 * Reads one `Sample` and adds it as a row. A field that is missing is 0, as everywhere in Protocol Buffers.
 *
 * @param reader Stands behind the field's tag; afterwards behind the sample.
 */
export function readSample(reader: ProtobufReader, columns: SampleColumns): void {
  const outerEnd = reader.end;
  const end = reader.readLength();
  reader.end = end;
  let tMs = 0;
  let lowBits = 0;
  let highBits = 0;
  while (reader.at < end) {
    const tag = reader.readVarint();
    if (tag === VALUE_TAG) {
      const at = reader.readFixed64();
      lowBits = word(reader.bytes, at);
      highBits = word(reader.bytes, at + 4);
    } else if (tag === TIME_TAG) {
      tMs = reader.readInt64();
    } else {
      reader.skip(tag);
    }
  }
  reader.end = outerEnd;
  columns.push(tMs, lowBits, highBits);
}

/** Four bytes, the lowest first. */
function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}
