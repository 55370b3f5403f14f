import { NO_FIGURE } from './figure.ts';
import type { Language } from './language.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Prints an instant (Unix milliseconds); a dash for what is no instant. */
export type TimeFormat = (tMs: number) => string;

/**
 * Makes the printer of the instants of a stretch of time: HH:mm:ss up to an hour, HH:mm up to a day, beyond that with
 * the date. Instants that stand less than a minute apart, as `stepMs` tells, have their seconds in any case. 24 hours, in
 * `timeZone` (an IANA name; the viewer's own unless told). Making one is slow, calling it is not.
 */
export function createTimeFormat(
  spanMs: number,
  {
    language,
    stepMs = MINUTE_MS,
    timeZone,
  }: { language: Language; stepMs?: number; timeZone?: string },
): TimeFormat {
  return printer(language, {
    ...(spanMs > DAY_MS && { month: 'short', day: 'numeric' }),
    hour: '2-digit',
    minute: '2-digit',
    ...((spanMs <= HOUR_MS || stepMs < MINUTE_MS) && { second: '2-digit' }),
    hourCycle: 'h23',
    ...(timeZone !== undefined && { timeZone }),
  });
}

/**
 * Prints two instants as a stretch of time, such as `08:00:00 – 09:00:00`: with the date unless both lie on the day of
 * `nowMs`, with the year unless it is this one.
 */
export function formatWindow(
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  { language, nowMs, timeZone }: { language: Language; nowMs: number; timeZone?: string },
): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  const isShared = (options: Intl.DateTimeFormatOptions): boolean => {
    const print = printer(language, { ...options, ...zone });
    return print(fromMs) === print(nowMs) && print(toMs) === print(nowMs);
  };
  return new Intl.DateTimeFormat(language, {
    ...(!isShared({ year: 'numeric' }) && { year: 'numeric' }),
    ...(!isShared({ dateStyle: 'short' }) && { month: 'short', day: 'numeric' }),
    hour: '2-digit',
    minute: '2-digit',
    ...(toMs - fromMs <= HOUR_MS && { second: '2-digit' }),
    hourCycle: 'h23',
    ...zone,
  }).formatRange(fromMs, toMs);
}

/** Prints the ticks of a time axis; `stepMs` is the distance between two of them. */
export type TimeAxisFormat = (tMs: number, stepMs: number) => string;

/** Makes the printer of time ticks: HH:mm, with seconds between full minutes, and the date where a day begins. */
export function createTimeAxisFormat({
  language,
  timeZone,
}: {
  language: Language;
  timeZone?: string;
}): TimeAxisFormat {
  const zone = timeZone === undefined ? {} : { timeZone };
  const clock = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...zone } as const;
  const minutes = printer(language, clock);
  const seconds = printer(language, { ...clock, second: '2-digit' });
  const days = printer(language, { month: 'short', day: 'numeric', ...zone });
  return (tMs, stepMs) => {
    if (stepMs < MINUTE_MS) return seconds(tMs);
    const time = minutes(tMs);
    return stepMs >= DAY_MS || time === '00:00' ? days(tMs) : time;
  };
}

/** How long ago something was, in words: "3 min ago", "3 分钟前". Ages below 0 (two clocks) count as now. */
export function formatAge(ageMs: number, language: Language): string {
  if (!Number.isFinite(ageMs)) return NO_FIGURE;
  const age = Math.max(0, ageMs);
  const words = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' });
  const ago = (unitMs: number, unit: Intl.RelativeTimeFormatUnit): string =>
    tidied(words.format(-Math.floor(age / unitMs), unit));
  if (age < MINUTE_MS) return ago(SECOND_MS, 'second');
  if (age < HOUR_MS) return ago(MINUTE_MS, 'minute');
  // "26 hours ago" says more than "yesterday".
  if (age < 2 * DAY_MS) return ago(HOUR_MS, 'hour');
  return ago(DAY_MS, 'day');
}

/** "3 min. ago" without the stop, and "3分钟前" with the space that Chinese puts between a number and words. */
function tidied(age: string): string {
  return age.replace('. ', ' ').replace(/^(\d+)(?=\p{Script=Han})/u, '$1 ');
}

function printer(language: Language, options: Intl.DateTimeFormatOptions): TimeFormat {
  const format = new Intl.DateTimeFormat(language, options);
  return (tMs) => (Math.abs(tMs) <= LAST_INSTANT_MS ? format.format(tMs) : NO_FIGURE);
}

/** The furthest instant that a `Date` can hold. */
const LAST_INSTANT_MS = 8.64e15;
