import { PromqlError, type PromqlErrorCode } from '@hubpulse/promql';
import { ERROR_CODES, HttpError } from '../../errors.ts';
import { StoreError } from '../../store/port.ts';

/** An error as the API of Prometheus answers it. */
export interface PrometheusFailure {
  readonly status: number;
  readonly body: string;
  /** Whether the log should tell: nobody asked for this. */
  readonly isDefect: boolean;
}

/** Statuses and words of Prometheus' API for what a query may end with. */
const STATUSES: Readonly<Record<PromqlErrorCode, number>> = {
  bad_data: 400,
  execution: 422,
  timeout: 503,
  canceled: 503,
};

/** Turns whatever a handler threw into Prometheus' envelope; the message of a defect stays in the log. */
export function prometheusFailure(error: unknown): PrometheusFailure {
  if (error instanceof PromqlError) return failure(STATUSES[error.code], error.code, error.message);
  if (error instanceof StoreError) {
    return error.code === 'too_many_samples' || error.code === 'invalid'
      ? failure(422, 'execution', error.message)
      : failure(503, 'unavailable', error.message);
  }
  if (error instanceof HttpError)
    return failure(ERROR_CODES[error.code].status, error.code, error.message);
  const status = statusOf(error);
  if (status < 500)
    return failure(status, 'bad_data', error instanceof Error ? error.message : String(error));
  return { ...failure(500, 'internal', 'the server failed; its log says why'), isDefect: true };
}

/** Fastify's own refusals, such as a body over its limit, carry a status. */
function statusOf(error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  return status >= 400 && status < 600 ? status : 500;
}

function failure(status: number, errorType: string, error: string): PrometheusFailure {
  return { status, body: JSON.stringify({ status: 'error', errorType, error }), isDefect: false };
}
