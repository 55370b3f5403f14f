import type { Resolution, StoreErrorCode, StoreStats, Tier } from '../port.ts';

/**
 * What the main thread and the worker say to each other. Columns travel by transfer, never sample by sample. A request
 * with an `id` gets exactly one `done` or `failed` with that `id`.
 */

/** A series as it is stored. `key` is `seriesKey(ref, metric name)`, `labels` is `labelsKey(labels)`. */
export interface StoredSeries {
  readonly key: number;
  readonly labels: string;
}

export interface AppendRequest {
  readonly type: 'append';
  readonly id: number;
  readonly refs: Uint32Array<ArrayBuffer>;
  readonly tMs: Float64Array<ArrayBuffer>;
  readonly values: Float64Array<ArrayBuffer>;
  /** Series of the batch that no acknowledged batch has named yet. */
  readonly newSeries: readonly StoredSeries[];
}

export interface SelectRequest {
  readonly type: 'select';
  readonly id: number;
  /** Keys of the series, in the order of the result. */
  readonly keys: Float64Array<ArrayBuffer>;
  readonly fromMs: number;
  readonly toMs: number;
  readonly maxSamples: number;
}

export interface SelectRollupsRequest extends Omit<SelectRequest, 'type'> {
  readonly type: 'selectRollups';
  readonly resolutionMs: Resolution;
}

export interface DeleteRequest {
  readonly type: 'delete';
  readonly id: number;
  /** Keys of the series. */
  readonly keys: Float64Array<ArrayBuffer>;
  readonly fromMs: number;
  readonly toMs: number;
}

export type Request =
  | AppendRequest
  | SelectRequest
  | SelectRollupsRequest
  /** Answered with `deleted` before `done`. */
  | DeleteRequest
  /** Seals the whole head; done when its marker is durable and its batches are trimmed. */
  | { readonly type: 'seal'; readonly id: number }
  /** Seals, then does one round of upkeep; done when both are. */
  | { readonly type: 'upkeep'; readonly id: number }
  /** The time, about once a minute: for sealing, retention and the size on disk. */
  | { readonly type: 'tick'; readonly nowMs: number; readonly monotonicMs: number }
  /** The answer to `vanished`: no later append names these series without their labels. Answered with `kept`. */
  | { readonly type: 'forget'; readonly keys: Float64Array<ArrayBuffer> }
  | { readonly type: 'close'; readonly id: number };

/**
 * A part of a selection: series `indexes[i]` of the request has the next `counts[i]` rows of both columns. All four arrays
 * are views of one buffer. The last part stands for `done`.
 */
export interface SelectedPart {
  readonly type: 'part';
  readonly id: number;
  readonly isLast: boolean;
  readonly indexes: Uint32Array<ArrayBuffer>;
  readonly counts: Uint32Array<ArrayBuffer>;
  readonly tMs: Float64Array<ArrayBuffer>;
  readonly values: Float64Array<ArrayBuffer>;
}

/** As `SelectedPart`, in buckets: `columns` in the order of `BUCKET_COLUMNS`. */
export interface SelectedRollups {
  readonly type: 'rollups';
  readonly id: number;
  readonly indexes: Uint32Array<ArrayBuffer>;
  readonly counts: Uint32Array<ArrayBuffer>;
  readonly columns: readonly Float64Array<ArrayBuffer>[];
}

/** What a deletion came to. */
export interface DeletedCount {
  readonly type: 'deleted';
  readonly id: number;
  readonly series: number;
  readonly samples: number;
}

/** What `StoreStats` says of the worker's side. */
export type EngineFigures = Pick<
  StoreStats,
  'headSamples' | 'diskBytes' | 'tierBytes' | 'rolledDays' | 'unrolledDays' | 'deletedSamples'
>;

/** An error of the store on its way between threads, where classes do not survive. */
export interface Failure {
  readonly code: StoreErrorCode;
  readonly message: string;
}

export type LogLevel = 'info' | 'warn' | 'error';

/** A full sentence without variables, which stand in the fields. */
export interface LogLine {
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export type Reply =
  /** Series found on disk, in parts, before `opened`. */
  | { readonly type: 'series'; readonly series: readonly StoredSeries[] }
  /** The first ref that no series on disk has ever had. */
  | { readonly type: 'opened'; readonly nextRef: number }
  | { readonly type: 'open_failed'; readonly failure: Failure }
  | SelectedPart
  | SelectedRollups
  | DeletedCount
  /** Nothing remains of these series, as far as the worker knows. Answered with `forget`. */
  | { readonly type: 'vanished'; readonly keys: Float64Array<ArrayBuffer> }
  /** Series that were to be forgotten and have samples after all. */
  | { readonly type: 'kept'; readonly keys: Float64Array<ArrayBuffer> }
  | { readonly type: 'done'; readonly id: number }
  | { readonly type: 'failed'; readonly id: number; readonly failure: Failure }
  | { readonly type: 'figures'; readonly figures: EngineFigures }
  | ({ readonly type: 'log'; readonly level: LogLevel } & LogLine);

/** Ages in milliseconds past which whole files of a tier are deleted; Infinity keeps everything. */
export type Retention = Readonly<Record<Exclude<Tier, 'head'>, number>>;

/** What the worker is started with. */
export interface EngineOptions {
  readonly directory: string;
  /** The time at the start, Unix milliseconds. */
  readonly nowMs: number;
  /** The same moment on a clock that never goes back. */
  readonly monotonicMs: number;
  readonly retention: Retention;
  /** How often the head is sealed, in milliseconds of the clock. */
  readonly sealIntervalMs: number;
  /** Samples in the head that make it seal before its time. */
  readonly maxHeadSamples: number;
}
