import { createLabels, type Labels, type SampleBatch } from '@hubpulse/model';
import type { Clock } from '../../clock.ts';

/**
 * What the process of the long crash test writes and its parent expects to find: each batch can be told from its number.
 *
 * A batch has three kinds of series: `raw` ones, whose days are rolled up again and again while their samples stay; `old`
 * ones, whose samples are beyond the retention, so that buckets are all that is left; and, in every tenth batch, a
 * `victim` of its own, which is deleted once it is written.
 */

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** The time at which each process starts: days before it are complete, and the clock is near the newest sample. */
const NOW_MS = Date.UTC(2026, 5, 17, 12);

const RAW_SERIES = 8;
const OLD_SERIES = 4;

/** Samples of each series in a batch; of an old one they are one bucket. */
export const ROWS = 25;

const VICTIM_EVERY = 10;

export const RETENTION_MS = { raw: 5 * DAY_MS, '1m': 90 * DAY_MS, '1h': 730 * DAY_MS };

/** Raw samples begin shortly before a midnight, so that a batch may have a bucket on both sides. */
const RAW_START_MS = Date.UTC(2026, 5, 15, 23, 30);
const OLD_START_MS = Date.UTC(2026, 4, 31, 20);

/** A wall clock that always starts at the same time, with real timers. */
export function crashClock(): Clock {
  return {
    nowMs: () => NOW_MS + performance.now(),
    monotonicMs: () => performance.now(),
    schedule: (run, delayMs) => {
      const timer = setTimeout(run, delayMs);
      timer.unref();
      return () => clearTimeout(timer);
    },
  };
}

function rawLabels(series: number): Labels {
  return createLabels({ __name__: `raw_${series % 3}`, series: String(series) });
}

function oldLabels(series: number): Labels {
  return createLabels({ __name__: 'old', series: String(series) });
}

export function victimLabels(batch: number): Labels {
  return createLabels({ __name__: 'victim', batch: String(batch) });
}

export function victimOf(batch: number): boolean {
  return batch % VICTIM_EVERY === 0;
}

/** The time of a sample of a raw series: batches follow each other, each over half a minute. */
function rawTimeMs(batch: number, row: number): number {
  return RAW_START_MS + batch * 30_000 + row * 1000;
}

export function rawOrigin(tMs: number): { batch: number; row: number } {
  const at = tMs - RAW_START_MS;
  return { batch: Math.floor(at / 30_000), row: (at % 30_000) / 1000 };
}

/** Any 64 bits, NaN payloads among them. */
export function rawBits(series: number, batch: number, row: number): bigint {
  const number = (batch * ROWS + row) * RAW_SERIES + series + 1;
  return BigInt.asUintN(64, BigInt(number) * 0x9e37_79b9_7f4a_7c15n);
}

/** Each batch has a minute of its own in an old series. */
function oldTimeMs(batch: number, row: number): number {
  return OLD_START_MS + batch * MINUTE_MS + row + 1;
}

export function oldBatch(tMs: number): number {
  return Math.floor((tMs - 1 - OLD_START_MS) / MINUTE_MS);
}

/** The batch of a number; `intern` gives the refs. */
export function planBatch(batch: number, intern: (labels: Labels) => number): SampleBatch {
  const rows: { readonly ref: number; readonly tMs: number; readonly bits: bigint }[] = [];
  for (let row = 0; row < ROWS; row++) {
    for (let series = 0; series < RAW_SERIES; series++) {
      const bits = rawBits(series, batch, row);
      rows.push({ ref: intern(rawLabels(series)), tMs: rawTimeMs(batch, row), bits });
    }
    for (let series = 0; series < OLD_SERIES; series++) {
      rows.push({
        ref: intern(oldLabels(series)),
        tMs: oldTimeMs(batch, row),
        bits: bitsOf(batch + row),
      });
    }
    if (victimOf(batch)) {
      const ref = intern(victimLabels(batch));
      // On three days, so that a deletion takes several files.
      const tMs = RAW_START_MS - (row % 3) * DAY_MS + row;
      rows.push({ ref, tMs, bits: bitsOf(batch) });
    }
  }
  const bits = BigUint64Array.from(rows, (row) => row.bits);
  return {
    refs: Uint32Array.from(rows, ({ ref }) => ref),
    tMs: Float64Array.from(rows, ({ tMs }) => tMs),
    values: new Float64Array(bits.buffer),
  };
}

function bitsOf(value: number): bigint {
  return new BigUint64Array(Float64Array.of(value).buffer)[0] as bigint;
}
