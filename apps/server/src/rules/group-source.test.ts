import { createLabels, labelsKey, type SeriesColumns } from '@hubpulse/model';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GroupSource } from './group-source.ts';
import { withPoint } from './recorded-series.ts';

const LABELS = createLabels({ __name__: 'x', job: 'a' });

const columns = (...samples: [tMs: number, value: number][]): SeriesColumns => ({
  labels: LABELS,
  tMs: Float64Array.from(samples, ([tMs]) => tMs),
  values: Float64Array.from(samples, ([, value]) => value),
});

const selection = (value: string, toMs = 100) => ({
  matchers: [{ name: '__name__', op: '=' as const, value }],
  fromMs: 0,
  toMs,
  maxSamples: 1000,
});

/** A source over a store that has one series of three samples and counts its reads. */
const sourceOf = (maxKeptSamples?: number) => {
  const reads: string[] = [];
  const stored = columns([10, 1], [20, 2], [30, 3]);
  const select = async ({ matchers }: { matchers: readonly { value: string }[] }) => {
    const name = matchers[0]?.value ?? '';
    reads.push(name);
    if (name === 'broken') throw new Error('no disk');
    return name === 'x' ? [stored] : [];
  };
  return { source: new GroupSource({ select }, 100, maxKeptSamples), reads, stored };
};

describe('what rules select', () => {
  test('is read once for all of them', async () => {
    const { source, reads } = sourceOf();
    await Promise.all([source.select(selection('x')), source.select(selection('x'))]);
    await source.select(selection('x'));
    await source.select(selection('x', 99));
    expect(reads).toEqual(['x', 'x']);
  });

  test('is not kept past a bound', async () => {
    const { source, reads } = sourceOf(5);
    for (const toMs of [100, 99, 100, 99]) {
      // oxlint-disable-next-line no-await-in-loop -- One rule after the other.
      await source.select(selection('x', toMs));
    }
    expect(reads).toHaveLength(3);
  });

  test('is read again after a failure', async () => {
    const { source, reads } = sourceOf();
    await expect(source.select(selection('broken'))).rejects.toThrow('no disk');
    await expect(source.select(selection('broken'))).rejects.toThrow('no disk');
    expect(reads).toHaveLength(2);
  });

  test('has the results of the rules before, where they match and lie within', async () => {
    const { source, stored } = sourceOf();
    const other = createLabels({ __name__: 'x', job: 'b' });
    source.add(labelsKey(LABELS), { labels: LABELS, ref: 1, value: 9 });
    source.add(labelsKey(other), { labels: other, ref: 2, value: undefined });
    const found = await source.select(selection('x'));
    expect(found.map(({ labels, tMs, values }) => [labels, [...tMs], [...values]])).toEqual([
      [LABELS, [10, 20, 30, 100], [1, 2, 3, 9]],
      [other, [100], [Number.NaN]],
    ]);
    expect(stored.tMs).toHaveLength(3);
    expect(await source.select(selection('x', 99))).toEqual([stored]);
    expect(await source.select(selection('y'))).toEqual([]);
  });
});

test('a point among columns stands at its time, instead of one that is there', () => {
  const times = fc.uniqueArray(fc.integer({ min: 0, max: 20 }), { maxLength: 10 });
  fc.assert(
    fc.property(times, fc.integer({ min: 0, max: 20 }), (before, atMs) => {
      const given = before.toSorted((a, b) => a - b);
      const joined = withPoint(columns(...given.map((t) => [t, t] as [number, number])), atMs, -1);
      const want = new Map([...given.map((t) => [t, t] as const), [atMs, -1] as const]);
      expect([...joined.tMs]).toEqual([...want.keys()].toSorted((a, b) => a - b));
      expect([...joined.values]).toEqual([...joined.tMs].map((t) => want.get(t)));
    }),
  );
});
