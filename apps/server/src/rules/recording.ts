import { createLabels, type Labels, labelsKey, METRIC_NAME } from '@hubpulse/model';
import { evaluateInstant, type Expr, type InstantResult } from '@hubpulse/promql';
import { assertFewLabels, assertShortLabel, type LabelLimits } from '../ingest/label-rules.ts';
import type { GroupSource } from './group-source.ts';
import type { Recorded } from './recorded-series.ts';
import type { PlannedRule } from './shared-parts.ts';

export interface RecordingOptions {
  readonly source: GroupSource;
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
  { rule, expr, parts }: PlannedRule,
  options: RecordingOptions,
): Promise<Map<string, Recorded>> {
  const { source, limit, limits } = options;
  for (const part of parts) {
    if (source.hasShared(part.key)) continue;
    // oxlint-disable-next-line no-await-in-loop -- A part at a time is held while it is evaluated.
    source.share(part.key, samplesOf(await evaluate(part.expr, options)));
  }
  const result = await evaluate(expr, options);
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

function evaluate(query: Expr, { source, tMs, signal }: RecordingOptions): Promise<InstantResult> {
  return evaluateInstant({ query, source, tMs, signal, maxSamples: MAX_SAMPLES });
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
