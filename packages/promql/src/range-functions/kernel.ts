import type { WindowBounds } from '../engine/window.ts';

/** What a function of range vectors sees of one series, for all steps at once. */
export interface KernelInput extends WindowBounds {
  readonly tMs: Float64Array;
  readonly values: Float64Array;
  /** How many samples each row stands for; absent when each is one. */
  readonly counts?: Float64Array | undefined;
  /** The right ends of the windows, inclusive. */
  readonly ends: Float64Array;
  /** The length of every window; its left end is exclusive. */
  readonly rangeMs: number;
  /** The instants of the steps; they differ from `ends` under `offset` and `@`. */
  readonly times: Float64Array;
  /** The scalar argument at each step, of the functions that have one. */
  readonly param: Float64Array;
}

/** Where a function of range vectors writes. */
export interface KernelOutput {
  readonly values: Float64Array;
  readonly present: Uint8Array;
}

/** Computes all steps of a series in one sweep. */
export interface SweepKernel {
  readonly kind: 'sweep';
  readonly run: (input: KernelInput, out: KernelOutput) => void;
}

/** Computes each window from its samples; a window with too few of them has no value. */
export interface WindowKernel {
  readonly kind: 'window';
  readonly minSamples: number;
  readonly compute: (input: KernelInput, window: Window) => number;
}

/** The samples `from` up to, not including, `to`, at a step. One object serves all windows, so that none is built. */
export interface Window {
  from: number;
  to: number;
  step: number;
}

export type Kernel = SweepKernel | WindowKernel;

/** A kernel over single windows. */
export function windowKernel(minSamples: number, compute: WindowKernel['compute']): WindowKernel {
  return { kind: 'window', minSamples, compute };
}

/** A kernel that sweeps over the whole series. */
export function sweepKernel(run: SweepKernel['run']): SweepKernel {
  return { kind: 'sweep', run };
}
