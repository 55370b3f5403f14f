import type { LiveFrame } from '@hubpulse/api';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { tryParseFrame } from './frame-message.ts';

const figure = {
  id: 'cpu',
  panel: 'signals',
  name: '',
  unit: 'percent',
  aggregate: 'mean',
  value: 12.5,
} as const;
const frame: LiveFrame = { tMs: 1_700_000_000_000, lines: [figure] };

test('reads a frame, and leaves out what it does not know', () => {
  const sent = { ...frame, extra: 1, lines: [{ ...figure, extra: 2 }] };
  expect(tryParseFrame(JSON.stringify(sent))).toEqual(frame);
  expect(tryParseFrame(JSON.stringify({ ...frame, lines: [] }))).toEqual({ ...frame, lines: [] });
});

test.each([
  ['no text', 5],
  ['nothing', undefined],
  ['an empty text', ''],
  ['half a message', JSON.stringify(frame).slice(0, -1)],
  ['null', 'null'],
  ['no lines', JSON.stringify({ tMs: 1 })],
  ['a time that is text', JSON.stringify({ ...frame, tMs: '1' })],
  ['a negative time', JSON.stringify({ ...frame, tMs: -1 })],
  ['a fraction of a millisecond', JSON.stringify({ ...frame, tMs: 1.5 })],
  ['a time beyond all dates', JSON.stringify({ ...frame, tMs: 8.64e15 + 2 })],
  ['a value of null', JSON.stringify({ ...frame, lines: [{ ...figure, value: null }] })],
  [
    'an infinite value',
    `{"tMs":1,"lines":[{"id":"a","panel":"signals","name":"","unit":"percent","aggregate":"mean","value":1e999}]}`,
  ],
  ['an empty id', JSON.stringify({ ...frame, lines: [{ ...figure, id: '' }] })],
  ['a long name', JSON.stringify({ ...frame, lines: [{ ...figure, name: 'x'.repeat(513) }] })],
  ['an unknown unit', JSON.stringify({ ...frame, lines: [{ ...figure, unit: 'miles' }] })],
  ['an unknown panel', JSON.stringify({ ...frame, lines: [{ ...figure, panel: 'x' }] })],
  ['an unknown aggregate', JSON.stringify({ ...frame, lines: [{ ...figure, aggregate: 'sum' }] })],
  [
    'too many lines',
    JSON.stringify({ ...frame, lines: Array.from({ length: 2001 }, () => figure) }),
  ],
  ['too long a message', `${JSON.stringify(frame)}${' '.repeat(1_000_000)}`],
])('%s is not a frame', (_, data) => {
  expect(tryParseFrame(data)).toBeNull();
});

test('never throws, whatever comes', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), fc.anything()), (data) => {
      expect(() => tryParseFrame(data)).not.toThrow();
    }),
  );
});
