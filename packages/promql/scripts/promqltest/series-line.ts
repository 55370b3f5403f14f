import { createLabels, type Label, type Labels, METRIC_NAME } from '@hubpulse/model';
import { parseNumber, unquote } from '../../src/syntax/literal.ts';

/** One point of a series: a value, nothing, a stale marker, or something that the engine leaves out. */
export type Point = number | 'omitted' | 'stale' | 'native';

/** A line of a script: a series and its points. */
export interface SeriesLine {
  readonly labels: Labels;
  readonly points: readonly Point[];
}

const NUMBER = String.raw`(?:inf|nan|(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)`;
const ITEM = new RegExp(`^([-+]?${NUMBER})(?:([-+])(${NUMBER}))?(?:x(\\d+))?$`, 'i');
const PAIR =
  /\s*(?:([a-zA-Z_][a-zA-Z0-9_]*)|("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`))\s*(?:=\s*("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`))?\s*(,|\})/y;

/** A script that is none; the message says what is wrong with which text. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError';
}

/** Reads `name{label="value"} 1 2+3x4 _ stale`. */
export function parseSeriesLine(line: string): SeriesLine {
  const name = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line)?.[0] ?? '';
  const pairs: Label[] = name === '' ? [] : [[METRIC_NAME, name]];
  let at = name.length + (/^\s*/.exec(line.slice(name.length))?.[0].length ?? 0);
  if (line[at] === '{' && line[at + 1] !== '{') at = readPairs(line, at + 1, pairs);
  return { labels: createLabels(pairs), points: parsePoints(line.slice(at)) };
}

function readPairs(line: string, from: number, into: Label[]): number {
  const empty = /\s*\}/y;
  empty.lastIndex = from;
  if (empty.test(line)) return empty.lastIndex;
  for (let at = from; ;) {
    PAIR.lastIndex = at;
    const match = PAIR.exec(line);
    if (match === null) throw new ScriptError(`labels: got ${line}; want name="value" pairs`);
    const [whole, plain, quoted, value, end] = match;
    const name = plain ?? unquote(quoted ?? '');
    into.push(value === undefined ? [METRIC_NAME, name] : [name, unquote(value)]);
    at += whole.length;
    const closing = /\s*\}/y;
    closing.lastIndex = at;
    if (end === '}') return at;
    if (closing.test(line)) return closing.lastIndex;
  }
}

/** Reads the points of a series. */
function parsePoints(text: string): Point[] {
  const points: Point[] = [];
  const items = text.match(/\{\{[^}]*\}\}(?:[-+]\{\{[^}]*\}\})?(?:x\d+)?|\S+/g) ?? [];
  for (const item of items) points.push(...parseItem(item));
  return points;
}

function parseItem(item: string): Point[] {
  if (item.startsWith('{{')) return times('native', Number(/x(\d+)$/.exec(item)?.[1] ?? 0) + 1);
  if (item === 'stale') return ['stale'];
  const omitted = /^_(?:x(\d+))?$/.exec(item);
  if (omitted !== null) return times('omitted', Number(omitted[1] ?? 1));
  const match = ITEM.exec(item);
  if (match === null) throw new ScriptError(`point: got ${item}; want 1, 1x2, 1+2x3, _ or stale`);
  const [, first = '', sign, step, count] = match;
  const start = parseSigned(first);
  const by = step === undefined ? 0 : parseSigned(`${sign}${step}`);
  const points: Point[] = [];
  let value = start;
  // One more than the count: the first value comes before the repetitions.
  for (let i = 0; i <= Number(count ?? 0); i += 1) {
    points.push(value);
    value += by;
  }
  return points;
}

function times(point: Point, count: number): Point[] {
  return Array.from({ length: count }, () => point);
}

/** A number with its sign. */
export function parseSigned(text: string): number {
  const size = parseNumber(text.replace(/^[-+]/, ''));
  return text.startsWith('-') ? -size : size;
}
