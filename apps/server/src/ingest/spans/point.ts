import { createLabels, type Label, type Labels, METRIC_NAME } from '@hubpulse/model';
import type { Measurement, SpanFamily } from './family.ts';

/**
 * Tells the series that spans became from those that senders send: the name of the scope that made them, under the label
 * that the metrics of a sender carry for theirs.
 */
export const MARKER: Label = ['otel_scope_name', 'hubpulse/spans'];

/**
 * One label set of a family with its totals: all the series that it has in the store. What is observed is held apart from
 * the totals until it is durable, so that a write that failed can be taken back.
 */
export class Point {
  readonly family: SpanFamily;
  readonly refs: Uint32Array;
  /** By series: a counter's one, or the cumulative buckets, the sum and the count. */
  readonly #totals: Float64Array;
  readonly #growth: Float64Array;
  /** When the totals were written last, Unix milliseconds; nothing was written yet. */
  writtenMs: number | undefined;
  /** When something was observed last, Unix milliseconds. */
  usedMs = 0;

  constructor(family: SpanFamily, refs: Uint32Array) {
    this.family = family;
    this.refs = refs;
    this.#totals = new Float64Array(refs.length);
    this.#growth = new Float64Array(refs.length);
  }

  observe(value: number): void {
    const { bounds } = this.family;
    const growth = this.#growth;
    if (bounds === undefined) {
      growth[0] = (growth[0] as number) + value;
      return;
    }
    // The bucket without a bound is the last, so every value has one.
    for (let bucket = bounds.length; bucket >= 0; bucket--) {
      if (value > (bounds[bucket] ?? Number.POSITIVE_INFINITY)) break;
      growth[bucket] = (growth[bucket] as number) + 1;
    }
    growth[bounds.length + 1] = (growth[bounds.length + 1] as number) + value;
    growth[bounds.length + 2] = (growth[bounds.length + 2] as number) + 1;
  }

  /** A series' total with what was observed since it was durable last. */
  valueAt(series: number): number {
    return (this.#totals[series] as number) + (this.#growth[series] as number);
  }

  /** Says that the values are durable. */
  commit(tMs: number): void {
    for (let series = 0; series < this.refs.length; series++) {
      this.#totals[series] = this.valueAt(series);
    }
    this.#growth.fill(0);
    this.writtenMs = tMs;
  }

  /** Forgets what was observed since the values were durable last. */
  rollBack(): void {
    this.#growth.fill(0);
  }
}

/** The label sets of all series of a point, in the order in which the point keeps them. */
export function seriesOf(
  { family, labels }: Pick<Measurement, 'family' | 'labels'>,
  target: readonly Label[],
): Labels[] {
  const own = family.dimensions.map(({ label }, i): Label => [label, labels[i] ?? '']);
  const named = (name: string, ...more: readonly Label[]): Labels =>
    createLabels([[METRIC_NAME, name], ...target, ...own, ...more, MARKER]);
  const { name, bounds } = family;
  if (bounds === undefined) return [named(name)];
  const les = [...bounds.map(String), '+Inf'];
  return [
    ...les.map((le) => named(`${name}_bucket`, ['le', le])),
    named(`${name}_sum`),
    named(`${name}_count`),
  ];
}
