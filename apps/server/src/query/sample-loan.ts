import type { SeriesSource, SourceSeries } from '@hubpulse/promql';

/** Samples that one query reads. */
export interface SampleLoan {
  readonly source: SeriesSource;
  /** Frees what the query has read; nothing of it may be used any more. */
  end(): void;
}

/**
 * Lends the store's samples to one query and frees them at its end. Columns lie outside of the heap: left to the collector,
 * every other large query makes it walk through the whole heap, with all series in it (bench/query-http.ts: 15 ms at 2,000
 * series).
 */
export function lendSamples(store: SeriesSource): SampleLoan {
  const buffers = new Set<ArrayBufferLike>();
  let isOver = false;
  const free = (): void => {
    for (const buffer of buffers) if (buffer instanceof ArrayBuffer) buffer.transfer(0);
    buffers.clear();
  };
  const note = (columns: readonly SourceSeries[]): void => {
    for (const { tMs, values, buckets } of columns) {
      buffers.add(tMs.buffer).add(values.buffer);
      if (buckets === undefined) continue;
      const { min, max, sum, count } = buckets;
      for (const column of [min, max, sum, count]) buffers.add(column.buffer);
    }
    // A query that was ended early no longer waits for its samples.
    if (isOver) free();
  };
  return {
    source: {
      select: async (selection) => {
        const columns = await store.select(selection);
        note(columns);
        return columns;
      },
    },
    end: () => {
      isOver = true;
      free();
    },
  };
}
