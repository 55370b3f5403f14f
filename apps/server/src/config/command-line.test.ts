import { expect, test } from 'vitest';

import { parseCommandLine } from './command-line.ts';

function parse(line: string) {
  return parseCommandLine(line.split(' ').filter((word) => word !== ''));
}

function refusal(argv: readonly string[]): string {
  try {
    parseCommandLine(argv);
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
  return 'not refused';
}

test('without words the server starts', () => {
  expect(parse('')).toEqual({
    name: 'start',
    configFile: undefined,
    flags: [],
    json: false,
    files: [],
  });
});

test.each([
  ['start', 'start'],
  ['config', 'config'],
  ['help', 'help'],
  ['--help', 'help'],
  ['-h', 'help'],
  ['start -h', 'help'],
  ['version', 'version'],
  ['--version', 'version'],
  ['-v', 'version'],
  ['-v -h', 'help'],
  ['config --json --version', 'version'],
  ['rules --help', 'help'],
])('%o asks for %s', (line, name) => {
  expect(parse(line).name).toBe(name);
});

test.each(['start --config a.yaml', '--config=a.yaml', '--config a.yaml start'])(
  '%o names the file',
  (line) => {
    expect(parse(line)).toMatchObject({ name: 'start', configFile: 'a.yaml' });
  },
);

test('rules check names files', () => {
  expect(parse('rules check a.yaml b/c.yaml')).toMatchObject({
    name: 'rules',
    files: ['a.yaml', 'b/c.yaml'],
  });
});

test('a flag of a setting becomes a reading', () => {
  expect(parse('config --port 4700 --json')).toMatchObject({
    name: 'config',
    json: true,
    flags: [{ name: 'port', value: 4700, source: { kind: 'flag', name: '--port' } }],
  });
});

test('a flag given twice counts the last time', () => {
  expect(parse('--port 1 --port 2').flags).toMatchObject([{ value: 2 }]);
});

test('a negative number reaches the setting, to be refused there', () => {
  expect(parse('--port -1').flags).toMatchObject([{ value: -1 }]);
});

test.each([
  [
    'statr',
    '"statr": got an unknown command; want one of start, config, rules, help, version. Did you mean start? See',
  ],
  [
    'deploy',
    '"deploy": got an unknown command; want one of start, config, rules, help, version. See',
  ],
  ['start now', '"now": got one word too many; want only flags after start. See'],
  [
    '--prot 4700',
    '--prot: got an unknown flag; want one of --config, --port, --json, --help, --version. Did you mean --port? See',
  ],
  ['rules', 'rules: got nothing; want rules check FILE…. See'],
  ['rules lint a.yaml', 'rules: got "lint"; want rules check FILE…. See'],
  ['rules check', 'rules check: got no file; want rules check FILE…. See'],
  ['rules check a --port 1', '--port: got a flag that rules does not have;'],
  ['-x', '-x: got an unknown flag;'],
  ['--constructor', '--constructor: got an unknown flag;'],
  ['--__proto__=1', '--__proto__: got an unknown flag;'],
  ['--no-json', '--no-json: got an unknown flag;'],
  ['--json', '--json: got a flag that start does not have; want the command config. See'],
  [
    'help --port 1',
    '--port: got a flag that help does not have; want the command start or config. See',
  ],
  ['--port', '--port: got no value; want --port VALUE. See'],
  ['--config=', '--config: got no value; want --config VALUE. See'],
  ['config --json=yes', '--json: got the value "yes"; want --json alone. See'],
  ['-- start --port', '"--port": got one word too many;'],
])('%o is refused in one line', (line, begin) => {
  expect(refusal(line.split(' '))).toMatch(/^StartupError: [^\n]+ See hubpulse --help\.$/);
  expect(refusal(line.split(' '))).toContain(`StartupError: ${begin}`);
});

test('an empty word is no command', () => {
  expect(refusal([''])).toContain('got an unknown command');
});

test('a word of any length and content is refused in one short line', () => {
  const line = refusal([`--${'x\n\u001b'.repeat(10_000)}`]);
  expect(line).toMatch(/^[^\p{Cc}]{1,500}$/u);
});
