// A history is one event after the other.
/* oxlint-disable no-await-in-loop */

import { expect, it } from 'vitest';
import {
  ALL,
  all,
  batchOf,
  DAY,
  EVERYTHING,
  internAll,
  match,
  named,
  readAll,
  refusal,
  type Row,
  selected,
  T,
} from './contract-rows.ts';
import type { Subject } from './contract.ts';

/** What the contract says of `delete`. */
export function describeDeleting(subject: Subject): void {
  describeSamples(subject);
  describeVanishing(subject);
  describeRefusals(subject);
}

function describeSamples(subject: Subject): void {
  it('removes the samples of the matching series in a range, both ends included', async () => {
    const [a, b] = internAll(subject.store, 'a', 'b');
    const rows = [0, 1, 2, 3, 4].flatMap((i): Row[] => [
      [a, T + i, i],
      [b, T + i, i],
    ]);
    await subject.store.append(batchOf(rows));
    const deletion = { matchers: [match('__name__', '=', 'a')], fromMs: T + 1, toMs: T + 3 };
    expect(await subject.store.delete(deletion)).toEqual({ series: 1, samples: 3 });
    const expected = [
      selected('a', [T, 0], [T + 4, 4]),
      selected('b', [T, 0], [T + 1, 1], [T + 2, 2], [T + 3, 3], [T + 4, 4]),
    ];
    expect(await readAll(subject.store)).toEqual(expected);
    await subject.settle();
    expect(await readAll(subject.store)).toEqual(expected);
    expect(await subject.store.delete(deletion)).toEqual({ series: 0, samples: 0 });
    expect(await readAll(subject.store)).toEqual(expected);
  });

  it('removes samples wherever they are kept by now, over many days', async () => {
    const [a] = internAll(subject.store, 'a');
    for (const round of [0, 1, 2]) {
      const rows = Array.from({ length: 40 }, (_, day): Row => [a, T + day * DAY + round, round]);
      await subject.store.append(batchOf(rows));
      if (round < 2) await subject.settle();
    }
    const deletion = { matchers: ALL, fromMs: T + DAY + 1, toMs: T + 38 * DAY + 1 };
    expect(await subject.store.delete(deletion)).toEqual({ series: 1, samples: 37 * 3 + 1 });
    await subject.settle();
    expect(await readAll(subject.store)).toEqual([
      selected(
        'a',
        [T, 0],
        [T + 1, 1],
        [T + 2, 2],
        [T + DAY, 0],
        [T + 38 * DAY + 2, 2],
        [T + 39 * DAY, 0],
        [T + 39 * DAY + 1, 1],
        [T + 39 * DAY + 2, 2],
      ),
    ]);
  });

  it('counts a sample that was replaced once, and brings no older value back', async () => {
    const [a] = internAll(subject.store, 'a');
    for (const value of [1, 2, 3]) {
      await subject.store.append(
        batchOf([
          [a, T, value],
          [a, T + 1, value],
        ]),
      );
      await subject.settle();
    }
    expect(await subject.store.delete({ matchers: ALL, fromMs: T, toMs: T })).toEqual({
      series: 1,
      samples: 1,
    });
    expect(await readAll(subject.store)).toEqual([selected('a', [T + 1, 3])]);
  });
}

function describeVanishing(subject: Subject): void {
  it('lets a series of which nothing remains leave, and come back', async () => {
    const [a, b] = internAll(subject.store, 'a', 'b');
    await subject.store.append(
      batchOf([
        [a, T, 1],
        [b, T, 2],
      ]),
    );
    await subject.settle();
    const matchers = [match('__name__', '=', 'a')];
    await subject.store.delete({ ...EVERYTHING, matchers });
    expect(subject.store.series(ALL)).toEqual([named('b')]);
    expect(subject.store.labelValues('__name__')).toEqual(['b']);
    expect(subject.store.series(matchers)).toEqual([]);
    expect(subject.store.stats().series).toBe(1);
    const again = subject.store.intern(named('a'));
    expect(again).not.toBe(b);
    await subject.store.append(batchOf([[again, T, 3]]));
    expect(subject.store.series(ALL)).toEqual([named('a'), named('b')]);
    await subject.settle();
    expect(await readAll(subject.store)).toEqual([selected('a', [T, 3]), selected('b', [T, 2])]);
  });

  it('takes samples at the deleted times again', async () => {
    const [a] = internAll(subject.store, 'a');
    await subject.store.append(batchOf([[a, T, 1]]));
    await subject.store.delete(all());
    await subject.store.append(batchOf([[a, T, 2]]));
    await subject.settle();
    expect(await readAll(subject.store)).toEqual([selected('a', [T, 2])]);
  });

  it('loses no sample that is appended meanwhile outside of the range', async () => {
    const [a, b] = internAll(subject.store, 'a', 'b');
    await subject.store.append(batchOf([[a, T, 0]]));
    const deletion = subject.store.delete({ matchers: ALL, fromMs: T, toMs: T });
    const appends = Array.from({ length: 50 }, (_, i) =>
      subject.store.append(batchOf([[i % 2 === 0 ? a : b, T + 1 + i, i]])),
    );
    await Promise.all([deletion, ...appends]);
    await subject.settle();
    const rows = (await readAll(subject.store)).flatMap((series) => series.rows);
    expect(rows.map(([tMs]) => tMs - T).toSorted((x, y) => x - y)).toEqual(
      Array.from({ length: 50 }, (_, i) => i + 1),
    );
    expect(subject.store.series(ALL)).toEqual([named('a'), named('b')]);
  });
}

function describeRefusals(subject: Subject): void {
  it('leaves everything alone when nothing matches or the range is empty', async () => {
    const [a] = internAll(subject.store, 'a');
    await subject.store.append(batchOf([[a, T, 1]]));
    const none = { series: 0, samples: 0 };
    const matchers = [match('__name__', '=', 'none')];
    expect(await subject.store.delete({ ...EVERYTHING, matchers })).toEqual(none);
    expect(await subject.store.delete({ matchers: ALL, fromMs: T + 1, toMs: T })).toEqual(none);
    expect(await subject.store.delete({ matchers: ALL, fromMs: T + 1, toMs: T + 2 })).toEqual(none);
    expect(await readAll(subject.store)).toEqual([selected('a', [T, 1])]);
    expect(subject.store.stats().deletedSamples).toBe(0);
  });

  it('refuses a deletion without matchers, with a bad pattern or without a range', async () => {
    const { store } = subject;
    const [a] = internAll(store, 'a');
    await store.append(batchOf([[a, T, 1]]));
    expect(await refusal(store.delete({ ...EVERYTHING, matchers: [] }))).toBe('invalid');
    const bad = [match('a', '=~', '(')];
    expect(await refusal(store.delete({ ...EVERYTHING, matchers: bad }))).toBe('invalid');
    expect(await refusal(store.delete({ matchers: ALL, fromMs: NaN, toMs: T }))).toBe('invalid');
    await store.close();
    expect(await refusal(store.delete(all()))).toBe('closed');
  });
}
