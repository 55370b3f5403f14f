import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SampleRun } from './sample-run.ts';

type Sample = readonly [tMs: number, low: number | undefined, high: number | undefined];

function rows(run: SampleRun): Sample[] {
  const bits = new Uint32Array(run.values.slice().buffer);
  return Array.from(run.tMs, (tMs, i) => [tMs, bits.at(2 * i), bits.at(2 * i + 1)] as const);
}

const samples = fc.array(
  fc.tuple(fc.nat({ max: 30 }), fc.nat({ max: 0xffff_ffff }), fc.nat({ max: 0xffff_ffff })),
  { maxLength: 100 },
);

describe('a run of samples', () => {
  it('keeps the last sample of each time in order of time, bit for bit', () => {
    fc.assert(
      fc.property(samples, (given) => {
        const run = new SampleRun();
        for (const [tMs, low, high] of given) run.push(tMs, low, high);
        run.sort();
        const last = new Map(given.map((sample) => [sample[0], sample] as const));
        expect(rows(run)).toEqual([...last.values()].toSorted((a, b) => a[0] - b[0]));
      }),
    );
  });

  it('stays in order when more comes after a sort', () => {
    const run = new SampleRun();
    for (const tMs of [3, 1, 2]) run.push(tMs, tMs, 0);
    run.sort();
    for (const tMs of [2, 0]) run.push(tMs, 10 + tMs, 0);
    run.sort();
    expect(rows(run)).toEqual([
      [0, 10, 0],
      [1, 1, 0],
      [2, 12, 0],
      [3, 3, 0],
    ]);
  });

  it('finds ranges with both ends included', () => {
    const run = new SampleRun();
    for (const tMs of [10, 20, 30]) run.push(tMs, 0, 0);
    expect(run.range(10, 30)).toEqual({ start: 0, end: 3 });
    expect(run.range(11, 29)).toEqual({ start: 1, end: 2 });
    expect(run.range(31, 99)).toEqual({ start: 3, end: 3 });
    expect(run.range(-Infinity, 9)).toEqual({ start: 0, end: 0 });
    expect(run.range(30, 10)).toEqual({ start: 2, end: 2 });
  });

  it('starts again after clear', () => {
    const run = new SampleRun();
    for (const tMs of [2, 1]) run.push(tMs, tMs, 0);
    run.clear();
    run.push(1, 5, 0);
    run.sort();
    expect(rows(run)).toEqual([[1, 5, 0]]);
  });
});
