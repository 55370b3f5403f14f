import type { Signal } from '@hubpulse/api';

/** How a figure is judged; told by a word and a colour. */
export type Level = 'ok' | 'warning' | 'critical';

/** From `warning` on a figure is no longer fine, from `critical` on it is bad. */
interface Thresholds {
  readonly warning: number;
  readonly critical: number;
  /** Whether a figure equal to the threshold has reached it; the product's rules say "over". */
  readonly inclusive: boolean;
}

/** Fullness of a machine, percent: green under 50, yellow under 80, red from there. */
const FULLNESS: Thresholds = { warning: 50, critical: 80, inclusive: true };

/** Response time and error rate are judged by the default alert rules of the product (A3). */
export const THRESHOLDS: Readonly<Record<Signal, Thresholds>> = {
  cpu: FULLNESS,
  memory: FULLNESS,
  disk: FULLNESS,
  response_time: { warning: 2000, critical: 5000, inclusive: false },
  error_rate: { warning: 5, critical: 10, inclusive: false },
};

/** Figures are judged with as many digits as they are shown: 49.96 reads 50.0 and is a warning. */
const SHOWN_DIGITS = 3;

/** Judges a figure of a signal, in the signal's unit (percent or milliseconds). */
export function levelOf(signal: Signal, figure: number): Level {
  const { warning, critical, inclusive } = THRESHOLDS[signal];
  const value = Number(figure.toPrecision(SHOWN_DIGITS));
  const reaches = (threshold: number): boolean =>
    value > threshold || (inclusive && value === threshold);
  if (reaches(critical)) return 'critical';
  return reaches(warning) ? 'warning' : 'ok';
}
