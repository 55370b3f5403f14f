import { Readable } from 'node:stream';
import type { InstantResult, RangeResult } from '@hubpulse/promql';
import { resultJson } from './result-json.ts';

/** Prometheus gives so many warnings and so many infos, and says how many it left out. */
const MAX_NOTES = 10;

/** Characters that wait for a slow reader: an answer is made while it is sent. */
const WAITING_CHARACTERS = 64 * 1024;

const TRUNCATED = 'results truncated due to limit';

/** The envelope around data that is JSON already. */
export function success(data: string): string {
  return `{"status":"success","data":${data}}`;
}

/** A listing of entries that are JSON already, with Prometheus' warning when the limit cut it. */
export function listing(entries: readonly string[], limit: number): string {
  const data = `[${entries.slice(0, limit).join(',')}]`;
  if (entries.length <= limit) return success(data);
  return `{"status":"success","data":${data},"warnings":["${TRUNCATED}"]}`;
}

/** How the result of a query is answered. */
export interface ResultOptions {
  /** The most series, `Infinity` for all. */
  readonly limit: number;
  /** How long the query took, in seconds, for those who ask for figures of it. */
  readonly statsSeconds: number | undefined;
}

/** The envelope around the result of a query, as a stream: the whole is never one string. */
export function resultAnswer(
  result: InstantResult | RangeResult,
  options: ResultOptions,
): Readable {
  return Readable.from(envelopeJson(result, options), {
    objectMode: false,
    highWaterMark: WAITING_CHARACTERS,
  });
}

function* envelopeJson(
  result: InstantResult | RangeResult,
  { limit, statsSeconds }: ResultOptions,
): Generator<string> {
  const { shown, isCut } = cut(result, limit);
  yield '{"status":"success","data":';
  if (statsSeconds === undefined) yield* resultJson(shown);
  else yield* withStats(resultJson(shown), statsJson(result, statsSeconds));
  const warnings = notes(isCut ? [...result.warnings, TRUNCATED] : result.warnings, 'warning');
  const infos = notes(result.infos, 'info');
  if (warnings.length > 0) yield `,"warnings":${JSON.stringify(warnings)}`;
  if (infos.length > 0) yield `,"infos":${JSON.stringify(infos)}`;
  yield '}';
}

/** The first series of a result; scalars and strings have none. */
function cut(
  result: InstantResult | RangeResult,
  limit: number,
): { readonly shown: InstantResult | RangeResult; readonly isCut: boolean } {
  if (result.type === 'vector' && result.samples.length > limit)
    return { shown: { ...result, samples: result.samples.slice(0, limit) }, isCut: true };
  if (result.type === 'matrix' && result.series.length > limit)
    return {
      shown: { ...result, series: result.series.slice(0, limit) } as typeof result,
      isCut: true,
    };
  return { shown: result, isCut: false };
}

/** An object's JSON with one more member; its last piece is the closing brace. */
function* withStats(pieces: Iterable<string>, stats: string): Generator<string> {
  let before = '';
  for (const piece of pieces) {
    yield before;
    before = piece;
  }
  yield `${before.slice(0, -1)},"stats":${stats}}`;
}

/** What a query cost, under Prometheus' names: those of its figures that we have. */
function statsJson({ stats }: InstantResult | RangeResult, seconds: number): string {
  return JSON.stringify({
    timings: { evalTotalTime: seconds, execTotalTime: seconds },
    samples: { totalQueryableSamples: stats.samplesRead, peakSamples: stats.samplesPeak },
  });
}

function notes(texts: readonly string[], kind: string): readonly string[] {
  if (texts.length <= MAX_NOTES) return texts;
  const left = texts.length - MAX_NOTES;
  return [...texts.slice(0, MAX_NOTES), `${left} more ${kind} annotations omitted`];
}
