import { setImmediate } from 'node:timers/promises';
import type { Labels, SeriesRef } from '@hubpulse/model';
import { ExpositionError } from '../exposition/exposition-error.ts';
import type { ExpositionFormat } from '../exposition/exposition-format.ts';
import { ExpositionReader } from '../exposition/exposition-reader.ts';
import { decodeSeries } from '../exposition/series-text.ts';
import { MAX_REQUEST_SAMPLES } from '../limits.ts';
import { Refusal, type RefusalReason } from '../refusal.ts';
import type { ExposedMetadataLines } from './exposed-metadata.ts';
import type { SampleLabels } from './sample-labels.ts';
import { ScrapeRows } from './scrape-rows.ts';
import type { ScrapeSink } from '../scrape-sink.ts';
import { DROPPED, type SeriesTable } from './series-table.ts';

/** What is the same for every scrape of a target. */
export interface DecodingTarget {
  readonly instance: string;
  readonly table: SeriesTable;
  readonly metadata: ExposedMetadataLines;
  readonly labelsOf: SampleLabels;
  readonly honorTimestamps: boolean;
  /** 0 for none. */
  readonly sampleLimit: number;
  readonly sink: ScrapeSink;
}

/** What one scrape brought. */
export interface DecodedScrape {
  readonly rows: ScrapeRows;
  /** Samples that the target exposed. */
  readonly scraped: number;
  /** Those that the rules for metrics left. */
  readonly kept: number;
  /** Series that the scrape before had not. */
  readonly added: number;
  readonly exemplars: number;
}

/** One body of a target and the scrape that it came from. */
export interface ScrapedBody {
  readonly bytes: Uint8Array;
  readonly format: ExpositionFormat;
  /** Number of the scrape, from 1. */
  readonly scrape: number;
  /** When it began; the time of samples without one of their own. */
  readonly tMs: number;
}

/**
 * Samples that are decoded in one go before others have a turn: under a millisecond where the series are known, about 20
 * where all are new.
 */
const SLICE_SAMPLES = 1000;

/** A series that the table does not know. */
interface NewSeries {
  /** Its bytes in the body. */
  readonly key: Uint8Array;
  /** `undefined` when the rules drop it. */
  readonly labels: Labels | undefined;
  /** The row that waits for its ref. */
  readonly row: number;
  readonly hasOwnTime: boolean;
}

/**
 * Decodes what a target exposed. Until the whole body is read nothing is interned or marked, so that a body that turns out
 * malformed leaves no trace. A series or a sample over a limit of ingest is left out and counted.
 *
 * @throws ExpositionError for a body that is malformed, or has more samples than the job allows.
 */
export async function decodeScrape(
  target: DecodingTarget,
  body: ScrapedBody,
): Promise<DecodedScrape> {
  const decoding = new ScrapeDecoding(target, body);
  while (!decoding.readSlice()) {
    // oxlint-disable-next-line no-await-in-loop -- Others have a turn in between.
    await setImmediate();
  }
  return decoding.finish();
}

class ScrapeDecoding {
  readonly #target: DecodingTarget;
  readonly #body: ScrapedBody;
  readonly #reader: ExpositionReader;
  readonly #rows: ScrapeRows;
  /** Entries of the table that the body names, and those of them whose samples have times of their own. */
  readonly #entries: number[] = [];
  readonly #timedEntries: number[] = [];
  readonly #newSeries: NewSeries[] = [];
  readonly #refused = new Map<RefusalReason, number>();
  readonly #fromMs: number;
  readonly #toMs: number;
  #scraped = 0;
  #kept = 0;

  constructor(target: DecodingTarget, body: ScrapedBody) {
    this.#target = target;
    this.#body = body;
    this.#reader = new ExpositionReader(body.bytes, body.format);
    this.#rows = new ScrapeRows(target.table.size);
    const { fromMs, toMs } = target.sink.timeBounds();
    target.metadata.begin();
    this.#fromMs = fromMs;
    this.#toMs = toMs;
  }

  /** Reads some samples; `true` when all are read. */
  readSlice(): boolean {
    const end = this.#scraped + SLICE_SAMPLES;
    while (this.#scraped < end) {
      const entry = this.#reader.next();
      if (entry === 'end') return true;
      if (entry === 'sample') this.#readSample();
      else this.#target.metadata.take(this.#reader);
    }
    return false;
  }

  finish(): DecodedScrape {
    const { table, metadata } = this.#target;
    const { scrape } = this.#body;
    metadata.settle();
    let added = this.#internNew();
    for (const entry of this.#entries) {
      if (table.mark(entry, scrape, false) && table.refOf(entry) !== DROPPED) added++;
    }
    for (const entry of this.#timedEntries) table.mark(entry, scrape, true);
    for (const [reason, samples] of this.#refused) this.#target.sink.refuse({ reason }, samples);
    return {
      rows: this.#rows,
      scraped: this.#scraped,
      kept: this.#kept,
      added,
      exemplars: this.#reader.exemplars,
    };
  }

  #readSample(): void {
    const { seriesStart, seriesEnd, bytes } = this.#reader;
    const { table, honorTimestamps } = this.#target;
    if (++this.#scraped > MAX_REQUEST_SAMPLES) throw tooMany(MAX_REQUEST_SAMPLES, 'one scrape');
    const hasOwnTime = honorTimestamps && !Number.isNaN(this.#reader.tMs);
    const entry = table.find(bytes, seriesStart, seriesEnd);
    if (entry < 0) return this.#readNew(hasOwnTime);
    (hasOwnTime ? this.#timedEntries : this.#entries).push(entry);
    const ref = table.refOf(entry);
    if (ref !== DROPPED) this.#push(ref, hasOwnTime);
  }

  #readNew(hasOwnTime: boolean): void {
    const { seriesStart, seriesEnd, bytes } = this.#reader;
    const labels = this.#labelsAtHand();
    if (labels === 'refused') return;
    const row = labels === undefined ? undefined : this.#push(DROPPED, hasOwnTime);
    if (labels !== undefined && row === undefined) return;
    const key = bytes.slice(seriesStart, seriesEnd);
    this.#newSeries.push({ key, labels, row: row ?? 0, hasOwnTime });
  }

  /** Adds the sample at hand, if its time is within the bounds; its row. */
  #push(ref: SeriesRef, hasOwnTime: boolean): number | undefined {
    const { sampleLimit } = this.#target;
    if (++this.#kept > sampleLimit && sampleLimit > 0) throw tooMany(sampleLimit, 'sample_limit');
    const tMs = hasOwnTime ? this.#reader.tMs : this.#body.tMs;
    if (tMs >= this.#fromMs && tMs <= this.#toMs) {
      return this.#rows.push(ref, tMs, this.#reader.value);
    }
    this.#refuse(tMs < this.#fromMs ? 'too_old' : 'too_new');
    return undefined;
  }

  #labelsAtHand(): Labels | 'refused' | undefined {
    const { seriesStart, seriesEnd, bytes } = this.#reader;
    const exposed = decodeSeries(bytes, seriesStart, seriesEnd);
    try {
      return this.#target.labelsOf(exposed);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#kept++;
      this.#refuse(error.reason);
      return 'refused';
    }
  }

  #refuse(reason: RefusalReason): void {
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
  }

  /** Interns and remembers what is new; how many series that are. */
  #internNew(): number {
    const { sink, instance } = this.#target;
    const kept = this.#newSeries.filter(({ labels }) => labels !== undefined);
    const { refs, refusals } = sink.internEach(
      kept.map(({ labels }) => labels ?? []),
      instance,
    );
    for (const { reason } of refusals.values()) this.#refuse(reason);
    for (const [i, series] of kept.entries()) {
      const ref = refs[i] as SeriesRef;
      this.#rows.setRef(series.row, ref);
      if (ref !== DROPPED) this.#remember(series, ref);
    }
    for (const series of this.#newSeries) {
      if (series.labels === undefined) this.#remember(series, DROPPED);
    }
    return kept.length - refusals.size;
  }

  /** A program may write a series twice, so the table may know it by now. */
  #remember({ key, hasOwnTime }: NewSeries, ref: SeriesRef): void {
    const { table } = this.#target;
    const known = table.find(key, 0, key.length);
    const entry = known < 0 ? table.add(key, ref) : known;
    if (entry >= 0) table.mark(entry, this.#body.scrape, hasOwnTime);
  }
}

function tooMany(limit: number, what: string): ExpositionError {
  return new ExpositionError(
    `got more than ${limit} samples; want at most as many in ${what}; ` +
      'drop some with metric_relabel_configs, or split the target',
  );
}
