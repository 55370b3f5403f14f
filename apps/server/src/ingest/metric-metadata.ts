/** Metrics whose metadata is kept. A server with more than these has bigger worries than their help texts. */
const MAX_METRICS = 20_000;

/** Longer help texts are cut here, in characters. */
const MAX_HELP_CHARACTERS = 1000;

/** What is known of a metric beside its samples. */
export interface MetadataEntry {
  /** A type of Prometheus: `counter`, `gauge`, `histogram`, `summary`, `unknown` and so on. */
  readonly type: string;
  /** What it measures, for people. */
  readonly help: string;
  /** Its unit in Prometheus' words: `seconds`; empty for none. */
  readonly unit: string;
}

/**
 * Remembers type, help and unit of metrics as senders told them last. It lives as long as the process; senders tell it again
 * and again.
 */
export class MetricMetadata {
  readonly #entries = new Map<string, MetadataEntry>();

  /** Takes what a sender says of a metric. When there are too many, those that were told longest ago are forgotten. */
  record(name: string, { type, help, unit }: MetadataEntry): void {
    this.#entries.delete(name);
    this.#entries.set(name, { type, help: help.slice(0, MAX_HELP_CHARACTERS), unit });
    if (this.#entries.size <= MAX_METRICS) return;
    const oldest = this.#entries.keys().next();
    if (oldest.done !== true) this.#entries.delete(oldest.value);
  }

  /** Of every metric, or of one. */
  entries(name?: string): ReadonlyMap<string, MetadataEntry> {
    if (name === undefined) return this.#entries;
    const entry = this.#entries.get(name);
    return new Map(entry === undefined ? [] : [[name, entry]]);
  }
}
