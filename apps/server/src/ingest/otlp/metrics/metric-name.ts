/** What a metric is, as far as its name and its series depend on it. A `sum` is one that may fall. */
export type MetricKind =
  | 'gauge'
  | 'sum'
  | 'counter'
  | 'histogram'
  | 'exponential_histogram'
  | 'summary';

/** Units of OpenTelemetry (UCUM) as Prometheus writes them. What is not here stays as it is. */
const UNITS: ReadonlyMap<string, string> = new Map([
  ['d', 'days'],
  ['h', 'hours'],
  ['min', 'minutes'],
  ['s', 'seconds'],
  ['ms', 'milliseconds'],
  ['us', 'microseconds'],
  ['ns', 'nanoseconds'],
  ['By', 'bytes'],
  ['KiBy', 'kibibytes'],
  ['MiBy', 'mebibytes'],
  ['GiBy', 'gibibytes'],
  ['TiBy', 'tebibytes'],
  ['kBy', 'kilobytes'],
  ['KBy', 'kilobytes'],
  ['MBy', 'megabytes'],
  ['GBy', 'gigabytes'],
  ['TBy', 'terabytes'],
  ['m', 'meters'],
  ['V', 'volts'],
  ['A', 'amperes'],
  ['J', 'joules'],
  ['W', 'watts'],
  ['g', 'grams'],
  ['Cel', 'celsius'],
  ['Hz', 'hertz'],
  ['1', ''],
  ['%', 'percent'],
]);

/** Units behind a slash. */
const PER_UNITS: ReadonlyMap<string, string> = new Map([
  ['s', 'second'],
  ['m', 'minute'],
  ['h', 'hour'],
  ['d', 'day'],
  ['w', 'week'],
  ['mo', 'month'],
  ['y', 'year'],
]);

/**
 * The name under which a metric is stored, after the rules of Prometheus' own translation (otlptranslator): what may not
 * stand in a name becomes `_`, the unit is appended unless the name has it, counters end in `_total`, gauges of the unit 1
 * in `_ratio`.
 *
 * @returns The empty string for a name of which nothing is left.
 */
export function metricNameOf(name: string, unit: string, kind: MetricKind): string {
  const words = wordsOf(name);
  const [main, per] = unitWords(unit);
  if (main !== '' && !words.includes(main)) words.push(main);
  if (per !== '' && !words.includes(per)) words.push(per);
  if (kind === 'counter') moveToEnd(words, 'total');
  if (kind === 'gauge' && unit === '1') moveToEnd(words, 'ratio');
  const joined = words.join('_');
  return /^\d/.test(joined) ? `_${joined}` : joined;
}

/** A unit as Prometheus' metadata has it: `seconds`, `bytes_per_second`; empty for none. */
export function unitNameOf(unit: string): string {
  return unitWords(unit)
    .filter((word) => word !== '')
    .join('_');
}

/** The unit, and what it is per, as words of a name. What stands in braces is a comment. */
function unitWords(unit: string): [main: string, per: string] {
  const [before, after] = split(unit);
  const per = wordIn(after, PER_UNITS);
  return [wordIn(before, UNITS), per === '' ? '' : `per_${per}`];
}

function split(unit: string): [string, string] {
  const slash = unit.indexOf('/');
  return slash < 0 ? [unit, ''] : [unit.slice(0, slash), unit.slice(slash + 1)];
}

function wordIn(part: string, names: ReadonlyMap<string, string>): string {
  const trimmed = part.trim();
  if (trimmed === '' || /[{}]/.test(trimmed)) return '';
  return wordsOf(names.get(trimmed) ?? trimmed).join('_');
}

function wordsOf(text: string): string[] {
  return text.split(/[^a-zA-Z0-9:]+/).filter((word) => word !== '');
}

function moveToEnd(words: string[], word: string): void {
  const others = words.filter((other) => other !== word);
  words.splice(0, words.length, ...others, word);
}
