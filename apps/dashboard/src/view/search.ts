import { type Range, RANGES } from '@hubpulse/api';
import {
  fallback,
  integer,
  maxValue,
  minValue,
  number,
  object,
  optional,
  parse,
  picklist,
  pipe,
} from 'valibot';
import { type Language, LANGUAGES } from '../i18n/language.ts';
import { type FixedWindow, MAX_WINDOW_MS, MIN_WINDOW_MS } from './time-window.ts';
import { type Theme, THEMES } from './theme.ts';

/** What the URL's query says. A key that is missing leaves the choice to the reader's preferences. */
export interface ViewSearch {
  readonly range?: Range;
  /** Both or none, Unix milliseconds: a window that stands still, in front of `range`. */
  readonly from?: number;
  readonly to?: number;
  readonly lang?: Language;
  readonly theme?: Theme;
}

/** 2000-01-01 to 2100-01-01: outside of it a number is surely not a time in milliseconds. */
const EARLIEST_MS = 946_684_800_000;
const LATEST_MS = 4_102_444_800_000;

const instant = pipe(number(), integer(), minValue(EARLIEST_MS), maxValue(LATEST_MS));
const schema = object({
  range: fallback(optional(picklist(RANGES)), undefined),
  from: fallback(optional(instant), undefined),
  to: fallback(optional(instant), undefined),
  lang: fallback(optional(picklist(LANGUAGES)), undefined),
  theme: fallback(optional(picklist(THEMES)), undefined),
});

/** Reads the URL's query; a bad value counts as missing, a window that is half given or impossible too. */
export function parseSearch(raw: Record<string, unknown>): ViewSearch {
  const { from, to, ...rest } = parse(schema, raw);
  const kept = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return from !== undefined && to !== undefined && isPossible(from, to)
    ? { ...kept, from, to }
    : kept;
}

/** The window that the URL fixes in time, or `undefined` where the page follows the present. */
export function fixedWindowOf({ from, to }: ViewSearch): FixedWindow | undefined {
  return from === undefined || to === undefined ? undefined : { fromMs: from, toMs: to };
}

function isPossible(fromMs: number, toMs: number): boolean {
  const lengthMs = toMs - fromMs;
  return lengthMs >= MIN_WINDOW_MS && lengthMs <= MAX_WINDOW_MS;
}
