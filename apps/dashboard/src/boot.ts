import { type Boot, type Overview, type Range, RANGE_MS, type TimeWindow } from '@hubpulse/api';
import { meanOf } from './overview/change.ts';

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

/** As long as a server has measured less than this, an hour would be an empty page with a dot at its edge. */
const YOUNG_MS = 600_000;

/** The range where the URL names none: an hour, or five minutes on a server that has just begun to measure. */
export function defaultRangeOf({ overview }: ReadBoot): Range {
  if (!overview) return '1h';
  const { fromMs, stepMs, toMs, lines } = overview;
  const firsts = lines
    .map(({ values }) => values.findIndex((value) => value !== null))
    .filter((index) => index >= 0);
  const firstMs = fromMs + Math.min(...firsts, Number.POSITIVE_INFINITY) * stepMs;
  return toMs - firstMs < YOUNG_MS ? '5m' : '1h';
}

/** The embedded answer, if it is one to this window, or holds one, and is still fresh. */
export function bootOverviewFor(
  boot: ReadBoot,
  window: TimeWindow,
  nowMs: number,
): Overview | undefined {
  if (!boot.overview || nowMs - boot.readAtMs > FRESH_MS) return undefined;
  const overview =
    'range' in window ? lastOf(boot.overview, RANGE_MS[window.range]) : boot.overview;
  const { fromMs, toMs, stepMs } = overview;
  const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= ROUNDING_STEPS * stepMs;
  const isMatch =
    'range' in window
      ? isNear(toMs - fromMs, RANGE_MS[window.range]) && isNear(toMs, overview.nowMs)
      : isNear(fromMs, window.fromMs) && isNear(toMs, window.toMs);
  return isMatch ? overview : undefined;
}

/** The last part of an answer that is long and fine enough to hold it, else the answer as it is. */
function lastOf(overview: Overview, lengthMs: number): Overview {
  const { fromMs, toMs, stepMs, frameIntervalMs, lines } = overview;
  const steps = lengthMs / stepMs;
  const isHeld =
    stepMs === frameIntervalMs && Number.isInteger(steps) && toMs - fromMs >= 2 * lengthMs;
  if (!isHeld) return overview;
  const before = (id: string): number | null =>
    meanOf(lines.find((line) => line.id === id)?.values.slice(-2 * steps, -steps) ?? []);
  return {
    ...overview,
    fromMs: toMs - lengthMs,
    lines: lines
      .map(({ id, panel, name, unit, aggregate, values }) => ({
        id,
        panel,
        name,
        unit,
        aggregate,
        values: values.slice(-steps),
      }))
      .filter(({ panel, values }) => panel === 'signals' || values.some((value) => value !== null)),
    previous: {
      cpu: before('cpu'),
      memory: before('memory'),
      disk: before('disk'),
      response_time: before('response_time'),
      error_rate: before('error_rate'),
    },
  };
}
