/** What became of a span: the values of the label `outcome`. */
export type SpanOutcome =
  /** Its measurements are stored. */
  | 'measured'
  /** Its sender sends the metrics itself that it would become. */
  | 'own_metrics'
  /** No metric is made of such spans. */
  | 'unused'
  /** Refused: it has no id, or its times make no sense. */
  | 'invalid'
  /** Refused: the series that it would make are over a limit. */
  | 'over_limit';

const OUTCOMES: readonly SpanOutcome[] = [
  ...(['measured', 'own_metrics', 'unused', 'invalid', 'over_limit'] as const),
];

/** Figures of spans since the start. */
export interface SpanStats {
  readonly spans: ReadonlyMap<SpanOutcome, number>;
  /** What came with spans and is not kept. */
  readonly events: number;
  readonly links: number;
  /** Label sets that are carried on at present. */
  readonly labelSets: number;
  /** Measurements whose labels became `_OTHER` because their service has too many label sets. */
  readonly folded: number;
}

/** Counts spans. */
export class SpanCounts {
  readonly #spans = new Map<SpanOutcome, number>(OUTCOMES.map((outcome) => [outcome, 0]));
  #events = 0;
  #links = 0;

  add(outcome: SpanOutcome, spans: number): void {
    this.#spans.set(outcome, (this.#spans.get(outcome) ?? 0) + spans);
  }

  addUnkept({ events, links }: Pick<SpanStats, 'events' | 'links'>): void {
    this.#events += events;
    this.#links += links;
  }

  stats(present: Pick<SpanStats, 'labelSets' | 'folded'>): SpanStats {
    return { spans: this.#spans, events: this.#events, links: this.#links, ...present };
  }
}
