import { type Label, type Labels, METRIC_NAME } from '@hubpulse/model';
import { type Gate, timeRefusal } from '../gate.ts';
import { assertFewLabels, assertShortLabel, checkLabels } from '../label-rules.ts';
import { type IngestLimits, MAX_REQUEST_SAMPLES } from '../limits.ts';
import { quote, Refusal } from '../refusal.ts';
import { tooManySamples } from '../sample-columns.ts';

/** Samples as scripts send them, checked; row `i` is of `series[i]`. */
export interface SampleList {
  readonly series: readonly Labels[];
  readonly tMs: Float64Array;
  readonly values: Float64Array;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Decodes `[{ "metric", "labels"?, "value", "timestamp"? }]`: labels of text, a value as a number or one of `"NaN"`, `"+Inf"`,
 * `"-Inf"`, the time in Unix milliseconds, now when left out. Messages name the item by its index.
 *
 * @throws Refusal `malformed`, `too_large`, `bad_labels`, `label_limit`, `too_old`, `too_new`
 */
export function decodeSampleList(body: Uint8Array, gate: Gate, nowMs: number): SampleList {
  const items = parseItems(body);
  if (items.length > MAX_REQUEST_SAMPLES) throw tooManySamples();
  const bounds = gate.timeBounds();
  const series: Labels[] = [];
  const tMs = new Float64Array(items.length);
  const values = new Float64Array(items.length);
  for (const [index, item] of items.entries()) {
    const fields = fieldsOf(item, index);
    const labels = atIndex(index, () => readLabels(fields, gate.limits));
    const time = readTime(fields, index, nowMs);
    if (time < bounds.fromMs || time > bounds.toMs) {
      atIndex(index, () => {
        throw timeRefusal({ minMs: time, maxMs: time }, labels, bounds);
      });
    }
    series.push(labels);
    tMs[index] = time;
    values[index] = readValue(fields, index);
  }
  return { series, tMs, values };
}

/** How many samples a body holds that was refused; 0 where that cannot be told. */
export function countItems(body: Uint8Array): number {
  try {
    return parseItems(body).length;
  } catch (error) {
    if (error instanceof Refusal) return 0;
    throw error;
  }
}

function parseItems(body: Uint8Array): unknown[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(utf8.decode(body));
  } catch (cause) {
    throw new Refusal(
      'malformed',
      'got a body that is no JSON in UTF-8; want [{ "metric", "labels", "value", "timestamp" }]',
      { cause },
    );
  }
  if (Array.isArray(parsed)) return parsed;
  throw new Refusal(
    'malformed',
    `got ${kindOf(parsed)}; want a list of samples: [{ "metric", … }]`,
  );
}

type Fields = ReadonlyMap<string, unknown>;

const KNOWN_FIELDS = new Set(['metric', 'labels', 'value', 'timestamp']);

function fieldsOf(item: unknown, index: number): Fields {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    throw malformed(index, `got ${kindOf(item)}; want an object`);
  }
  const fields = new Map(Object.entries(item));
  const unknown = [...fields.keys()].find((name) => !KNOWN_FIELDS.has(name));
  if (unknown === undefined) return fields;
  throw malformed(
    index,
    `got the field ${quote(unknown)}; want only ${[...KNOWN_FIELDS].join(', ')}`,
  );
}

function readLabels(fields: Fields, limits: IngestLimits): Labels {
  const metric = fields.get('metric');
  if (typeof metric !== 'string' || metric === '') {
    throw new Refusal('bad_labels', `got ${kindOf(metric)} as metric; want a name`);
  }
  const given = fields.get('labels') ?? {};
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw new Refusal('bad_labels', `got ${kindOf(given)} as labels; want an object of texts`);
  }
  const pairs = Object.entries(given);
  assertFewLabels(pairs.length + 1, limits);
  const labels = [[METRIC_NAME, metric] as const, ...pairs].map((pair) => readLabel(pair, limits));
  return checkLabels(labels, limits);
}

function readLabel([name, value]: readonly [string, unknown], limits: IngestLimits): Label {
  if (typeof value !== 'string') {
    throw new Refusal(
      'bad_labels',
      `got ${kindOf(value)} as the label ${quote(name)}; want a text`,
    );
  }
  for (const text of [name, value]) {
    if (!text.isWellFormed()) {
      throw new Refusal('bad_labels', `got half a surrogate pair in ${quote(text)}; want Unicode`);
    }
    assertShortLabel(Buffer.byteLength(text), () => text.slice(0, 200), limits);
  }
  return [name, value];
}

/** The values that JSON has no number for. */
const SPECIAL_VALUES: ReadonlyMap<unknown, number> = new Map([
  ['NaN', Number.NaN],
  ['+Inf', Number.POSITIVE_INFINITY],
  ['-Inf', Number.NEGATIVE_INFINITY],
]);

function readValue(fields: Fields, index: number): number {
  const value = fields.get('value');
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  const special = SPECIAL_VALUES.get(value);
  if (special !== undefined) return special;
  throw malformed(index, `got ${kindOf(value)} as value; want a number, "NaN", "+Inf" or "-Inf"`);
}

function readTime(fields: Fields, index: number, nowMs: number): number {
  const time = fields.get('timestamp');
  if (time === undefined) return nowMs;
  if (typeof time === 'number' && Number.isSafeInteger(time)) return time;
  throw malformed(index, `got ${kindOf(time)} as timestamp; want whole Unix milliseconds`);
}

/** Says in which item a label was refused. */
function atIndex<T>(index: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(error.reason, `item ${index}: ${error.message}`, { cause: error });
  }
}

function malformed(index: number, message: string): Refusal {
  return new Refusal('malformed', `item ${index}: ${message}`);
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? quote(value) : `${value as number | boolean}`;
}
