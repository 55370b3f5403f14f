import type {
  Labels,
  Matcher,
  RollupColumns,
  SampleBatch,
  SeriesColumns,
  SeriesRef,
} from '@hubpulse/model';

/**
 * What Hubpulse asks of a metrics store. Every implementation passes the suite in `contract.ts`.
 *
 * The store owns the series: it gives each label set one ref and keeps both for as long as samples remain. Samples come
 * in columns and go out in columns; nothing here builds an object for each sample.
 */
export interface MetricStore {
  /**
   * The ref of a series, known or new. Synchronous, no I/O: a new series becomes durable with the first batch that
   * names it. The same label set gives the same ref until `close`, also across failed appends.
   */
  intern(labels: Labels): SeriesRef;

  /** The ref that `intern` gave or would give without making a new series; `undefined` for one that is not known. No I/O. */
  find(labels: Labels): SeriesRef | undefined;

  /**
   * Writes a batch, all or nothing. When the promise resolves the batch survives `kill -9` and `select` sees it; when it
   * rejects nothing of it is kept and the caller may try again.
   *
   * Rows may come in any order and be of any age. A row with the ref and the time of an earlier one replaces it: the
   * last write wins, and within a batch the later row. Values are kept bit for bit: NaN payloads (stale markers),
   * infinities and negative zero included. Times are integers in Unix milliseconds, within ±8.64e15. The caller must not
   * change the arrays before the promise settles. An empty batch resolves.
   *
   * @throws StoreError `disk_full`, `io`, `closed`; `invalid` for a ref that `intern` never gave, arrays of different
   * lengths or a time out of bounds.
   */
  append(batch: SampleBatch): Promise<void>;

  /**
   * The samples of every series that matches all `matchers`, with `fromMs <= t <= toMs`: both ends inclusive. One entry
   * for each series that has at least one sample there, in order of `labelsKey`; each entry's times ascend strictly.
   * An empty result is an empty array. The caller owns the arrays.
   *
   * @throws StoreError `invalid` without matchers or for a bad pattern, `too_many_samples` when more than `maxSamples`
   * would be returned (before they are all read), `io`, `damaged`, `closed`.
   */
  select(selection: Selection): Promise<SeriesColumns[]>;

  /**
   * As `select`, in buckets of one resolution: of every series that matches, the buckets whose last sample lies in the
   * range. A bucket is whole, also where it begins before `fromMs`. `maxSamples` bounds the buckets. Answers are the same
   * whether a bucket was rolled up long ago or is made of its samples now; past the retention of raw samples buckets are all
   * that is left.
   *
   * @throws StoreError as `select`
   */
  selectRollups(selection: RollupSelection): Promise<RollupColumns[]>;

  /**
   * Deletes the samples of every series that matches all `matchers`, with `fromMs <= t <= toMs`: both ends inclusive.
   * When the promise resolves they are gone for every reader, also after `kill -9`; when it rejects none is. Samples
   * whose append had not resolved at the call may stay. Buckets are made anew of what remains; where raw samples have
   * expired, every bucket that touches the range goes. A series of which nothing remains leaves `series`. The store gives
   * the bytes back to the disk before it resolves, or as soon as there is room to.
   *
   * @throws StoreError `invalid` as `select`; `disk_full`, `io`, `closed`
   */
  delete(deletion: Deletion): Promise<Deleted>;

  /** The label sets that match all `matchers`, whatever their age, in order of `labelsKey`. No I/O. */
  series(matchers: readonly Matcher[]): Labels[];

  /** The names of all labels of all series, sorted. Costs time in proportion to the names, not to the series. No I/O. */
  labelNames(): string[];

  /** The values that a label has in any series, sorted. Costs time in proportion to the values. No I/O. */
  labelValues(name: string): string[];

  /** Figures for `/metrics`. No I/O. */
  stats(): StoreStats;

  /** Ends accepted appends, then releases the data directory. A second call does nothing. */
  close(): Promise<void>;
}

/** Which samples `select` returns. `fromMs > toMs` selects nothing. */
export interface Selection {
  readonly matchers: readonly Matcher[];
  readonly fromMs: number;
  readonly toMs: number;
  /** The most samples that the caller is ready to hold; default 50 million (800 MB in columns). */
  readonly maxSamples?: number;
}

/** Widths of the buckets that stores keep, in milliseconds, ascending: a minute and an hour. */
export const RESOLUTIONS = [60_000, 3_600_000] as const;

/** The width of a bucket in milliseconds. */
export type Resolution = (typeof RESOLUTIONS)[number];

/** Which buckets `selectRollups` returns. */
export interface RollupSelection extends Selection {
  readonly resolutionMs: Resolution;
}

/** Which samples `delete` removes. `fromMs > toMs` deletes nothing. */
export type Deletion = Omit<Selection, 'maxSamples'>;

/** What `delete` removed. */
export interface Deleted {
  /** Series that lost samples or buckets. */
  readonly series: number;
  /** Raw samples. Those that had expired, and live on in buckets only, are not counted. */
  readonly samples: number;
}

/** Where a store keeps what: samples not yet in chunks, chunks of samples, buckets of a minute, buckets of an hour. */
export const TIERS = ['head', 'raw', '1m', '1h'] as const;

export type Tier = (typeof TIERS)[number];

/** Figures of a store since it was opened, but for those that count what it holds. */
export interface StoreStats {
  /** Series that the store holds. */
  readonly series: number;
  /** Samples in memory that are not yet in compressed chunks; 0 where a store has no such thing. */
  readonly headSamples: number;
  readonly appendedSamples: number;
  readonly appendedBatches: number;
  readonly failedAppends: number;
  readonly selectedSamples: number;
  /** Raw samples that `delete` removed. */
  readonly deletedSamples: number;
  /** Bytes on disk, as of the last change of the files; at most a minute old. */
  readonly diskBytes: number;
  /** Parts of `diskBytes`; what is in none of them was set aside as damaged. */
  readonly tierBytes: Readonly<Record<Tier, number>>;
  /** Days of samples that are rolled up; 0 where a store keeps no buckets. */
  readonly rolledDays: number;
  /** Days of sealed samples that are not rolled up, or not in their newest state: today, and days with late samples. */
  readonly unrolledDays: number;
}

/** Default of `Selection.maxSamples`. */
export const MAX_SELECTED_SAMPLES = 50_000_000;

/** Why a store refused or failed. */
export type StoreErrorCode =
  /** No room on the disk; nothing of the batch was kept, a later try may succeed. */
  | 'disk_full'
  /** Another process owns the data directory. */
  | 'locked'
  /** The data directory was written by a newer version. */
  | 'newer_version'
  /** The data directory cannot be made or written. */
  | 'unwritable'
  /** A file is not what was written; the message names the file and what is lost. */
  | 'damaged'
  /** Any other failure of the disk or the engine. */
  | 'io'
  /** The store was closed. */
  | 'closed'
  /** The caller broke the contract; the message says `got …; want …`. */
  | 'invalid'
  /** A selection is larger than its `maxSamples`. */
  | 'too_many_samples';

/** The one error that a store throws or rejects with. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
