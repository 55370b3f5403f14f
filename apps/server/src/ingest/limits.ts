/** What ingest takes at most. Those that a user may need to raise are settings; the gate says which. */
export interface IngestLimits {
  /** Largest body as it arrives, bytes. */
  readonly maxBodyBytes: number;
  /** Largest body after decompression, bytes. */
  readonly maxDecompressedBytes: number;
  /** Series in the store, of all senders together. */
  readonly maxSeries: number;
  /** New series that one sender may make within 24 hours. */
  readonly maxSeriesPerSender: number;
  /** Labels of one series, its name included. */
  readonly maxLabels: number;
  /** Longest name or value of a label, bytes in UTF-8. */
  readonly maxLabelBytes: number;
  /** Oldest sample that is taken, milliseconds before now. */
  readonly maxAgeMs: number;
  /** Newest sample that is taken, milliseconds after now. */
  readonly maxFutureMs: number;
}

/**
 * Samples of one request. A hundred times what Prometheus sends; decoding that many known series takes about a tenth of a
 * second, during which nothing else is answered.
 */
export const MAX_REQUEST_SAMPLES = 200_000;
