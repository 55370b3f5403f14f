import type { ErrorBody, MonitoringMetrics, Overview, Range } from './monitoring.ts';

/** A named range that ends now, or two instants in Unix milliseconds. */
export type TimeWindow =
  | { readonly range: Range }
  | { readonly fromMs: number; readonly toMs: number };

/** Options of every call. */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** A small typed client of the HTTP API. */
export interface ApiClient {
  /** The five signals, at most 1,500 points. */
  monitoringMetrics(window: TimeWindow, options?: CallOptions): Promise<MonitoringMetrics>;
  /** All lines of the overview page, at most `maxPoints` (1 to 1,500) figures each. */
  overview(window: TimeWindow, maxPoints: number, options?: CallOptions): Promise<Overview>;
}

/** An answer that is not 2xx, or no answer at all (`status` 0, code `unreachable`). */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;

  constructor(details: { status: number; code: string; message: string }, options?: ErrorOptions) {
    super(details.message, options);
    this.status = details.status;
    this.code = details.code;
  }
}

/** The server ends no query of the dashboard later than this; what takes longer never comes. */
const TIMEOUT_MS = 30_000;

/**
 * Makes a client; `baseUrl` is the server's origin, or the empty string in a page that the server itself gave. A call without
 * an answer after `timeoutMs` ends as `unreachable`.
 */
export function createApiClient({
  baseUrl = '',
  fetch = globalThis.fetch.bind(globalThis),
  timeoutMs = TIMEOUT_MS,
}: {
  baseUrl?: string;
  fetch?: typeof globalThis.fetch;
  timeoutMs?: number;
} = {}): ApiClient {
  const get = async <T>(
    path: string,
    query: URLSearchParams,
    options: CallOptions = {},
  ): Promise<T> => {
    const ends = [AbortSignal.timeout(timeoutMs), ...(options.signal ? [options.signal] : [])];
    try {
      const response = await fetch(`${baseUrl}${path}?${query.toString()}`, {
        headers: { accept: 'application/json' },
        signal: AbortSignal.any(ends),
      });
      if (!response.ok) throw await errorOf(response);
      return (await response.json()) as T;
    } catch (cause) {
      if (options.signal?.aborted || cause instanceof ApiError) throw cause;
      const message = `no readable answer from ${path}`;
      throw new ApiError({ status: 0, code: 'unreachable', message }, { cause });
    }
  };
  return {
    monitoringMetrics: (window, options) =>
      get('/api/v1/monitoring/metrics', windowQuery(window), options),
    overview: (window, maxPoints, options) => {
      const query = windowQuery(window);
      query.set('points', String(maxPoints));
      return get('/api/v1/monitoring/overview', query, options);
    },
  };
}

function windowQuery(window: TimeWindow): URLSearchParams {
  return 'range' in window
    ? new URLSearchParams({ range: window.range })
    : new URLSearchParams({ from: String(window.fromMs), to: String(window.toMs) });
}

async function errorOf(response: Response): Promise<ApiError> {
  const { status } = response;
  try {
    const { error } = (await response.json()) as ErrorBody;
    return new ApiError({ status, ...error });
  } catch (cause) {
    return new ApiError({ status, code: 'unknown', message: `HTTP ${status}` }, { cause });
  }
}
