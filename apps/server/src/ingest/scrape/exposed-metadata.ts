import type { ExpositionReader } from '../exposition/exposition-reader.ts';
import type { MetricMetadata } from '../metric-metadata.ts';
import { SeriesTable } from './series-table.ts';

const NOTHING = { type: 'unknown', help: '', unit: '' };

/** Any ref but that of what is dropped; the table is asked for bytes alone. */
const SEEN = 1;

/**
 * Takes what a target says of its metrics. Lines that it said in the scrape before are known by their bytes and cost no string.
 */
export class ExposedMetadataLines {
  readonly #metadata: MetricMetadata;
  readonly #lines: SeriesTable;
  #scrape = 0;

  constructor(metadata: MetricMetadata, seed: number) {
    this.#metadata = metadata;
    this.#lines = new SeriesTable(seed);
  }

  begin(): void {
    this.#scrape = this.#lines.begin();
  }

  /** Takes the line that the reader is at. @throws ExpositionError when it is no UTF-8 */
  take(reader: ExpositionReader): void {
    const { bytes, lineStart, lineEnd } = reader;
    const known = this.#lines.find(bytes, lineStart, lineEnd);
    const entry = known < 0 ? this.#lines.add(bytes.subarray(lineStart, lineEnd), SEEN) : known;
    if (entry >= 0) this.#lines.mark(entry, this.#scrape, false);
    if (known >= 0) return;
    const { kind, name, text } = reader.metadata();
    const before = this.#metadata.entries(name).get(name) ?? NOTHING;
    this.#metadata.record(name, { ...before, [kind]: text });
  }

  /** Forgets lines that are long gone. */
  settle(): void {
    this.#lines.settle(this.#scrape);
  }
}
