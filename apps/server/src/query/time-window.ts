import { MAX_POINTS, type Range, RANGE_MS, RANGES, type TimeGrid } from '@hubpulse/api';
import { MAX_TIME_MS } from '@hubpulse/model';

/** Two instants in Unix milliseconds, `fromMs < toMs`. */
export interface TimeWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The window that a request asks for, or what was wrong with it: `got …; want …`. */
export type ParsedWindow = { readonly window: TimeWindow } | { readonly problem: string };

/** The parameters that name a window, as they came in the URL. */
export interface WindowQuery {
  readonly range?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** A got value in a message is cut here, so that a hostile one does not come back whole. */
const SHOWN_CHARACTERS = 40;

/**
 * Reads `range=5m|1h|6h|24h` (ends now), or `from` and `to`. An instant is Unix milliseconds or ISO 8601 with a time
 * zone; `to` may be left out and is now then. Nothing given means the last hour.
 */
export function parseTimeWindow({ range, from, to }: WindowQuery, nowMs: number): ParsedWindow {
  if (range !== undefined) {
    if (from !== undefined || to !== undefined) {
      return { problem: 'got range together with from or to; want either range, or from and to' };
    }
    return namedWindow(range, nowMs);
  }
  if (from === undefined && to === undefined) return namedWindow('1h', nowMs);
  if (from === undefined) return { problem: 'got to without from; want both, or only from' };
  const fromMs = parseInstant(from);
  const toMs = to === undefined ? nowMs : parseInstant(to);
  if (fromMs === undefined) return { problem: instantProblem('from', from) };
  if (toMs === undefined) return { problem: instantProblem('to', to ?? '') };
  if (fromMs >= toMs) {
    return { problem: `got from ${isoOf(fromMs)}, to ${isoOf(toMs)}; want from before to` };
  }
  return { window: { fromMs, toMs } };
}

function namedWindow(range: string, nowMs: number): ParsedWindow {
  if (!isRange(range)) {
    return {
      problem: `got range ${shown(range)}; want one of ${RANGES.join(', ')}, or from and to`,
    };
  }
  return { window: { fromMs: nowMs - RANGE_MS[range], toMs: nowMs } };
}

function isRange(text: string): text is Range {
  return (RANGES as readonly string[]).includes(text);
}

function parseInstant(text: string): number | undefined {
  const tMs = /^-?\d{1,16}$/.test(text) ? Number(text) : parseIso(text);
  return tMs !== undefined && Math.abs(tMs) <= MAX_TIME_MS ? tMs : undefined;
}

function parseIso(text: string): number | undefined {
  const isIso = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.test(text);
  const tMs = isIso ? Date.parse(text) : Number.NaN;
  return Number.isNaN(tMs) ? undefined : tMs;
}

function instantProblem(name: string, got: string): string {
  return `got ${name} ${shown(got)}; want Unix milliseconds or ISO 8601 with a time zone, such as 2026-11-22T14:00:00Z`;
}

function isoOf(tMs: number): string {
  return new Date(tMs).toISOString();
}

function shown(text: string): string {
  return JSON.stringify(
    text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text,
  );
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Steps that people can read off an axis. Past the last, whole days. */
const STEPS_MS: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND_MS),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE_MS),
  ...[1, 2, 3, 6, 12, 24].map((n) => n * HOUR_MS),
];

/**
 * Divides a window into at most `maxPoints` steps that end at multiples of the step. The window widens to whole steps:
 * the last step is the one in which `toMs` lies, so that a window that ends now includes the open step.
 *
 * @param minStepMs How often samples come; a finer step would only show gaps.
 */
export function chooseGrid(
  { fromMs, toMs }: TimeWindow,
  { maxPoints = MAX_POINTS, minStepMs }: { maxPoints?: number; minStepMs: number },
): TimeGrid {
  const lengthMs = toMs - fromMs;
  const wantedMs = Math.max(minStepMs, lengthMs / maxPoints);
  const stepMs = STEPS_MS.find((step) => step >= wantedMs) ?? Math.ceil(wantedMs / DAY_MS) * DAY_MS;
  const lastMs = Math.ceil(toMs / stepMs) * stepMs;
  const points = Math.max(1, Math.min(maxPoints, Math.ceil(lengthMs / stepMs)));
  return { fromMs: lastMs - points * stepMs, toMs: lastMs, stepMs };
}

/** How many steps a grid has. */
export function pointsOf({ fromMs, toMs, stepMs }: TimeGrid): number {
  return Math.round((toMs - fromMs) / stepMs);
}
