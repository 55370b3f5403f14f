/** What to fetch. */
export interface ScrapeRequest {
  readonly url: string;
  readonly timeoutMs: number;
  /** Bytes of the largest body, decompressed. */
  readonly maxBytes: number;
  /** Ends the request early: after the timeout, or because nobody waits for it any more. */
  readonly signal: AbortSignal;
}

/** What a target answered with the status 200, decompressed. */
export interface ScrapeAnswer {
  readonly bytes: Uint8Array;
  readonly contentType: string | undefined;
}

/** Fetches what targets expose. */
export interface ScrapeClient {
  /** @throws ScrapeFailure for whatever keeps the answer from us */
  fetch(request: ScrapeRequest): Promise<ScrapeAnswer>;
  /** Closes idle connections. */
  close(): void;
}
