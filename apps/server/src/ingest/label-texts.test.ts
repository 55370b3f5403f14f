import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { LabelTexts } from './label-texts.ts';

const utf8 = new TextEncoder();

test('texts are what was encoded, however often they come', () => {
  const texts = new LabelTexts();
  const label = fc.oneof(
    fc.string({ maxLength: 80 }),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
  );
  fc.assert(
    fc.property(fc.array(label, { maxLength: 50 }), (list) => {
      for (const text of [...list, ...list]) {
        const bytes = utf8.encode(`<${text}>`);
        expect(texts.decode(bytes, 1, bytes.length - 1)).toBe(text);
      }
    }),
  );
});

test('texts that share a slot do not stand for each other', () => {
  const texts = new LabelTexts();
  const list = Array.from({ length: 40_000 }, (_, i) => `value-${i}`);
  for (const text of list) {
    const bytes = utf8.encode(text);
    expect(texts.decode(bytes, 0, bytes.length)).toBe(text);
  }
});

test('bytes that are no UTF-8 are refused', () => {
  const texts = new LabelTexts();
  expect(() => texts.decode(Uint8Array.of(0x61, 0xff), 0, 2)).toThrow(TypeError);
});
