import { quote, Refusal } from '../refusal.ts';
import { BackwardWriter } from './backward-writer.ts';
import {
  type FieldKind,
  type FieldRule,
  type MessageSchema,
  type OtlpSignal,
  REQUEST_SCHEMAS,
} from './message-schema.ts';

/** Messages in messages: a request has about ten levels, and attributes may nest a few more. */
const MAX_LEVELS = 64;

/** Packed lists: numbers one after another, without a tag each. */
const PACKED: ReadonlySet<FieldRule['of']> = new Set(['double', 'fixed64', 'uint64']);

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Turns a request in OTLP's JSON into the same request in Protocol Buffers, so that what follows knows one form alone. Fields
 * that are not known are passed over, as the specification demands; 64-bit integers may be numbers or texts.
 *
 * @throws Refusal `malformed`
 */
export function encodeJsonRequest(body: Uint8Array, signal: OtlpSignal): Uint8Array {
  const writer = new BackwardWriter();
  writeMessage(writer, parseJson(body), { schema: REQUEST_SCHEMAS[signal], level: 0 });
  return writer.finish();
}

interface Place {
  readonly schema: MessageSchema;
  readonly level: number;
}

function parseJson(body: Uint8Array): object {
  let parsed: unknown;
  try {
    parsed = JSON.parse(utf8.decode(body));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal('malformed', `got a body that is no JSON (${quote(reason)}); want JSON`, {
      cause: error,
    });
  }
  return asObject(parsed, 'a body');
}

function writeMessage(writer: BackwardWriter, message: object, { schema, level }: Place): void {
  if (level > MAX_LEVELS) {
    throw new Refusal('malformed', `got values ${MAX_LEVELS} levels deep; want fewer`);
  }
  const values = message as Readonly<Record<string, unknown>>;
  for (const [name, rule] of Object.entries(schema)) {
    const value = values[name];
    if (value === undefined || value === null) continue;
    if (rule.isList) writeList(writer, asList(value, name), { rule, name, level });
    else writeField(writer, value, { rule, name, level });
  }
}

interface FieldPlace {
  readonly rule: FieldRule;
  readonly name: string;
  readonly level: number;
}

function writeList(writer: BackwardWriter, items: readonly unknown[], place: FieldPlace): void {
  const { rule, name } = place;
  const isPacked = PACKED.has(rule.of);
  const before = writer.length;
  for (let i = items.length - 1; i >= 0; i--) {
    if (isPacked) WRITERS[rule.of as FieldKind].write(writer, items[i], name);
    else writeField(writer, items[i], place);
  }
  if (isPacked) writer.writeHead(rule.number, before);
}

function writeField(
  writer: BackwardWriter,
  value: unknown,
  { rule, name, level }: FieldPlace,
): void {
  const before = writer.length;
  if (typeof rule.of === 'function') {
    writeMessage(writer, asObject(value, name), { schema: rule.of(), level: level + 1 });
    writer.writeHead(rule.number, before);
    return;
  }
  const { type, write } = WRITERS[rule.of];
  write(writer, value, name);
  if (type === 2) writer.writeHead(rule.number, before);
  else writer.writeTag(rule.number, type);
}

/** How a value is written, and the type in its field's tag. */
interface ValueWriter {
  readonly type: 0 | 1 | 2 | 5;
  readonly write: (writer: BackwardWriter, value: unknown, name: string) => void;
}

const WRITERS: Readonly<Record<FieldKind, ValueWriter>> = {
  string: { type: 2, write: (writer, value, name) => writer.writeText(asText(value, name)) },
  bool: { type: 0, write: (writer, value, name) => writer.writeVarint(asFlag(value, name)) },
  double: { type: 1, write: (writer, value, name) => writer.writeDouble(asDouble(value, name)) },
  fixed64: {
    type: 1,
    write: (writer, value, name) => writer.writeFixed64(asInteger(value, name, UNSIGNED_64)),
  },
  sfixed64: {
    type: 1,
    write: (writer, value, name) => writer.writeFixed64(asInteger(value, name, SIGNED_64)),
  },
  fixed32: {
    type: 5,
    write: (writer, value, name) =>
      writer.writeFixed32(Number(asInteger(value, name, UNSIGNED_32))),
  },
  int64: {
    type: 0,
    write: (writer, value, name) => writer.writeBigVarint(asInteger(value, name, SIGNED_64)),
  },
  uint64: {
    type: 0,
    write: (writer, value, name) => writer.writeBigVarint(asInteger(value, name, UNSIGNED_64)),
  },
  uint32: {
    type: 0,
    write: (writer, value, name) => writer.writeVarint(Number(asInteger(value, name, UNSIGNED_32))),
  },
  sint32: {
    type: 0,
    write: (writer, value, name) => {
      const integer = Number(asInteger(value, name, SIGNED_32));
      writer.writeVarint(integer < 0 ? -2 * integer - 1 : 2 * integer);
    },
  },
  bytes: {
    type: 2,
    write: (writer, value, name) => writer.writeBytes(Buffer.from(asText(value, name), 'base64')),
  },
  hex: { type: 2, write: (writer, value, name) => writer.writeBytes(asHex(value, name)) },
};

/** The least and the greatest integer of a kind. */
type IntegerRange = readonly [least: bigint, greatest: bigint];

const UNSIGNED_64: IntegerRange = [0n, 2n ** 64n - 1n];
const SIGNED_64: IntegerRange = [-(2n ** 63n), 2n ** 63n - 1n];
const UNSIGNED_32: IntegerRange = [0n, 2n ** 32n - 1n];
const SIGNED_32: IntegerRange = [-(2n ** 31n), 2n ** 31n - 1n];

/** No 64-bit integer has more digits. */
const DECIMAL = /^-?\d{1,20}$/;

function asInteger(value: unknown, name: string, [least, greatest]: IntegerRange): bigint {
  const isInteger =
    typeof value === 'number'
      ? Number.isInteger(value)
      : typeof value === 'string' && DECIMAL.test(value);
  const integer = isInteger ? BigInt(value as number | string) : greatest + 1n;
  if (integer >= least && integer <= greatest) return integer;
  throw wrong(value, name, `an integer from ${least} to ${greatest}, as a number or a text`);
}

/** What doubles that JSON has no number for are written as. */
const SPECIAL_DOUBLES: ReadonlySet<unknown> = new Set(['NaN', 'Infinity', '-Infinity']);

function asDouble(value: unknown, name: string): number {
  if (typeof value === 'number') return value;
  if (SPECIAL_DOUBLES.has(value)) return Number(value);
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  if (Number.isNaN(number)) throw wrong(value, name, 'a number');
  return number;
}

function asFlag(value: unknown, name: string): number {
  if (typeof value === 'boolean') return value ? 1 : 0;
  throw wrong(value, name, 'true or false');
}

function asText(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  throw wrong(value, name, 'a text');
}

function asHex(value: unknown, name: string): Uint8Array {
  const text = asText(value, name);
  if (/^(?:[0-9a-fA-F]{2})*$/.test(text)) return Buffer.from(text, 'hex');
  throw wrong(value, name, 'bytes in hexadecimal');
}

function asList(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw wrong(value, name, 'a list');
}

function asObject(value: unknown, name: string): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw wrong(value, name, 'an object');
}

function wrong(value: unknown, name: string, want: string): Refusal {
  return new Refusal('malformed', `got ${name} ${quote(JSON.stringify(value))}; want ${want}`);
}
