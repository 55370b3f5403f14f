import type { LiveFrame, Panel, StepAggregate, Unit } from '@hubpulse/api';
import * as v from 'valibot';

/** The longest message that is parsed, in characters: some twenty times what 200 lines need. */
const MAX_MESSAGE_CHARS = 1_000_000;

/** The most lines of one frame that are read. */
const MAX_FRAME_LINES = 2000;

/** The longest id or name, in characters. */
const MAX_NAME_CHARS = 512;

/** The last instant that a `Date` can hold, Unix milliseconds. */
const MAX_INSTANT_MS = 8.64e15;

const PANELS: readonly Panel[] = [
  'signals',
  'response',
  'requests',
  'cpu_by_host',
  'network',
  'disk_io',
];
const UNITS: readonly Unit[] = [
  'percent',
  'milliseconds',
  'requests_per_second',
  'bytes_per_second',
];
const AGGREGATES: readonly StepAggregate[] = ['mean', 'max'];

const name = v.pipe(v.string(), v.maxLength(MAX_NAME_CHARS));

const frameSchema = v.object({
  tMs: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_INSTANT_MS)),
  lines: v.pipe(
    v.array(
      v.object({
        id: v.pipe(name, v.minLength(1)),
        panel: v.picklist(PANELS),
        name,
        unit: v.picklist(UNITS),
        aggregate: v.picklist(AGGREGATES),
        value: v.pipe(v.number(), v.finite()),
      }),
    ),
    v.maxLength(MAX_FRAME_LINES),
  ),
});

/** Reads the data of one `frame` event; `null` when it is not a frame. */
export function tryParseFrame(data: unknown): LiveFrame | null {
  if (typeof data !== 'string' || data.length > MAX_MESSAGE_CHARS) return null;
  try {
    const result = v.safeParse(frameSchema, JSON.parse(data));
    return result.success ? result.output : null;
  } catch {
    return null;
  }
}
