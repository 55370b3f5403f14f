/**
 * A value of an attribute (`AnyValue`). Integers that a number cannot hold exactly are bigints; `undefined` is a value that
 * the sender left out.
 */
export type AttributeValue =
  | string
  | number
  | bigint
  | boolean
  | Uint8Array
  | undefined
  | readonly AttributeValue[]
  | Attributes;

/** Attributes by name. Of a name given twice the last value counts. */
export type Attributes = ReadonlyMap<string, AttributeValue>;

/** Attributes of one thing: far more than any sender means to send. */
export const MAX_ATTRIBUTES = 1000;

/**
 * Longer names and texts are cut here, in bytes. It is one more than the most that `ingest_max_label_bytes` allows, so that
 * a check against that limit still sees a text that was too long.
 */
export const MAX_TEXT_BYTES = 65_537;

/** Lists in lists and maps in maps. */
export const MAX_DEPTH = 16;

/**
 * An attribute's value as the text of a label, after OpenTelemetry's rule for protocols that know texts alone: lists and
 * maps are JSON, bytes are base64.
 */
export function attributeText(value: AttributeValue): string {
  if (typeof value === 'string') return value;
  if (value === undefined) return '';
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return typeof value === 'object' ? JSON.stringify(toJson(value)) : String(value);
}

function toJson(value: AttributeValue): unknown {
  if (value instanceof Uint8Array) return attributeText(value);
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([name, inner]) => [name, toJson(inner)]));
  if (Array.isArray(value)) return value.map((inner: AttributeValue) => toJson(inner) ?? null);
  return typeof value === 'bigint' ? String(value) : value;
}
