import { Readable } from 'node:stream';
import type { InstantResult, RangeResult } from '@hubpulse/promql';
import { JsonBytes } from './json-bytes.ts';
import { resultMembers } from './result-json.ts';

/** Prometheus gives so many warnings and so many infos, and says how many it left out. */
const MAX_NOTES = 10;

/** Bytes that wait for a slow reader: a large answer is made while it is sent. */
const WAITING_BYTES = 64 * 1024;

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

/** The body of an answer. */
export type Body = string | Buffer | Readable;

/** The envelope around the result of a query: a small one as it is, a large one as a stream, so that it is never whole in memory. */
export function resultAnswer(
  result: InstantResult | RangeResult,
  options: ResultOptions,
): Buffer | Readable {
  const pieces = answerPieces(result, options);
  const first = pieces.next();
  const second = pieces.next();
  if (first.done === true) throw new Error('BUG: got an answer without a piece; want one');
  if (second.done === true) return first.value;
  return Readable.from(joined([first.value, second.value], pieces), {
    objectMode: false,
    highWaterMark: WAITING_BYTES,
  });
}

function* joined(first: readonly Buffer[], rest: Iterable<Buffer>): Generator<Buffer> {
  yield* first;
  yield* rest;
}

function* answerPieces(
  result: InstantResult | RangeResult,
  { limit, statsSeconds }: ResultOptions,
): Generator<Buffer> {
  const { shown, isCut } = cut(result, limit);
  const json = new JsonBytes();
  json.raw('{"status":"success","data":{');
  yield* resultMembers(json, shown);
  if (statsSeconds !== undefined) json.raw(`,"stats":${statsJson(result, statsSeconds)}`);
  json.raw('}');
  const warnings = notes(isCut ? [...result.warnings, TRUNCATED] : result.warnings, 'warning');
  const infos = notes(result.infos, 'info');
  if (warnings.length > 0) json.text(`,"warnings":${JSON.stringify(warnings)}`);
  if (infos.length > 0) json.text(`,"infos":${JSON.stringify(infos)}`);
  json.raw('}');
  yield json.take();
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
