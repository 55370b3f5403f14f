import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { errorSchema, sampleListSchema, storedSchema } from '@hubpulse/api/schemas';
import { type ErrorCode, HttpError } from '../errors.ts';
import type { Lease } from '../ingest/gate.ts';
import { type Ingest, WIRE_OF } from '../ingest/ingest.ts';
import type { Wire } from '../ingest/ingest-counts.ts';
import type { Refusal, RefusalReason } from '../ingest/refusal.ts';
import { describeRefused, type RefusedPart } from '../ingest/refused-samples.ts';
import { isSnappy, messageOf, type RemoteWriteMessage } from '../ingest/remote-write/media-type.ts';

/** The code that answers a refusal. Senders of remote write try again after 5xx alone, so what may pass later is a 503. */
const CODES: Readonly<Record<RefusalReason, ErrorCode>> = {
  malformed: 'bad_samples',
  bad_labels: 'bad_samples',
  label_limit: 'over_limit',
  series_limit: 'over_limit',
  sender_series_limit: 'over_limit',
  too_old: 'over_limit',
  too_new: 'over_limit',
  too_large: 'payload_too_large',
  overloaded: 'ingest_overloaded',
  store: 'store_unavailable',
};

/** The answer headers of remote write 2.0: how much of each kind is stored. */
const WRITTEN_HEADERS = {
  samples: 'x-prometheus-remote-write-samples-written',
  histograms: 'x-prometheus-remote-write-histograms-written',
  exemplars: 'x-prometheus-remote-write-exemplars-written',
} as const;

const errors = { 400: errorSchema, 413: errorSchema, 415: errorSchema, 503: errorSchema };

/**
 * The ways in for samples: `POST /api/v1/write` (Prometheus remote write 1.0 and 2.0) and `POST /api/v1/samples` (JSON).
 *
 * Bodies are read as bytes and decoded by hand. A web page of another site can send neither content type without asking first
 * (CORS), and nobody answers that question.
 */
export async function addIngestRoutes(app: FastifyInstance, ingest: Ingest): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
      done(null, body);
    });
    const intake = createIntake(ingest);
    addRemoteWrite(scope, { ingest, intake });
    addSampleList(scope, { ingest, intake });
  });
}

interface IngestParts {
  readonly ingest: Ingest;
  readonly intake: Intake;
}

function addRemoteWrite(scope: FastifyInstance, { ingest, intake }: IngestParts): void {
  scope.withTypeProvider<ZodTypeProvider>().post(
    '/api/v1/write',
    {
      ...intake.routeOptions,
      schema: {
        summary: 'Prometheus remote write 1.0 and 2.0, compressed with Snappy',
        description:
          'What is over a limit is left out, and the answer is then 400 with the number of samples that are stored. Native histograms and exemplars are counted and not stored; with 2.0 ' +
          'the answer is then 400 although the samples are stored, as its headers say.',
        tags: ['ingest'],
        consumes: ['application/x-protobuf'],
        body: z.any().describe('prometheus.WriteRequest or io.prometheus.write.v2.Request'),
        response: { 204: z.null().describe('Stored'), ...errors },
      },
      onRequest: (request, reply, done) => {
        const message = messageIn(request);
        for (const name of Object.values(WRITTEN_HEADERS)) void reply.header(name, 0);
        intake.admit(WIRE_OF[message], request, reply);
        done();
      },
      errorHandler: (error, request) => {
        throw intake.explain(error, () => WIRE_OF[messageIn(request)]);
      },
    },
    async (request, reply) => {
      const message = messageIn(request);
      const outcome = await intake.hold(request, (body, lease) =>
        ingest.remoteWrite(message, body, { sender: request.ip, lease }),
      );
      if ('refusal' in outcome) throw toHttpError(outcome.refusal);
      void reply.header(WRITTEN_HEADERS.samples, outcome.samples);
      assertNoneRefused(outcome);
      if (message === 'io.prometheus.write.v2.Request') assertAllStored(outcome);
      return reply.code(204).send(null);
    },
  );
}

/** Senders drop a request after a 400: the rest of this one is stored, and the answer says of how much. */
function assertNoneRefused({
  samples,
  refused,
}: {
  readonly samples: number;
  readonly refused: readonly RefusedPart[];
}): void {
  const [first] = refused;
  if (first === undefined) return;
  throw new HttpError(CODES[first.refusal.reason], describeRefused(samples, refused));
}

/** The specification of 2.0 forbids a success when something of the request was not stored. */
function assertAllStored(stored: {
  readonly samples: number;
  readonly histograms: number;
  readonly exemplars: number;
}): void {
  const { samples, histograms, exemplars } = stored;
  if (histograms + exemplars === 0) return;
  throw new HttpError(
    'unsupported_samples',
    `stored ${samples} samples; got ${histograms} native histograms and ${exemplars} exemplars besides, which are not ` +
      'stored; want requests without (Prometheus: send_native_histograms: false, send_exemplars: false)',
  );
}

function messageIn({ headers }: FastifyRequest): RemoteWriteMessage {
  const type = headers['content-type'] ?? '';
  const message = messageOf(type);
  if (message === undefined) {
    throw unsupported(
      `the Content-Type ${quoteHeader(type)}`,
      'application/x-protobuf, with ;proto=prometheus.WriteRequest or ;proto=io.prometheus.write.v2.Request or without',
    );
  }
  if (isSnappy(headers['content-encoding'])) return message;
  throw unsupported(`the Content-Encoding ${quoteHeader(headers['content-encoding'])}`, 'snappy');
}

function addSampleList(scope: FastifyInstance, { ingest, intake }: IngestParts): void {
  scope.withTypeProvider<ZodTypeProvider>().post(
    '/api/v1/samples',
    {
      ...intake.routeOptions,
      schema: {
        summary: 'Samples as JSON, for scripts; all are stored, or none',
        tags: ['ingest'],
        body: sampleListSchema,
        response: { 200: storedSchema, ...errors },
      },
      onRequest: (request, reply, done) => {
        assertPlainJson(request);
        intake.admit('json', request, reply);
        done();
      },
      errorHandler: (error) => {
        throw intake.explain(error, () => 'json');
      },
    },
    async (request) => {
      const outcome = await intake.hold(request, (body, lease) =>
        ingest.sampleList(body, { sender: request.ip, lease }),
      );
      if ('refusal' in outcome) throw toHttpError(outcome.refusal);
      return { stored: outcome.samples };
    },
  );
}

function assertPlainJson({ headers }: FastifyRequest): void {
  const type = headers['content-type'] ?? '';
  if (!/^application\/json\s*(?:;|$)/i.test(type.trim())) {
    throw unsupported(`the Content-Type ${quoteHeader(type)}`, 'application/json');
  }
  const encoding = headers['content-encoding'];
  if (encoding === undefined || encoding === 'identity') return;
  throw unsupported(`the Content-Encoding ${quoteHeader(encoding)}`, 'none');
}

/** What both routes share: a lease for the body, and the body as bytes. */
interface Intake {
  readonly routeOptions: Pick<RouteOptions, 'bodyLimit' | 'validatorCompiler' | 'decompress'>;
  /** Takes a lease before the body is read. @throws HttpError */
  admit(wire: Wire, request: FastifyRequest, reply: FastifyReply): void;
  /** Hands out the body, and gives the lease back when that is done. */
  hold<T>(request: FastifyRequest, use: (body: Uint8Array, lease: Lease) => Promise<T>): Promise<T>;
  /** A body that turned out too large while it was read is refused as if its length had been told. */
  explain(error: unknown, wire: () => Wire): unknown;
}

function createIntake(ingest: Ingest): Intake {
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

function toHttpError(refusal: Refusal): HttpError {
  return new HttpError(CODES[refusal.reason], refusal.message, { cause: refusal });
}

function unsupported(got: string, want: string): HttpError {
  return new HttpError('unsupported_media_type', `got ${got}; want ${want}`);
}

/** A header in a message is cut here: it is the sender's text. */
const SHOWN_CHARACTERS = 80;

function quoteHeader(header: string | undefined): string {
  return JSON.stringify((header ?? '').slice(0, SHOWN_CHARACTERS));
}
