import { expect, test } from 'vitest';

import { loadConfig } from './config.ts';
import { alignColumns, formatJson, formatTable } from './listing.ts';
import { SECTIONS } from './sections.ts';
import { SETTINGS } from './settings.ts';

const SETTING_COUNT = Object.keys(SETTINGS).length + Object.keys(SECTIONS).length;
const HEAD_AND_LAST_BREAK = 2;

async function load(env: Record<string, string>) {
  const loaded = await loadConfig({ env, cwd: '/nowhere' });
  if (!loaded.ok) throw new Error('The configuration must be valid here.');
  return loaded;
}

test('the table has a row for each setting, in aligned columns', async () => {
  const { config, sources } = await load({ HUBPULSE_PORT: '0', HUBPULSE_ALLOWED_HOSTS: 'a,b' });
  const lines = formatTable(config, sources).split('\n');
  expect(lines.slice(0, 5)).toEqual([
    'KEY                           VALUE          SOURCE',
    'host                          127.0.0.1      default',
    'port                          0              HUBPULSE_PORT',
    'otlp_port                     4318           default',
    'data_dir                      /nowhere/data  default',
  ]);
  expect(lines).toContain('allowed_hosts                 a, b           HUBPULSE_ALLOWED_HOSTS');
  expect(lines).toHaveLength(SETTING_COUNT + HEAD_AND_LAST_BREAK);
});

test('a value cannot break out of its row', async () => {
  const { config, sources } = await load({ HUBPULSE_DATA_DIR: '/a\nhost  1.2.3.4\u001b[2J' });
  expect(formatTable(config, sources).split('\n')).toHaveLength(
    SETTING_COUNT + HEAD_AND_LAST_BREAK,
  );
  expect(formatTable(config, sources)).not.toContain('\u001b');
});

test('JSON gives each key its value, as the program uses it, and its source', async () => {
  const { config, sources } = await load({ HUBPULSE_PORT: '0' });
  const listed = JSON.parse(formatJson(config, sources)) as Record<string, unknown>;
  expect(Object.keys(listed)).toHaveLength(SETTING_COUNT);
  expect(listed).toMatchObject({
    port: { value: 0, source: { kind: 'variable', name: 'HUBPULSE_PORT' } },
    allowed_hosts: { value: [], source: { kind: 'default' } },
    allow_unauthenticated_access: { value: false },
  });
});

test('columns are as wide as their widest cell and lines have no trailing blanks', () => {
  expect(
    alignColumns([
      ['a', 'bbb', ''],
      ['cc', 'd', 'e'],
    ]),
  ).toBe('a   bbb\ncc  d    e\n');
});
