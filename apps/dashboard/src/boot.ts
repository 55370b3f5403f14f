import { type Boot, type Overview, RANGE_MS, type TimeWindow } from '@hubpulse/api';

/** What the server put into the page, as far as it was readable. */
export interface ReadBoot extends Partial<Boot> {
  /** When the page read it, Unix milliseconds by this browser's clock. */
  readonly readAtMs: number;
}

/** After that time the embedded answer is history: a page that comes back to its first range asks anew. */
const FRESH_MS = 10_000;

/** The server rounds a window outwards to whole steps. */
const ROUNDING_STEPS = 2;

/** Reads the embedded block; a page without one, or with one that is no JSON, simply has to ask. */
export function readBoot(text: string | null | undefined, nowMs: number): ReadBoot {
  try {
    const { version, overview } = JSON.parse(text ?? '{}') as Partial<Boot>;
    return {
      readAtMs: nowMs,
      ...(typeof version === 'string' && { version }),
      ...(overview && Array.isArray(overview.lines) && { overview }),
    };
  } catch {
    return { readAtMs: nowMs };
  }
}

/** The embedded answer, if it is one to this window and still fresh. */
export function bootOverviewFor(
  { overview, readAtMs }: ReadBoot,
  window: TimeWindow,
  nowMs: number,
): Overview | undefined {
  if (!overview || nowMs - readAtMs > FRESH_MS) return undefined;
  const { fromMs, toMs, stepMs } = overview;
  const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= ROUNDING_STEPS * stepMs;
  const isMatch =
    'range' in window
      ? isNear(toMs - fromMs, RANGE_MS[window.range]) && isNear(toMs, overview.nowMs)
      : isNear(fromMs, window.fromMs) && isNear(toMs, window.toMs);
  return isMatch ? overview : undefined;
}
