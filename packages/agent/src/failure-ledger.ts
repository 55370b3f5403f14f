/** Counts failures by source, and says each source's failure once until the source recovers. */
export interface FailureLedger {
  /** Failures by source since the start; a source that never failed is absent. */
  readonly counts: ReadonlyMap<string, number>;
  failed(source: string, error: Error): void;
  recovered(source: string): void;
}

/** Makes a ledger. `say` hears of a failure that follows a success, or is a source's first. */
export function createFailureLedger(say: (source: string, error: Error) => void): FailureLedger {
  const counts = new Map<string, number>();
  const failing = new Set<string>();
  return {
    counts,
    failed(source, error) {
      counts.set(source, (counts.get(source) ?? 0) + 1);
      if (failing.has(source)) return;
      failing.add(source);
      say(source, error);
    },
    recovered: (source) => void failing.delete(source),
  };
}
