import { expect, test } from 'vitest';
import { createParser } from './parsed-queries.ts';

test('an expression that was parsed before is the same', () => {
  const parse = createParser();
  const first = parse('up == 1');
  expect(first.kind).toBe('binary');
  expect(parse('up == 0')).not.toEqual(first);
  expect(parse('up == 1')).toBe(first);
});

test('what does not parse fails each time', () => {
  const parse = createParser();
  for (let i = 0; i < 2; i++) expect(() => parse('up ==')).toThrow('parse error');
});

test('the expressions that were asked for longest ago are forgotten', () => {
  const parse = createParser();
  const [often, once] = [parse('often'), parse('once')];
  for (let i = 0; i < 511; i++) {
    parse(`x${i}`);
    parse('often');
  }
  expect(parse('often')).toBe(often);
  expect(parse('once')).not.toBe(once);
});

test('long expressions are not kept', () => {
  const parse = createParser();
  const long = `up == ${'1'.repeat(3000)}`;
  expect(parse(long)).not.toBe(parse(long));
});
