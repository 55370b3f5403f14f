import { expect, test } from 'vitest';

import { createLog, type LogOptions } from './log.ts';

function record(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const stream = { write: (line: string) => lines.push(line) };
  const log = createLog({ level: 'debug', isTerminal: false, stream, ...options });
  return { log, lines, entry: () => JSON.parse(lines.at(-1)!) as Record<string, unknown> };
}

test('off a terminal each line is one JSON object with level, time and fields', () => {
  const { log, lines, entry } = record();
  log.info({ tookMs: 12 }, 'The store is open.\nReally.');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^\{[^\n]*\}\n$/);
  expect(entry()).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    tookMs: 12,
    msg: 'The store is open.\nReally.',
  });
});

test.each([
  ['debug', 4],
  ['info', 3],
  ['warn', 2],
  ['error', 1],
] as const)('level %s lets %i of the four levels through', (level, count) => {
  const { log, lines } = record({ level });
  log.debug({}, 'a');
  log.info({}, 'b');
  log.warn({}, 'c');
  log.error({}, 'd');
  expect(lines).toHaveLength(count);
});

test('on a terminal a line is for people, without colours when they are switched off', () => {
  const { log, lines } = record({ isTerminal: true, colour: false });
  log.warn({ port: 4600 }, 'The port changed.');
  expect(lines.join('')).toMatch(
    /^\[\d{4}-\d\d-\d\d .*\] WARN: The port changed\.\n {4}port: 4600\n$/,
  );
});

test('on a terminal lines have colours by default', () => {
  const { log, lines } = record({ isTerminal: true });
  log.warn({}, 'The port changed.');
  expect(lines.join('')).toContain('\u001b[');
});

test('off a terminal there is never a colour', () => {
  const { log, lines } = record({ colour: true });
  log.warn({}, 'The port changed.');
  expect(lines.join('')).not.toContain('\u001b');
});

test('an error keeps its stack, its code and every cause', () => {
  const { log, entry } = record();
  const root = Object.assign(new Error('no space'), { code: 'ENOSPC' });
  log.error({ err: new Error('append failed', { cause: root }) }, 'A batch was lost.');
  expect(entry()['err']).toMatchObject({
    type: 'Error',
    message: 'append failed',
    stack: expect.stringContaining('log.test.ts'),
    cause: { message: 'no space', code: 'ENOSPC' },
  });
});

test('on a terminal an error is shown with its stack and its cause', () => {
  const { log, lines } = record({ isTerminal: true, colour: false });
  log.error({ err: new Error('append failed', { cause: new Error('no space') }) }, 'Lost.');
  expect(lines.join('')).toMatch(/append failed[^]*log\.test\.ts[^]*no space/);
});

test.each([
  'authorization',
  'cookie',
  'set-cookie',
  'password',
  'token',
  'apiKey',
  'client_secret',
])('the value of %s is not logged, down to the fourth level', (name) => {
  const { log, lines } = record();
  const secret = { [name]: 'hunter2' };
  log.info({ ...secret, a: secret, b: { c: secret }, d: { e: { f: secret } } }, 'A request came.');
  expect(lines.join('')).not.toContain('hunter2');
  expect(lines.join('').match(/\[redacted\]/g)).toHaveLength(4);
});

test('secrets inside lists and errors are not logged', () => {
  const { log, lines } = record();
  const err = Object.assign(new Error('401'), {
    config: { headers: { authorization: 'Bearer hunter2' } },
  });
  log.error({ err, users: [{ password: 'hunter2' }] }, 'A call failed.');
  expect(lines.join('')).not.toContain('hunter2');
});

test('redaction changes only the line, not the object of the caller', () => {
  const { log } = record();
  const headers = { authorization: 'Bearer x' };
  log.info({ headers }, 'A request came.');
  expect(headers).toEqual({ authorization: 'Bearer x' });
});

test.each([false, true])('passwords in URLs are not logged (on a terminal: %s)', (isTerminal) => {
  const { log, lines } = record({ isTerminal, colour: false });
  const err = new Error('connect postgres://pulse:hunter2@db:5432/x failed');
  log.error({ err, url: 'redis://:hunter2@cache:6379' }, 'https://a:hunter2@b is down.');
  expect(lines.join('')).not.toContain('hunter2');
  expect(lines.join('')).toContain('postgres://pulse:[redacted]@db:5432/x');
});

test('a port and an address with an at sign are left alone', () => {
  const { log, entry } = record();
  log.info({ url: 'http://127.0.0.1:4600/users/a@b' }, 'Listening.');
  expect(entry()['url']).toBe('http://127.0.0.1:4600/users/a@b');
});

test('what JSON cannot hold does not make logging throw', () => {
  const { log, entry } = record();
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  log.info({ circle, big: 1n, nothing: undefined, run: () => 1 }, 'Odd fields.');
  expect(entry()['msg']).toBe('Odd fields.');
});
