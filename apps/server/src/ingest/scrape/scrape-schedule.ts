/** Lateness that is not shown in the time of a sample, as a share of the interval, and at most in milliseconds. */
const TOLERANCE_RATIO = 0.01;
const MAX_TOLERANCE_MS = 10;

/** When a target is scraped: every interval, always at the same place in it. All times are Unix milliseconds. */
export interface ScrapeSchedule {
  readonly intervalMs: number;
  readonly offsetMs: number;
}

/** The first scrape that is due after a time. */
export function dueAfter({ intervalMs, offsetMs }: ScrapeSchedule, tMs: number): number {
  return (Math.floor((tMs - offsetMs) / intervalMs) + 1) * intervalMs + offsetMs;
}

/**
 * The time that the samples of a scrape get: when it was due if it began within 1 % of the interval and 10 ms of that, so
 * that equal distances are stored as equal; else when it began.
 */
export function sampleTime({ intervalMs }: ScrapeSchedule, dueMs: number, nowMs: number): number {
  const tolerance = Math.min(intervalMs * TOLERANCE_RATIO, MAX_TOLERANCE_MS);
  return Math.abs(nowMs - dueMs) <= tolerance ? dueMs : nowMs;
}
