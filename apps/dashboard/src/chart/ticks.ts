import type { Unit } from '@hubpulse/api';

/** Steps between ticks are one of these times a power of ten. */
const NICE_STEPS = [1, 2, 5, 10] as const;

/** Room above the highest figure, so that the line does not touch the edge. */
const HEADROOM = 1.05;

/** Shares do not exceed the whole, so neither does their scale, in percent. */
const WHOLE = 100;

/** The scale's upper end when all figures are 0, by unit: small, yet large enough for readable ticks. */
const SMALLEST_TOP: Readonly<Record<Unit, number>> = {
  percent: 1,
  milliseconds: 10,
  requests_per_second: 1,
  bytes_per_second: 1000,
};

/** The smallest of 1, 2, 5 × 10^k that is not below `value`; `value` is positive and finite. */
export function niceStep(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = NICE_STEPS.find((step) => step * power >= value * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/**
 * The scale from 0 that holds `max`: its upper end and its ticks, at most `ticks` above 0. The end is a whole or half
 * step, so that it stands still while the figures move a little.
 */
export function valueScale(
  max: number,
  { unit, ticks, fixedTop }: { unit: Unit; ticks: number; fixedTop?: number | undefined },
): { readonly top: number; readonly ticks: readonly number[] } {
  const wanted = max > 0 && Number.isFinite(max) ? max * HEADROOM : 0;
  const least = fixedTop ?? Math.max(wanted, wanted === 0 ? SMALLEST_TOP[unit] : 0);
  const step = niceStep(least / Math.max(1, ticks));
  // The tiny numbers keep the noise of floats from adding a step or losing a tick.
  const rounded = Math.ceil(least / (step / 2) - 1e-9) * (step / 2);
  const isShare = unit === 'percent' && max <= WHOLE;
  const top = fixedTop ?? (isShare ? Math.min(rounded, WHOLE) : rounded);
  const count = Math.floor(top / step + 1e-9);
  return { top, ticks: Array.from({ length: count + 1 }, (_, i) => i * step) };
}
