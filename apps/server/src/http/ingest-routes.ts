import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { errorSchema, sampleListSchema, storedSchema } from '@hubpulse/api/schemas';
import { HttpError } from '../errors.ts';
import { type Ingest, WIRE_OF } from '../ingest/ingest.ts';
import { describeRefused, type RefusedPart } from '../ingest/refused-samples.ts';
import { isSnappy, messageOf, type RemoteWriteMessage } from '../ingest/remote-write/media-type.ts';
import {
  codeOf,
  createIntake,
  type Intake,
  quoteHeader,
  toHttpError,
  unsupported,
} from './intake.ts';

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
  throw new HttpError(codeOf(first.refusal), describeRefused(samples, refused));
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
