import { createLabels, type Labels, labelsKey, METRIC_NAME } from '@hubpulse/model';
import { evaluateInstant, type InstantResult, type SeriesSource } from '@hubpulse/promql';
import { assertFewLabels, assertShortLabel, type LabelLimits } from '../ingest/label-rules.ts';
import type { RecordingRule } from './rule.ts';

/** A series and the value that a rule gave it. */
export interface Recorded {
  readonly labels: Labels;
  readonly value: number;
}

export interface RecordingOptions {
  readonly source: SeriesSource;
  readonly tMs: number;
  /** The most series; 0 is no limit. */
  readonly limit: number;
  readonly limits: LabelLimits;
  readonly signal: AbortSignal;
}

/** Samples that one rule may hold at once: as many as a query. */
const MAX_SAMPLES = 10_000_000;

/** A result that cannot be recorded, in Prometheus' words where it has some. */
class RuleError extends Error {
  override readonly name = 'RuleError';
}

/**
 * Evaluates a recording rule at one instant.
 *
 * @returns The results by `labelsKey`.
 * @throws PromqlError; RuleError for too many series or two of the same labels; Refusal `label_limit`; errors of the source.
 */
export async function evaluateRecording(
  rule: RecordingRule,
  { source, tMs, limit, limits, signal }: RecordingOptions,
): Promise<Map<string, Recorded>> {
  const result = await evaluateInstant({
    query: rule.expr,
    source,
    tMs,
    signal,
    maxSamples: MAX_SAMPLES,
  });
  const recorded = new Map<string, Recorded>();
  for (const { labels, value } of samplesOf(result)) {
    const named = createLabels([...labels, ...rule.labels, [METRIC_NAME, rule.name]]);
    const key = labelsKey(named);
    if (recorded.has(key)) {
      throw new RuleError(
        'vector contains metrics with the same labelset after applying rule labels',
      );
    }
    assertWithin(named, limits);
    recorded.set(key, { labels: named, value });
  }
  if (limit > 0 && recorded.size > limit) {
    throw new RuleError(`exceeded limit of ${limit} with ${recorded.size} series`);
  }
  return recorded;
}

function samplesOf(result: InstantResult): readonly Recorded[] {
  if (result.type === 'vector') return result.samples;
  if (result.type === 'scalar') return [{ labels: [], value: result.value }];
  throw new Error(
    `BUG: got a ${result.type} of a rule that was checked; want a vector or a scalar`,
  );
}

/** Functions such as `label_join` make values of any length. */
function assertWithin(labels: Labels, limits: LabelLimits): void {
  assertFewLabels(labels.length, limits);
  for (const [name, value] of labels) {
    // No character takes more than three bytes for each unit of UTF-16.
    if (value.length * 3 <= limits.maxLabelBytes) continue;
    assertShortLabel(Buffer.byteLength(value), () => name, limits);
  }
}
