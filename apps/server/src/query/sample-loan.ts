import type { SeriesColumns } from '@hubpulse/model';
import type { SeriesSource } from '@hubpulse/promql';
import type { MetricStore } from '../store/port.ts';

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
export function lendSamples(store: Pick<MetricStore, 'select'>): SampleLoan {
  const buffers = new Set<ArrayBufferLike>();
  let isOver = false;
  const free = (): void => {
    for (const buffer of buffers) if (buffer instanceof ArrayBuffer) buffer.transfer(0);
    buffers.clear();
  };
  const note = (columns: readonly SeriesColumns[]): void => {
    for (const { tMs, values } of columns) buffers.add(tMs.buffer).add(values.buffer);
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
