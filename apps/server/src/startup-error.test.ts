import { expect, test } from 'vitest';

import { printable, quote, shorten, StartupError } from './startup-error.ts';

const FAULT = {
  what: 'HUBPULSE_PORT',
  got: '"x"',
  want: 'a whole number',
  remedy: 'Correct it.',
};

test('the message is one line of what, got, want and remedy', () => {
  expect(new StartupError(FAULT).message).toBe(
    'HUBPULSE_PORT: got "x"; want a whole number. Correct it.',
  );
});

test('the parts and the cause are kept', () => {
  const cause = new Error('EADDRINUSE');
  expect(new StartupError(FAULT, { cause })).toMatchObject({
    ...FAULT,
    name: 'StartupError',
    cause,
  });
});

test('line ends, escape sequences and changes of direction cannot leave the line', () => {
  const { message } = new StartupError({ ...FAULT, got: 'a\nb\r\u001b[31m\u2028\u202e' });
  expect(message).toContain(String.raw`got a\u{a}b\u{d}\u{1b}[31m\u{2028}\u{202e};`);
});

test('printable leaves letters of every script alone', () => {
  expect(printable('/srv/监控/Größe 😀')).toBe('/srv/监控/Größe 😀');
});

test.each([
  ['', 'nothing'],
  [null, 'nothing'],
  [undefined, 'nothing'],
  ['4600', '"4600"'],
  [4600, '4600'],
  [Number.NaN, 'NaN'],
  [12n, '12'],
  [true, 'true'],
  [['a'], '["a"]'],
  [{ a: 1 }, '{"a":1}'],
  [() => 1, 'function'],
])('quote shows %o as %s', (value, shown) => {
  expect(quote(value)).toBe(shown);
});

test('quote cuts a long text and names its length', () => {
  expect(quote('x'.repeat(5000))).toBe(`"${'x'.repeat(80)}"… (5000 characters)`);
  expect(quote(Array(1000).fill(1))).toMatch(/^\[1,1,.*… \(2001 characters\)$/);
});

test('a text that just fits is not cut', () => {
  expect(shorten('x'.repeat(80))).toBe('x'.repeat(80));
});

test('a cut leaves no half of a surrogate pair', () => {
  expect(shorten(`${'x'.repeat(79)}😀`)).toBe(`${'x'.repeat(79)}… (81 characters)`);
});
