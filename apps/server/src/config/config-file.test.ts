import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { readConfigFile } from './config-file.ts';

let directory = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hubpulse-config-'));
});

afterEach(() => rm(directory, { recursive: true }));

async function read(content: string | Uint8Array) {
  const path = join(directory, 'hubpulse.yaml');
  await writeFile(path, content);
  const { readings, faults } = await readConfigFile(path);
  const lines = faults.map((fault) => fault.message.replaceAll(`${directory}/`, ''));
  return { readings, lines, path };
}

test('each key becomes a reading with its line', async () => {
  const { readings, lines, path } = await read(
    '# A comment.\nport: 4700\n\nallowed_hosts: [a, b]\n',
  );
  expect(lines).toEqual([]);
  expect(readings).toEqual([
    { name: 'port', value: 4700, source: { kind: 'file', path, line: 2 } },
    { name: 'allowedHosts', value: ['a', 'b'], source: { kind: 'file', path, line: 4 } },
  ]);
});

test.each(['', '\n', '# nothing\n', '---\n', '\uFEFF', 'null', '{}'])(
  'the file %o sets nothing',
  async (text) => {
    expect(await read(text)).toMatchObject({ readings: [], lines: [] });
  },
);

test('a key without a value is read as null, for the setting to refuse', async () => {
  expect((await read('port:\n')).readings).toMatchObject([{ name: 'port', value: null }]);
});

test('anchors and aliases are resolved', async () => {
  const { readings } = await read('host: &h 127.0.0.1\nallowed_hosts: [*h]\n');
  expect(readings).toMatchObject([{ value: '127.0.0.1' }, { value: ['127.0.0.1'] }]);
});

test('YAML 1.2 holds: yes is a text', async () => {
  const { readings } = await read('allow_unauthenticated_access: yes\n');
  expect(readings).toMatchObject([{ value: 'yes' }]);
});

test('an unknown key is refused with line, column and what was meant', async () => {
  expect((await read('port: 1\ndatadir: x\n')).lines).toEqual([
    'hubpulse.yaml:2:1: got the unknown key "datadir"; want a known key. Did you mean data_dir? Correct or remove the line.',
  ]);
});

test('an unknown key like none is refused with the list of keys', async () => {
  const [line] = (await read('zzz: 1\n')).lines;
  expect(line).toContain('want one of host, port, otlp_port, data_dir,');
});

test.each([
  '__proto__: 1',
  'constructor: 1',
  '1: 1',
  '[a, b]: 1',
  '<<: {port: 1}',
  'null: 1',
  'Port: 1',
])('the key of %o is unknown', async (text) => {
  const { readings, lines } = await read(`${text}\n`);
  expect(readings).toEqual([]);
  expect(lines).toEqual([expect.stringContaining('got the unknown key')]);
});

test('a duplicate key is refused with both lines, and the others are still read', async () => {
  const { readings, lines } = await read('port: 1\nhost: a\nport: 2\n');
  expect(lines).toEqual([
    'hubpulse.yaml:3:1: got port for the second time, after line 1; want each key once. Remove one of the two lines.',
  ]);
  expect(readings.map(({ name, value }) => [name, value])).toEqual([
    ['port', 1],
    ['host', 'a'],
  ]);
});

test.each([
  ['port: [1\n', 2],
  ['host: a: b\n', 1],
  ['host: "a\n', 2],
  ['port: 1\n\thost: a\n', 2],
  ['host: a\nport: `1\n', 2],
  ['host: !secret a\n', 1],
  ['port: 1\n---\nport: 2\n', 2],
  ['host: *nobody\n', 1],
  ['- port\n', 1],
  ['4600', 1],
])('the malformed file %o is refused at line %i', async (text, line) => {
  const { readings, lines } = await read(text);
  expect(readings).toEqual([]);
  expect(lines[0]).toMatch(
    new RegExp(
      String.raw`^hubpulse\.yaml:${line}:\d+: got .+; want YAML with "key: value" lines\. \S`,
    ),
  );
});

test('every message is one line', async () => {
  const { lines } = await read(`port: 1\n"a\\nb\\e[31m": 1\n${'k'.repeat(1000)}: 1\n`);
  expect(lines).toHaveLength(2);
  for (const line of lines) {
    expect(line).toMatch(/^[^\p{Cc}]+$/u);
    expect(line.length).toBeLessThan(700);
  }
});

test('aliases that would multiply without end are refused', async () => {
  const levels = Array.from({ length: 30 }, (_, level) => {
    const items = level === 0 ? 'x, x' : `${`*a${level - 1}, `.repeat(9)}*a${level - 1}`;
    return `k${level}: &a${level} [${items}]`;
  });
  const { lines } = await read(`${levels.join('\n')}\nallowed_hosts: *a29\n`);
  expect(lines.at(-1)).toContain('got a mistake (Excessive alias count');
});

test('nesting without end is refused', async () => {
  const { lines } = await read(`allowed_hosts: ${'['.repeat(20_000)}`);
  expect(lines.length).toBeGreaterThan(0);
});

test('a file over 1 MB is refused by its size, one of just 1 MB is read', async () => {
  const comment = (bytes: number): string => `#${'x'.repeat(bytes - 1)}`;
  expect((await read(comment(1_048_577))).lines).toEqual([
    'hubpulse.yaml: got 1048577 bytes; want a readable YAML file of at most 1 MB in UTF-8. Name another file with --config or HUBPULSE_CONFIG.',
  ]);
  expect((await read(comment(1_048_576))).lines).toEqual([]);
});

test('bytes that are not UTF-8 are refused', async () => {
  const { lines } = await read(Uint8Array.of(0x70, 0xff, 0xfe));
  expect(lines).toEqual([expect.stringContaining('got bytes that are not UTF-8;')]);
});

test.each([
  ['missing.yaml', 'no such file'],
  ['hubpulse.yaml/x', 'no such file'],
  ['.', 'a directory'],
])('the path %s is refused as %s', async (name, got) => {
  await writeFile(join(directory, 'hubpulse.yaml'), '');
  const { faults } = await readConfigFile(join(directory, name));
  expect(faults.map((fault) => fault.got)).toEqual([got]);
});

test('a device is refused, so that no read waits for ever', async () => {
  const { faults } = await readConfigFile('/dev/zero');
  expect(faults.map((fault) => fault.got)).toEqual(['a pipe or device']);
});

test('a link that leads back to itself is refused', async () => {
  await symlink('loop', join(directory, 'loop'));
  const { faults } = await readConfigFile(join(directory, 'loop'));
  expect(faults.map((fault) => fault.got)).toEqual([expect.stringContaining('ELOOP')]);
});
