import type { Attributes } from '../otlp/attribute.ts';
import { FAMILIES, type Measurement, OTHER, type SpanFamily } from './family.ts';
import { type ModelCall, modelCallOf } from './gen-ai-names.ts';
import { numberOf, textOf } from './label-value.ts';
import { type Span, SpanKind } from './span.ts';
import { modalitiesOf, tokenUsageOf } from './token-usage.ts';

const MS_PER_SECOND = 1000;

/** The longest wait for a first chunk that is believed, in seconds: a day. */
const MAX_FIRST_CHUNK_SECONDS = 86_400;

/** Durations and tokens of a model call: as its client saw it, or, for a span of the kind SERVER, as the model's server did. */
export function genAiMeasurements(span: Span): Measurement[] {
  const { kind } = span;
  if (kind === SpanKind.PRODUCER || kind === SpanKind.CONSUMER) return [];
  const call = modelCallOf(span.attributes);
  if (call === undefined) return [];
  return kind === SpanKind.SERVER ? serverMeasurements(span, call) : clientMeasurements(span, call);
}

/** Tokens are left to the client's span: counting both would count them twice. */
function serverMeasurements(span: Span, call: ModelCall): Measurement[] {
  return [
    durationOf(span, call, FAMILIES.genAiServerDuration),
    ...firstChunkOf(span, call, FAMILIES.genAiServerFirstToken),
  ];
}

function clientMeasurements(span: Span, call: ModelCall): Measurement[] {
  return [
    durationOf(span, call, FAMILIES.genAiDuration),
    ...firstChunkOf(span, call, FAMILIES.genAiFirstChunk),
    ...perChunkOf(span, call),
    // Fetching a response that was made before reports its tokens again.
    ...(call.operation === 'fetch_response' ? [] : tokensOf(span.attributes, call)),
  ];
}

const modelLabels = (call: ModelCall): string[] => [
  call.operation,
  call.provider,
  call.requestModel,
  call.responseModel,
];

function durationOf(
  { attributes, durationSeconds, isError }: Span,
  call: ModelCall,
  family: SpanFamily,
): Measurement {
  const errorType = textOf(attributes, 'error.type') || (isError ? OTHER : '');
  return { family, labels: [...modelLabels(call), errorType], values: [durationSeconds] };
}

function firstChunkOf(span: Span, call: ModelCall, family: SpanFamily): Measurement[] {
  const value = firstChunkSeconds(span);
  if (value === undefined || value > MAX_FIRST_CHUNK_SECONDS) return [];
  return [{ family, labels: modelLabels(call), values: [value] }];
}

/** What the sender measured, in seconds or (the AI SDK) in milliseconds; else the time of its first event about a chunk. */
function firstChunkSeconds({ attributes, chunkSeconds, lacksEvents }: Span): number | undefined {
  const seconds = numberOf(
    attributes,
    'gen_ai.response.time_to_first_chunk',
    'gen_ai.server.time_to_first_token',
  );
  if (seconds !== undefined) return seconds;
  const ms = numberOf(attributes, 'ai.response.msToFirstChunk', 'ai.stream.msToFirstChunk');
  if (ms !== undefined) return ms / MS_PER_SECOND;
  // Some SDKs leave out the oldest events.
  return lacksEvents ? undefined : chunkSeconds[0];
}

/** The time from each chunk to the next, where the sender reports every chunk as an event. */
function perChunkOf({ chunkSeconds, lacksEvents }: Span, call: ModelCall): Measurement[] {
  const gaps = chunkSeconds
    .slice(1)
    .map((seconds, i) => Math.max(0, seconds - (chunkSeconds[i] as number)));
  if (lacksEvents || gaps.length === 0) return [];
  return [{ family: FAMILIES.genAiPerChunk, labels: modelLabels(call), values: gaps }];
}

function tokensOf(attributes: Attributes, call: ModelCall): Measurement[] {
  const { input, output, ...parts } = tokenUsageOf(attributes, call.provider);
  const labels = modelLabels(call);
  const part = (family: SpanFamily, count: number | undefined): Measurement[] =>
    count === undefined ? [] : [{ family, labels, values: [count] }];
  const total = (direction: 'input' | 'output', count: number | undefined): Measurement[] => {
    if (count === undefined) return [];
    const family = direction === 'input' ? FAMILIES.genAiInput : FAMILIES.genAiOutput;
    return [
      { family: FAMILIES.genAiTokens, labels: [...labels, direction], values: [count] },
      ...[...modalitiesOf(attributes, direction, count)].map(([modality, value]) => ({
        family,
        labels: [...labels, modality],
        values: [value],
      })),
    ];
  };
  return [
    ...total('input', input),
    ...total('output', output),
    ...part(FAMILIES.genAiCacheRead, parts.cacheRead),
    ...part(FAMILIES.genAiCacheWrite, parts.cacheWrite),
    ...part(FAMILIES.genAiReasoning, parts.reasoning),
  ];
}
