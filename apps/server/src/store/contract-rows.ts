import { createLabels, type Labels, type Matcher, type SampleBatch } from '@hubpulse/model';
import { expect } from 'vitest';
import { type MetricStore, type Selection, StoreError, type StoreErrorCode } from './port.ts';

/** Rows, batches and results in a form that tests can write down and compare bit for bit. */

/** The value is a number or, where the payload of a NaN counts, its 64 bits. */
export type Row = readonly [ref: number, tMs: number, value: number | bigint];

/** A selected series, values as their 64 bits. */
export interface SelectedSeries {
  readonly labels: Labels;
  readonly rows: readonly (readonly [tMs: number, bits: bigint])[];
}

export const T = 1_780_000_000_000;
export const DAY = 86_400_000;

/** Prometheus' stale marker is a signalling NaN, which a careless copy turns into a quiet one. */
export const STALE_BITS = 0x7ff0_0000_0000_0002n;

export const SPECIAL_BITS: readonly bigint[] = [
  STALE_BITS,
  0x7ff8_0000_0000_0000n,
  0x7ff8_0000_0000_0001n,
  0xfff8_0000_0000_0000n,
  0xffff_ffff_ffff_ffffn,
  0x7ff0_0000_0000_0000n,
  0xfff0_0000_0000_0000n,
  0x8000_0000_0000_0000n,
  0x0000_0000_0000_0000n,
  0x0000_0000_0000_0001n,
  0x7fef_ffff_ffff_ffffn,
];

export const ALL: readonly Matcher[] = [{ name: '__name__', op: '!=', value: '' }];

export const EVERYTHING: Pick<Selection, 'fromMs' | 'toMs'> = { fromMs: -Infinity, toMs: Infinity };

export function all(): Selection {
  return { ...EVERYTHING, matchers: ALL };
}

export function match(name: string, op: Matcher['op'], value: string): Matcher {
  return { name, op, value };
}

export function named(name: string): Labels {
  return createLabels({ __name__: name });
}

/** Refs of series called by these names; as many as asked for, which the type says for up to two. */
export function internAll(store: MetricStore, ...names: string[]): [number, number, ...number[]] {
  return names.map((name) => store.intern(named(name))) as [number, number, ...number[]];
}

export function batchOf(rows: readonly Row[]): SampleBatch {
  const bits = BigUint64Array.from(rows, ([, , value]) => toBits(value));
  return {
    refs: Uint32Array.from(rows, ([ref]) => ref),
    tMs: Float64Array.from(rows, ([, tMs]) => tMs),
    values: new Float64Array(bits.buffer),
  };
}

export function selected(
  name: string,
  ...rows: readonly (readonly [tMs: number, value: number])[]
): SelectedSeries {
  return { labels: named(name), rows: rows.map(([tMs, value]) => [tMs, bitsOf(value)] as const) };
}

export function readAll(store: MetricStore, range = EVERYTHING): Promise<SelectedSeries[]> {
  return readRange(store, { ...range, matchers: ALL });
}

export function read(store: MetricStore, ...matchers: Matcher[]): Promise<SelectedSeries[]> {
  return readRange(store, { ...EVERYTHING, matchers });
}

export async function readRange(
  store: MetricStore,
  selection: Selection,
): Promise<SelectedSeries[]> {
  const found = await store.select(selection);
  return found.map(({ labels, tMs, values }) => {
    expect(values).toHaveLength(tMs.length);
    const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
    const rows = Array.from(tMs, (time, i) => [time, view.getBigUint64(8 * i, true)] as const);
    return { labels, rows };
  });
}

export function toBits(value: number | bigint): bigint {
  return typeof value === 'bigint' ? value : bitsOf(value);
}

export function bitsOf(value: number): bigint {
  const [bits = 0n] = new BigUint64Array(Float64Array.of(value).buffer);
  return bits;
}

/** The code with which a call was refused; undefined when it was not. Anything but a StoreError fails the test. */
export async function refusal(call: Promise<unknown>): Promise<StoreErrorCode | undefined> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error === undefined) return undefined;
  expect(error).toBeInstanceOf(StoreError);
  return (error as StoreError).code;
}
