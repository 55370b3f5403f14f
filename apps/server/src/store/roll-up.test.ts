import { createLabels } from '@hubpulse/model';
import { describe, expect, it } from 'vitest';
import { bucketEnd, rollUp } from './roll-up.ts';

const MINUTE = 60_000;
const labels = createLabels({ __name__: 'm' });
const STALE = new Float64Array(new BigUint64Array([0x7ff0000000000002n]).buffer)[0] as number;

function rolled(...rows: (readonly [number, number])[]) {
  const tMs = Float64Array.from(rows, ([t]) => t);
  const bits = new BigUint64Array(rows.length);
  for (const [i, [, value]] of rows.entries()) {
    bits[i] = Number.isNaN(value)
      ? 0x7ff0000000000002n
      : (new BigUint64Array(Float64Array.of(value).buffer)[0] as bigint);
  }
  const { labels: kept, ...columns } = rollUp(
    { labels, tMs, values: new Float64Array(bits.buffer) },
    MINUTE,
  );
  expect(kept).toBe(labels);
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, [...column]]));
}

describe('rollUp', () => {
  it('gathers a bucket from after one multiple to the next, that one included', () => {
    expect(rolled([0, 5], [1, 1], [30_000, 3], [60_000, 2], [60_001, 7])).toEqual({
      tMs: [0, 60_000, 60_001],
      last: [5, 2, 7],
      min: [5, 1, 7],
      max: [5, 3, 7],
      sum: [5, 6, 7],
      count: [1, 3, 1],
    });
  });

  it('leaves out buckets without samples', () => {
    expect(rolled([1, 1], [10 * MINUTE, 2])['tMs']).toEqual([1, 10 * MINUTE]);
    expect(rolled()['tMs']).toEqual([]);
  });

  it('counts stale markers nowhere but in the last value', () => {
    const { count, sum, min, max, last } = rolled([1, 4], [2, STALE], [60_001, STALE]);
    expect({ count, sum, min, max, last }).toEqual({
      count: [1, 0],
      sum: [4, 0],
      min: [4, Number.NaN],
      max: [4, Number.NaN],
      last: [Number.NaN, Number.NaN],
    });
  });

  it('has buckets before 1970', () => {
    expect(rolled([-60_000, 1], [-59_999, 2], [0, 3])['count']).toEqual([1, 2]);
    expect(bucketEnd(-1, MINUTE)).toBe(-0);
  });

  it('lets neither kind of NaN hide the extremes, and an ordinary one spoil the sum', () => {
    const values = Float64Array.of(2, 0, 3);
    values[1] = Number.NaN;
    const { min, max, sum, count } = rollUp(
      { labels, tMs: Float64Array.of(1, 2, 3), values },
      MINUTE,
    );
    expect([min[0], max[0], sum[0], count[0]]).toEqual([2, 3, Number.NaN, 3]);
  });
});
