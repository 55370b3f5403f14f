import { printable } from '../startup-error.ts';
import type { Sources } from './config.ts';
import { formatSource } from './reading.ts';
import { SECTION_NAMES, SECTIONS } from './sections.ts';
import { type Config, formatValue, SETTING_NAMES, type SettingName, SETTINGS } from './settings.ts';

/** Stands for a secret that is set. */
const HIDDEN = '(set)';

/** The configuration as an aligned table with a heading: key, value, source. Ends with a line feed. */
export function formatTable(config: Config, sources: Sources): string {
  const rows = SETTING_NAMES.map((name) => [
    SETTINGS[name].key,
    printable(formatValue(shown(name, config))),
    printable(formatSource(sources[name])),
  ]);
  const sections = SECTION_NAMES.map((name) => [
    SECTIONS[name].key,
    printable(formatValue(SECTIONS[name].shown(config[name]))),
    printable(formatSource(sources[name])),
  ]);
  return alignColumns([['KEY', 'VALUE', 'SOURCE'], ...rows, ...sections]);
}

/** The configuration as JSON: `{ "port": { "value": 4600, "source": { "kind": "default" } }, … }`. */
export function formatJson(config: Config, sources: Sources): string {
  const entries = SETTING_NAMES.map((name) => [
    SETTINGS[name].key,
    { value: shown(name, config), source: sources[name] },
  ]);
  const sections = SECTION_NAMES.map((name) => [
    SECTIONS[name].key,
    { value: SECTIONS[name].shown(config[name]), source: sources[name] },
  ]);
  return `${JSON.stringify(Object.fromEntries([...entries, ...sections]), null, 2)}\n`;
}

/** Rows of equal length as lines, two spaces between columns. */
export function alignColumns(rows: readonly (readonly string[])[]): string {
  const width = (column: number): number =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const widths = (rows[0] ?? []).map((_, column) => width(column));
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('');
}

function shown(name: SettingName, config: Config): unknown {
  return SETTINGS[name].secret === true ? HIDDEN : config[name];
}
