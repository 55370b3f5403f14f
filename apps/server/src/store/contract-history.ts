// A history is one event after the other.
/* oxlint-disable no-await-in-loop */

import { createLabels } from '@hubpulse/model';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { batchOf, DAY, match, readRange, type Row, SPECIAL_BITS } from './contract-rows.ts';
import { readRollups } from './contract-rollups.ts';
import type { Subject } from './contract.ts';
import { createMemoryStore } from './memory/memory-store.ts';
import { type MetricStore, RESOLUTIONS } from './port.ts';

/** Something that happens to a store: rows are appended or deleted, or the way in which samples are kept changes. */
type Event =
  | { readonly append: readonly Row[] }
  | { readonly settle: true }
  | { readonly delete: readonly [series: number, fromMs: number, toMs: number] };

/**
 * Random histories. All run on one store and one oracle, told apart by a label, so that each history also meets what
 * the ones before it left.
 */
export function describeHistories(subject: Subject): void {
  it('gives the same answers as a store of plain maps', { timeout: 120_000 }, async () => {
    const oracle = createMemoryStore();
    let runs = 0;
    const history = fc.array(eventArbitrary(), { maxLength: 8 });
    const range = fc.tuple(timeArbitrary(), timeArbitrary());
    await fc.assert(
      fc.asyncProperty(history, fc.array(range, { maxLength: 4 }), async (events, ranges) => {
        const run = String(runs++);
        for (const event of events) await happen(event, { subject, oracle, run });
        const matchers = [match('run', '=', run)];
        for (const [fromMs, toMs] of [[-Infinity, Infinity] as const, ...ranges]) {
          const got = await readRange(subject.store, { matchers, fromMs, toMs });
          expect(got).toEqual(await readRange(oracle, { matchers, fromMs, toMs }));
          for (const resolutionMs of RESOLUTIONS) {
            const selection = { matchers, fromMs, toMs, resolutionMs };
            const buckets = await readRollups(subject.store, selection);
            expect(buckets).toEqual(await readRollups(oracle, selection));
          }
        }
      }),
      { numRuns: 40 },
    );
  });
}

interface History {
  readonly subject: Subject;
  readonly oracle: MetricStore;
  readonly run: string;
}

async function happen(event: Event, { subject, oracle, run }: History): Promise<void> {
  if ('settle' in event) {
    await subject.settle();
    return;
  }
  if ('delete' in event) {
    await deleteFromBoth(event.delete, { subject, oracle, run });
    return;
  }
  for (const store of [subject.store, oracle]) {
    const rows = event.append.map(([series, tMs, value]): Row => {
      const labels = createLabels({ __name__: `s${series}`, run });
      return [store.intern(labels), tMs, value];
    });
    await store.append(batchOf(rows));
  }
}

async function deleteFromBoth(
  [series, fromMs, toMs]: readonly [number, number, number],
  { subject, oracle, run }: History,
): Promise<void> {
  const ofRun = [match('run', '=', run)];
  const matchers = [...ofRun, match('__name__', '=', `s${series}`)];
  const deleted = await oracle.delete({ matchers, fromMs, toMs });
  expect(await subject.store.delete({ matchers, fromMs, toMs })).toEqual(deleted);
  expect(subject.store.series(ofRun)).toEqual(oracle.series(ofRun));
}

function eventArbitrary(): fc.Arbitrary<Event> {
  const row = fc.tuple(fc.nat({ max: 4 }), timeArbitrary(), valueArbitrary());
  return fc.oneof(
    { weight: 3, arbitrary: fc.record({ append: fc.array(row, { maxLength: 60 }) }) },
    { weight: 1, arbitrary: fc.constant({ settle: true } as const) },
    {
      weight: 1,
      arbitrary: fc.record({
        delete: fc.tuple(fc.nat({ max: 4 }), timeArbitrary(), timeArbitrary()),
      }),
    },
  );
}

/** Few distinct times, so that they collide; around midnight, so that they fall on two days; some far away. */
function timeArbitrary(): fc.Arbitrary<number> {
  return fc.oneof(
    {
      weight: 12,
      arbitrary: fc.integer({ min: -20, max: 20 }).map((i) => 20_000 * DAY + i * 15_000),
    },
    { weight: 1, arbitrary: fc.constantFrom(-8.64e15, -1, 0, 8.64e15) },
  );
}

function valueArbitrary(): fc.Arbitrary<number | bigint> {
  return fc.oneof(
    fc.integer({ min: -10, max: 1000 }),
    fc.integer({ min: 0, max: 10_000 }).map((i) => i / 100),
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    fc.constantFrom(...SPECIAL_BITS),
  );
}
