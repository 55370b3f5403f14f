import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { type ErrorCode, HttpError } from '../errors.ts';
import type { Lease } from '../ingest/gate.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type { Wire } from '../ingest/ingest-counts.ts';
import type { Refusal, RefusalReason } from '../ingest/refusal.ts';

/** What all ways in share: a lease for the body, and the body as bytes. */
export interface Intake {
  readonly routeOptions: Pick<RouteOptions, 'bodyLimit' | 'validatorCompiler' | 'decompress'>;
  /** Takes a lease before the body is read. @throws HttpError */
  admit(wire: Wire, request: FastifyRequest, reply: FastifyReply): void;
  /** Hands out the body, and gives the lease back when that is done. */
  hold<T>(request: FastifyRequest, use: (body: Uint8Array, lease: Lease) => Promise<T>): Promise<T>;
  /** A body that turned out too large while it was read is refused as if its length had been told. */
  explain(error: unknown, wire: () => Wire): unknown;
}

/** Leases for the bodies of requests; one for each group of routes. */
export function createIntake(ingest: Ingest): Intake {
  const leases = new WeakMap<FastifyRequest, Lease>();
  const { maxBodyBytes } = ingest.limits;

  const lease = (wire: Wire, bytes: number): Lease => {
    const admitted = ingest.admit(wire, bytes);
    if ('refusal' in admitted) throw toHttpError(admitted.refusal);
    return admitted;
  };

  return {
    routeOptions: {
      bodyLimit: maxBodyBytes,
      // Bodies of thousands of samples are checked by hand; the schemas describe them.
      validatorCompiler: () => (value: unknown) => ({ value }),
      decompress: false,
    },
    admit: (wire, request, reply) => {
      const declared = Number(request.headers['content-length'] ?? maxBodyBytes);
      const taken = lease(wire, declared);
      leases.set(request, taken);
      // Ends a lease whose body never came; the handler takes the others out of here.
      reply.raw.once('close', () => leases.get(request)?.release());
    },
    hold: async (request, use) => {
      const taken = leases.get(request) as Lease;
      leases.delete(request);
      try {
        return await use((request.body as Uint8Array | undefined) ?? new Uint8Array(0), taken);
      } finally {
        taken.release();
      }
    },
    explain: (error, wire) => {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code !== 'FST_ERR_CTP_BODY_TOO_LARGE') return error;
      const refused = ingest.admit(wire(), maxBodyBytes + 1);
      return 'refusal' in refused ? toHttpError(refused.refusal) : error;
    },
  };
}

/** Senders of remote write try again after 5xx alone, so what may pass later is a 503. */
const CODES: Readonly<Record<RefusalReason, ErrorCode>> = {
  malformed: 'bad_samples',
  bad_labels: 'bad_samples',
  label_limit: 'over_limit',
  series_limit: 'over_limit',
  sender_series_limit: 'over_limit',
  too_old: 'over_limit',
  too_new: 'over_limit',
  out_of_order: 'bad_samples',
  too_large: 'payload_too_large',
  overloaded: 'ingest_overloaded',
  store: 'store_unavailable',
};

/** The code that answers a refusal. */
export function codeOf({ reason }: Pick<Refusal, 'reason'>): ErrorCode {
  return CODES[reason];
}

/** The error that answers a refusal. */
export function toHttpError(refusal: Refusal): HttpError {
  return new HttpError(codeOf(refusal), refusal.message, { cause: refusal });
}

/** The refusal of a type or a coding of a body. */
export function unsupported(got: string, want: string): HttpError {
  return new HttpError('unsupported_media_type', `got ${got}; want ${want}`);
}

/** A header in a message is cut here: it is the sender's text. */
const SHOWN_CHARACTERS = 80;

/** A header for a message: in quotes, and cut. */
export function quoteHeader(header: string | undefined): string {
  return JSON.stringify((header ?? '').slice(0, SHOWN_CHARACTERS));
}
