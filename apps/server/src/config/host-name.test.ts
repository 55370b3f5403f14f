import { expect, test } from 'vitest';

import { canonicalHost, isHost, isLoopback } from './host-name.ts';

test.each([
  'localhost',
  'hubpulse.example.org',
  'my_service',
  'a-b.c',
  '0.0.0.0',
  '::',
  'fe80::1%eth0',
  'x'.repeat(63),
])('%s is a host', (text) => {
  expect(isHost(text)).toBe(true);
});

test.each([
  '',
  'http://a',
  'a:4600',
  '[::1]',
  'a b',
  '-a',
  'a-',
  'a..b',
  'a.',
  '*.example.org',
  'bücher.example',
  'a\nb',
  'x'.repeat(64),
  'a.'.repeat(127),
])('%o is no host', (text) => {
  expect(isHost(text)).toBe(false);
});

test.each([
  '127.0.0.1',
  '127.255.0.9',
  '::1',
  '0:0:0:0:0:0:0:1',
  'localhost',
  'LocalHost',
  '::ffff:127.0.0.1',
])('%s is out of reach for other machines', (text) => {
  expect(isLoopback(text)).toBe(true);
});

test.each([
  '0.0.0.0',
  '::',
  '10.0.0.7',
  '128.0.0.1',
  '127.1',
  '127.evil.example',
  'localhost.evil.example',
  '::ffff:7f',
  '::ffff:7f:1',
  '::ffff:10.0.0.1',
  'fe80::1%lo',
])('%s may be reached by other machines', (text) => {
  expect(isLoopback(text)).toBe(false);
});

test('the spellings of one host become equal', () => {
  expect(canonicalHost('Example.ORG')).toBe('example.org');
  expect(canonicalHost('2001:DB8:0:0::1')).toBe('2001:db8::1');
});
