import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseDocument } from 'yaml';

import { formatValue, SETTING_NAMES, SETTINGS, variableOf } from './settings.ts';
import { formatUsage } from './usage.ts';

const DOCUMENT = readFileSync(
  new URL('../../../../docs/configuration.md', import.meta.url),
  'utf8',
);

function documentedRows(): string[][] {
  return DOCUMENT.split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

test('docs/configuration.md has the row of each setting, in the same order', () => {
  const rows = SETTING_NAMES.map((name) => {
    const setting = SETTINGS[name];
    return [
      `\`${setting.key}\``,
      `\`${variableOf(setting)}\``,
      `\`${formatValue(setting.default)}\``,
      setting.unit,
      setting.kind.want,
      `${setting.meaning} ${setting.reason}`,
    ];
  });
  expect(documentedRows()).toEqual(rows);
});

test('the example file in docs/configuration.md is accepted', () => {
  const example = /```yaml\n([^]*?)```/.exec(DOCUMENT)?.[1] ?? '';
  const values = parseDocument(example).toJS() as Record<string, unknown>;
  expect(Object.keys(values).length).toBeGreaterThan(1);
  const refused = Object.entries(values).filter(([key, value]) => {
    const name = SETTING_NAMES.find((candidate) => SETTINGS[candidate].key === key);
    return name === undefined || !SETTINGS[name].kind.schema.safeParse(value).success;
  });
  expect(refused).toEqual([]);
});

test.each(SETTING_NAMES)('the default of %s is one of its values', (name) => {
  const setting = SETTINGS[name];
  expect(setting.kind.schema.parse(setting.default)).toEqual(setting.default);
});

test('a key is the name in snake case, and its variable the key in capitals', () => {
  for (const name of SETTING_NAMES) {
    const key = name.replaceAll(/[A-Z]|(?<![0-9])[0-9]/g, (letter) => `_${letter.toLowerCase()}`);
    expect(SETTINGS[name].key).toBe(key);
    expect(variableOf(SETTINGS[name])).toBe(`HUBPULSE_${key.toUpperCase()}`);
  }
});

test('help names the version, every variable and every default', () => {
  const help = formatUsage('1.2.3');
  expect(help).toMatch(/^Hubpulse 1\.2\.3: /);
  for (const name of SETTING_NAMES) {
    expect(help).toContain(variableOf(SETTINGS[name]));
    expect(help).toContain(`default ${formatValue(SETTINGS[name].default)}`);
  }
  expect(help).toContain('--port');
});
