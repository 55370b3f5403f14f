import type { Labels, SeriesColumns } from '@hubpulse/model';

/** What comes with every answer: texts as Prometheus words them. */
export interface Notes {
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  readonly stats: QueryStats;
}

/** What a query cost, in samples. */
export interface QueryStats {
  /** How many the source gave. */
  readonly samplesRead: number;
  /** The most that were held at once, read and computed ones together. */
  readonly samplesPeak: number;
}

/** One series of a range query: at step `i` it has the value `values[i]` where `present[i]` is 1. */
export interface MatrixSeries {
  readonly labels: Labels;
  readonly values: Float64Array;
  readonly present: Uint8Array;
}

/** The answer of a range query: series over the same steps, ordered by their labels. */
export interface RangeResult extends Notes {
  readonly type: 'matrix';
  /** The instants of the steps. */
  readonly tMs: Float64Array;
  readonly series: readonly MatrixSeries[];
}

export interface VectorSample {
  readonly labels: Labels;
  readonly value: number;
}

/** The answer of an instant query, by the type of its expression. */
export type InstantResult = Notes & { readonly tMs: number } & (
    | { readonly type: 'vector'; readonly samples: readonly VectorSample[] }
    | { readonly type: 'scalar'; readonly value: number }
    | { readonly type: 'string'; readonly value: string }
    /** The samples themselves, with their own times, ordered by labels. */
    | { readonly type: 'matrix'; readonly series: readonly SeriesColumns[] }
  );
