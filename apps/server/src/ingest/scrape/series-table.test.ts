import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DROPPED, SeriesTable } from './series-table.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const find = (table: SeriesTable, text: string): number => {
  const key = Buffer.from(`<${text}>`);
  return table.find(key, 1, key.length - 1);
};

test('finds each series by its bytes, however many there are', () => {
  const table = new SeriesTable(7);
  const names = Array.from({ length: 5000 }, (_, i) => `requests_total{path="/${i}"}`);
  const entries = names.map((name, i) => table.add(bytes(name), i + 1));
  expect(names.map((name) => find(table, name))).toEqual(entries);
  expect(names.toReversed().map((name) => table.refOf(find(table, name)))).toEqual(
    names.map((_, i) => names.length - i),
  );
  expect(find(table, 'requests_total{path="/5000"}')).toBe(-1);
  expect(table.size).toBe(5000);
});

test('says which series ended, once', () => {
  const table = new SeriesTable(1);
  const [a, b, timed, dropped] = [
    table.add(bytes('a'), 1),
    table.add(bytes('b'), 2),
    table.add(bytes('timed'), 3),
    table.add(bytes('dropped'), DROPPED),
  ] as [number, number, number, number];
  const first = table.begin();
  expect([table.mark(a, first, false), table.mark(b, first, false)]).toEqual([true, true]);
  table.mark(timed, first, true);
  table.mark(dropped, first, false);
  expect([...table.endedBy(first)]).toEqual([]);
  table.settle(first);

  const second = table.begin();
  expect(table.mark(b, second, false)).toBe(false);
  expect([...table.endedBy(second)]).toEqual([1]);
  table.settle(second);
  expect([...table.endedBy(second)]).toEqual([]);

  const third = table.begin();
  expect(table.mark(a, third, false)).toBe(true);
  expect([...table.endedBy(third)]).toEqual([2]);
});

test('a series that is written in another way has not ended', () => {
  const table = new SeriesTable(1);
  const first = table.begin();
  table.mark(table.add(bytes('m{a="1",b="2"}'), 1), first, false);
  table.settle(first);
  const second = table.begin();
  table.mark(table.add(bytes('m{b="2",a="1"}'), 1), second, false);
  expect([...table.endedBy(second)]).toEqual([]);
  table.settle(second);
  expect(table.liveRefs()).toEqual([1]);
  expect([...table.endedBy(table.begin())]).toEqual([1]);
});

test('what was not stored is said again', () => {
  const table = new SeriesTable(1);
  const a = table.add(bytes('a'), 1);
  const first = table.begin();
  table.mark(a, first, false);
  table.settle(first);
  expect([...table.endedBy(table.begin())]).toEqual([1]);
  expect([...table.endedBy(table.begin())]).toEqual([1]);
});

test('forgets series that are long gone, and keeps the others', () => {
  const table = new SeriesTable(1);
  const kept = Array.from({ length: 10 }, (_, i) => `kept_${i}`);
  for (let scrape = 1; scrape <= 30; scrape++) {
    const number = table.begin();
    for (let i = 0; i < 100; i++) {
      table.mark(table.add(bytes(`passing_${scrape}_${i}`), 1000), number, false);
    }
    for (const [i, name] of kept.entries()) {
      const known = find(table, name);
      table.mark(known < 0 ? table.add(bytes(name), i + 1) : known, number, scrape % 2 === 0);
    }
    table.settle(number);
    expect(table.size).toBeLessThanOrEqual(2 * 110 + 1024);
  }
  expect(kept.map((name) => table.refOf(find(table, name)))).toEqual(kept.map((_, i) => i + 1));
  expect(find(table, 'passing_1_1')).toBe(-1);
});

test('behaves as a map does', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 3 }), { maxLength: 200 }), (names) => {
      const table = new SeriesTable(3);
      const map = new Map<string, number>();
      for (const [i, name] of names.entries()) {
        const key = Buffer.from(name);
        const entry = table.find(key, 0, key.length);
        expect(entry < 0 ? undefined : table.refOf(entry)).toBe(map.get(name));
        if (entry >= 0) continue;
        table.add(key, i + 1);
        map.set(name, i + 1);
      }
    }),
  );
});
