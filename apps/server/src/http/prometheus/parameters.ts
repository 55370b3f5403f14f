import { MAX_TIME_MS, parseDuration as parseUnits } from '@hubpulse/model';
import { PromqlError } from '@hubpulse/promql';
import type { QueryLimits, QueryRange } from '../../query/promql-query.ts';
import { findResolution, type ReadResolution } from '../../query/resolution.ts';

/** What Prometheus' own limit is: more points than a screen has pixels, few enough to send. */
const MAX_POINTS = 11_000;

/** Prometheus' default of `query.timeout`; a request may ask for less. */
const MAX_TIMEOUT_MS = 120_000;

const MS_PER_SECOND = 1000;

/** A got value in a message is cut here: it is the sender's text. */
const SHOWN_CHARACTERS = 80;

/** The query; an empty one is refused by the parser. */
export function queryOf(parameters: URLSearchParams): string {
  return parameters.get('query') ?? '';
}

/** Reads a parameter's text; what is wrong with it is said with the parameter's name before it. */
export function ofParameter<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw parameterError(name, error);
  }
}

/** An error with the name of the parameter before it, where it is about the parameter's text. */
export function parameterError(name: string, error: unknown): unknown {
  if (!(error instanceof PromqlError) || error.code !== 'bad_data') return error;
  const { position, unsupported } = error;
  return new PromqlError('bad_data', `invalid parameter "${name}": ${error.message}`, {
    cause: error,
    position,
    unsupported,
  });
}

/** Checks the times of a listing. */
export function checkTimes(parameters: URLSearchParams): void {
  const startMs = instantOf(parameters, 'start', Number.NEGATIVE_INFINITY);
  const endMs = instantOf(parameters, 'end', Number.POSITIVE_INFINITY);
  if (endMs < startMs) throw endBeforeStart();
}

/** The instant of an instant query; now when it is left out. */
export function instantOf(parameters: URLSearchParams, name: string, nowMs: number): number {
  const text = parameters.get(name);
  return text === null || text === '' ? nowMs : parseInstant(name, text);
}

/** Start, end and step of a range query: all three are needed, as in Prometheus. */
export function rangeOf(parameters: URLSearchParams): QueryRange {
  const startMs = parseInstant('start', parameters.get('start') ?? '');
  const endMs = parseInstant('end', parameters.get('end') ?? '');
  const stepMs = parseDuration('step', parameters.get('step') ?? '');
  if (endMs < startMs) throw endBeforeStart();
  if (stepMs < 1) {
    throw new PromqlError(
      'bad_data',
      'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer',
    );
  }
  if ((endMs - startMs) / stepMs > MAX_POINTS) {
    throw new PromqlError(
      'bad_data',
      `exceeded maximum resolution of ${MAX_POINTS.toLocaleString('en')} points per timeseries. Try decreasing the query resolution (?step=XX)`,
    );
  }
  return { startMs, endMs, stepMs };
}

function endBeforeStart(): PromqlError {
  return new PromqlError(
    'bad_data',
    'invalid parameter "end": end timestamp must not be before start time',
  );
}

/** Gives a signal that ends a query after some milliseconds, or when nobody waits for it any more. */
export type EndAfter = (timeoutMs: number) => AbortSignal;

/** The time that a query may take and how far it looks back. It ends as well when nobody waits for it any more. */
export function limitsOf(parameters: URLSearchParams, endAfter: EndAfter): QueryLimits {
  const timeoutMs = durationOf(parameters, 'timeout') ?? MAX_TIMEOUT_MS;
  return {
    signal: endAfter(Math.max(1, Math.min(timeoutMs, MAX_TIMEOUT_MS))),
    resolution: resolutionOf(parameters),
    // As in Prometheus 0 means the default.
    lookbackMs: durationOf(parameters, 'lookback_delta') || undefined,
  };
}

/** What a query reads; `undefined` leaves the choice to us. */
function resolutionOf(parameters: URLSearchParams): ReadResolution | undefined {
  const name = parameters.get('resolution') || 'auto';
  const resolution = findResolution(name);
  if (resolution === undefined && name !== 'auto')
    throw invalid('resolution', name, '"auto", "raw", "1m" or "1h"');
  return resolution;
}

/** A duration of 0 or more; `undefined` when it is left out. */
function durationOf(parameters: URLSearchParams, name: string): number | undefined {
  const text = parameters.get(name) ?? '';
  if (text === '') return undefined;
  const durationMs = parseDuration(name, text);
  if (durationMs < 0) throw invalid(name, text, '0 or more');
  return durationMs;
}

/** How many entries an answer may have; 0 or nothing means all. */
export function limitOf(parameters: URLSearchParams, name: string): number {
  const text = parameters.get(name) || '0';
  if (!/^\d{1,9}$/.test(text)) throw invalid(name, text, 'a whole number of 0 or more');
  return Number(text) === 0 ? Number.POSITIVE_INFINITY : Number(text);
}

/** A number as Prometheus reads times and durations. */
const NUMBER = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$/i;

/** An instant: Unix seconds, with parts of a second after a point, or RFC 3339. */
function parseInstant(name: string, text: string): number {
  const isNumber = NUMBER.test(text);
  const isDate = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i.test(text);
  const tMs = isNumber
    ? Math.round(Number(text) * MS_PER_SECOND)
    : isDate
      ? Date.parse(text)
      : Number.NaN;
  if (!(Math.abs(tMs) <= MAX_TIME_MS)) throw invalid(name, text, 'Unix seconds or RFC 3339');
  return tMs;
}

/** A duration: seconds as a number, or parts such as `1h30m`. Milliseconds. */
function parseDuration(name: string, text: string): number {
  const isSeconds = NUMBER.test(text);
  const durationMs = isSeconds ? Math.round(Number(text) * MS_PER_SECOND) : parseUnits(text);
  if (durationMs === undefined || !Number.isSafeInteger(durationMs))
    throw invalid(name, text, 'seconds or a duration such as 1h30m');
  return durationMs;
}

function invalid(name: string, got: string, want: string): PromqlError {
  const shown = got.length > SHOWN_CHARACTERS ? `${got.slice(0, SHOWN_CHARACTERS)}…` : got;
  return new PromqlError(
    'bad_data',
    `invalid parameter "${name}": got ${JSON.stringify(shown)}; want ${want}`,
  );
}
