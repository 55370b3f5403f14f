/**
 * Every code that an answer of the HTTP API may carry, with its status and whether the same request may succeed later.
 * `docs/errors.md` explains each; a test holds the two equal.
 */
export const ERROR_CODES = {
  bad_request: { status: 400, retryable: false },
  bad_samples: { status: 400, retryable: false },
  over_limit: { status: 400, retryable: false },
  unsupported_samples: { status: 400, retryable: false },
  bad_range: { status: 400, retryable: false },
  host_not_allowed: { status: 403, retryable: false },
  origin_not_allowed: { status: 403, retryable: false },
  not_found: { status: 404, retryable: false },
  method_not_allowed: { status: 405, retryable: false },
  request_timeout: { status: 408, retryable: true },
  payload_too_large: { status: 413, retryable: false },
  unsupported_media_type: { status: 415, retryable: false },
  too_many_samples: { status: 422, retryable: false },
  headers_too_large: { status: 431, retryable: false },
  internal: { status: 500, retryable: false },
  store_unavailable: { status: 503, retryable: true },
  ingest_overloaded: { status: 503, retryable: true },
  not_ready: { status: 503, retryable: true },
  too_many_live_clients: { status: 503, retryable: true },
} as const satisfies Record<string, { status: number; retryable: boolean }>;

/** One of the codes of the HTTP API. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** What a handler throws to answer with an error; the status comes from the table. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
