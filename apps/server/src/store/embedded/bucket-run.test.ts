import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rollUp } from '../roll-up.ts';
import { BUCKET_COLUMNS, BucketRun, type Buckets } from './bucket-run.ts';

const WIDTH = 10;

function rolled(samples: readonly (readonly [tMs: number, value: number])[]): Buckets {
  const sorted = [...new Map(samples)].toSorted(([a], [b]) => a - b);
  const tMs = Float64Array.from(sorted, ([time]) => time);
  const values = Float64Array.from(sorted, ([, value]) => value);
  return rollUp({ labels: [], tMs, values }, WIDTH);
}

function columns(buckets: Buckets): Record<string, number[]> {
  return Object.fromEntries(BUCKET_COLUMNS.map((name) => [name, [...buckets[name]]]));
}

/** Whole numbers, so that sums do not depend on the order. */
const samplesArbitrary = fc.uniqueArray(
  fc.tuple(fc.integer({ min: -60, max: 60 }), fc.integer({ min: -9, max: 9 })),
  { selector: ([tMs]) => tMs, maxLength: 40 },
);

describe('a run of buckets', () => {
  it('joined from two parts equals one that was rolled up at once, wherever it was cut', () => {
    fc.assert(
      fc.property(samplesArbitrary, fc.integer({ min: -60, max: 60 }), (samples, at) => {
        const run = new BucketRun();
        run.join(rolled(samples.filter(([tMs]) => tMs < at)), WIDTH);
        run.join(rolled(samples.filter(([tMs]) => tMs >= at)), WIDTH);
        expect(columns(run)).toEqual(columns(rolled(samples)));
      }),
    );
  });

  it('merged with late samples equals one that had them from the start', () => {
    fc.assert(
      fc.property(samplesArbitrary, fc.array(fc.boolean()), (samples, isLate) => {
        const run = new BucketRun();
        const early = samples.filter((_, i) => isLate[i] !== true);
        const late = samples.filter((_, i) => isLate[i] === true);
        run.merge(rolled(early), rolled(late), WIDTH);
        expect(columns(run)).toEqual(columns(rolled(samples)));
      }),
    );
  });

  it('loses the buckets that a range touches, and no others', () => {
    fc.assert(
      fc.property(
        samplesArbitrary,
        fc.integer({ min: -60, max: 60 }),
        fc.nat({ max: 40 }),
        (samples, fromMs, length) => {
          const run = new BucketRun();
          run.append(rolled(samples));
          const toMs = fromMs + length;
          run.cut(WIDTH, { fromMs, toMs }, { start: 0, end: run.length });
          const isTouched = (tMs: number): boolean => {
            const end = Math.ceil(tMs / WIDTH) * WIDTH;
            return Array.from({ length: WIDTH }, (_, i) => end - i).some(
              (moment) => moment >= fromMs && moment <= toMs,
            );
          };
          const left = samples.filter(([tMs]) => !isTouched(tMs));
          expect(columns(run)).toEqual(columns(rolled(left)));
        },
      ),
    );
  });
});
