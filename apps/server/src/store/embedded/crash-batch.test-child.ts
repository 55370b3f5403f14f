import { createLabels, type Labels, type SampleBatch } from '@hubpulse/model';

/** What the crash tests write and expect to find: each batch can be told from its number alone. */

const SERIES = 20;
const DAY_MS = 86_400_000;

/** Shortly before midnight, so that batches fall on several days. */
const START_MS = Date.UTC(2026, 5, 15, 23, 50);

/** Large enough that a torn write would tear batches. */
const ROWS_PER_SERIES = 40;

export const ROWS_PER_BATCH: number = SERIES * ROWS_PER_SERIES;

export const CRASH_SERIES: readonly Labels[] = Array.from({ length: SERIES }, (_, i) =>
  createLabels({ __name__: `crash_${i % 3}`, series: String(i) }),
);

/** The batch of a number for series that were interned as `refs`, in the order of `CRASH_SERIES`. */
export function crashBatch(batch: number, refs: readonly number[]): SampleBatch {
  const rows = Array.from({ length: ROWS_PER_BATCH }, (_, row) => row);
  const bits = BigUint64Array.from(rows, (row) => crashBits(batch, row));
  return {
    refs: Uint32Array.from(rows, (row) => refs[row % SERIES] ?? 0),
    tMs: Float64Array.from(rows, (row) => crashTimeMs(batch, row)),
    values: new Float64Array(bits.buffer),
  };
}

/** The batch and row that wrote a sample, from its series and time. */
export function crashOrigin(series: number, tMs: number): { batch: number; row: number } {
  const oddDay = series % 2 === 1 ? DAY_MS : 0;
  const index = tMs - START_MS - oddDay;
  const row = (index % ROWS_PER_SERIES) * SERIES + series;
  return { batch: Math.floor(index / ROWS_PER_SERIES), row };
}

/** Any 64 bits, NaN payloads among them. */
export function crashBits(batch: number, row: number): bigint {
  return BigInt.asUintN(64, BigInt(batch * ROWS_PER_BATCH + row + 1) * 0x9e37_79b9_7f4a_7c15n);
}

function crashTimeMs(batch: number, row: number): number {
  const series = row % SERIES;
  const oddDay = series % 2 === 1 ? DAY_MS : 0;
  return START_MS + oddDay + batch * ROWS_PER_SERIES + Math.floor(row / SERIES);
}
