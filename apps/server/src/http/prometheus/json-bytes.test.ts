import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonBytes } from './json-bytes.ts';

const written = (write: (json: JsonBytes) => void): string => {
  const json = new JsonBytes();
  write(json);
  return json.take().toString();
};

describe('strings', () => {
  test('are those of JSON', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(written((json) => json.string(text))).toBe(JSON.stringify(text));
      }),
    );
  });

  test('may be longer than the room that there is', () => {
    const text = `${'é'.repeat(40_000)}${'a'.repeat(40_000)}`;
    const json = written((to) => {
      to.raw('[');
      to.string(text);
      to.raw(',');
      to.string('b'.repeat(100_000));
      to.raw(']');
    });
    expect(JSON.parse(json)).toEqual([text, 'b'.repeat(100_000)]);
  });
});

test('numbers stand where they are written', () => {
  const json = written((to) => {
    to.raw('["');
    for (let i = 0; i < 5000; i++) {
      to.number(i / 8);
      to.raw('","');
    }
    to.raw('"]');
  });
  const wanted = Array.from({ length: 5000 }, (_, i) => String(i / 8));
  expect(JSON.parse(json)).toEqual([...wanted, '']);
});

test('a piece is not touched by what is written after it', () => {
  const json = new JsonBytes();
  json.raw('first');
  const first = json.take();
  json.raw('other');
  expect([first.toString(), json.take().toString(), json.length]).toEqual(['first', 'other', 0]);
});
