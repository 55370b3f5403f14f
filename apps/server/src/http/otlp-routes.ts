import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from '../errors.ts';
import type { Ingest } from '../ingest/ingest.ts';
import { type ContentCoding, contentCodingOf } from '../ingest/otlp/content-coding.ts';
import { encodeExportAnswer, encodeStatus } from '../ingest/otlp/export-answer.ts';
import type { OtlpSignal } from '../ingest/otlp/message-schema.ts';
import { OTLP_WIRES, type OtlpEncoding } from '../ingest/otlp/otlp-intake.ts';
import type { Log } from '../log.ts';
import { explainError, RETRY_AFTER_SECONDS } from './error-answers.ts';
import { createIntake, type Intake, quoteHeader, toHttpError, unsupported } from './intake.ts';

/** What the routes need. */
export interface OtlpParts {
  readonly ingest: Ingest;
  readonly log: Log;
}

/** Media types, in the order in which a refusal names them. */
const MEDIA_TYPES: Readonly<Record<OtlpEncoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

/** Paths under which each signal is received: OTLP's own, and the one that senders set up for Prometheus use. */
const PREFIXES = ['/v1', '/api/v1/otlp/v1'] as const;

/** Codes of gRPC by status; anything else is UNKNOWN. */
const GRPC_CODES: Readonly<Record<number, number>> = {
  400: 3,
  403: 7,
  413: 8,
  415: 3,
  500: 13,
  503: 14,
};
const GRPC_UNKNOWN = 2;

const status = z.any().describe('google.rpc.Status');

/**
 * The ways in for OpenTelemetry's exporters (OTLP over HTTP): `POST /v1/metrics` and so on, in Protocol Buffers or JSON. An
 * answer has the form of its request. Exporters try again after 429 and 502 to 504 alone, so what may pass later is a 503.
 */
export async function addOtlpRoutes(app: FastifyInstance, parts: OtlpParts): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
      done(null, body);
    });
    const intake = createIntake(parts.ingest);
    for (const signal of parts.ingest.otlp.signals) {
      for (const prefix of PREFIXES) {
        addSignal(scope, { ...parts, intake, signal, path: `${prefix}/${signal}` });
      }
    }
  });
}

interface SignalParts extends OtlpParts {
  readonly intake: Intake;
  readonly signal: OtlpSignal;
  readonly path: string;
}

function addSignal(
  scope: FastifyInstance,
  { ingest, log, intake, signal, path }: SignalParts,
): void {
  const wire = OTLP_WIRES[signal];
  scope.withTypeProvider<ZodTypeProvider>().post(
    path,
    {
      ...intake.routeOptions,
      schema: {
        summary: `OpenTelemetry ${signal} (OTLP over HTTP)`,
        description: 'Protocol Buffers or JSON, as it is or compressed with gzip, deflate or zstd.',
        tags: ['ingest'],
        consumes: Object.values(MEDIA_TYPES),
        body: z.any().describe(`Export${signal[0]?.toUpperCase()}${signal.slice(1)}ServiceRequest`),
        response: { 200: z.any(), 400: status, 413: status, 415: status, 503: status },
      },
      // Answers are bytes already.
      serializerCompiler: () => (value: unknown) => value as string,
      onRequest: (request, reply, done) => {
        encodingOf(request);
        codingOf(request);
        intake.admit(wire, request, reply);
        done();
      },
      errorHandler: (error, request, reply) => {
        const cause = intake.explain(error, () => wire) as FastifyError;
        const { code, message } = explainError(cause, request, log);
        void sendStatus(reply, { code, message, encoding: tryEncodingOf(request) ?? 'json' });
      },
    },
    async (request, reply) => {
      const encoding = encodingOf(request);
      const coding = codingOf(request);
      const outcome = await intake.hold(request, (body, lease) =>
        ingest.otlp.receive({ signal, encoding, coding, body, lease, sender: request.ip }),
      );
      if ('refusal' in outcome) throw toHttpError(outcome.refusal);
      return sendBytes(reply, encodeExportAnswer(outcome, signal, encoding), encoding);
    },
  );
}

function tryEncodingOf({ headers }: FastifyRequest): OtlpEncoding | undefined {
  const type = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type === MEDIA_TYPES.protobuf) return 'protobuf';
  return type === MEDIA_TYPES.json ? 'json' : undefined;
}

function encodingOf(request: FastifyRequest): OtlpEncoding {
  const encoding = tryEncodingOf(request);
  if (encoding !== undefined) return encoding;
  throw unsupported(
    `the Content-Type ${quoteHeader(request.headers['content-type'])}`,
    Object.values(MEDIA_TYPES).join(' or '),
  );
}

function codingOf({ headers }: FastifyRequest): ContentCoding {
  const coding = contentCodingOf(headers['content-encoding']);
  if (coding !== undefined) return coding;
  throw unsupported(
    `the Content-Encoding ${quoteHeader(headers['content-encoding'])}`,
    'gzip, deflate, zstd or none',
  );
}

function sendStatus(
  reply: FastifyReply,
  {
    code,
    message,
    encoding,
  }: { readonly code: ErrorCode; readonly message: string; readonly encoding: OtlpEncoding },
): FastifyReply {
  const { status: httpStatus, retryable } = ERROR_CODES[code];
  if (retryable) void reply.header('retry-after', RETRY_AFTER_SECONDS);
  void reply.code(httpStatus).header('cache-control', 'no-store');
  const grpcCode = GRPC_CODES[httpStatus] ?? GRPC_UNKNOWN;
  return sendBytes(reply, encodeStatus(grpcCode, message, encoding), encoding);
}

function sendBytes(reply: FastifyReply, bytes: Uint8Array, encoding: OtlpEncoding): FastifyReply {
  return reply
    .type(MEDIA_TYPES[encoding])
    .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
}
