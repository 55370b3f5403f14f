import type { Socket } from 'node:net';
import fastifyCompress from '@fastify/compress';
import fastifySwagger from '@fastify/swagger';
import fastify, { type FastifyInstance } from 'fastify';
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod';
import type { Clock } from '../clock.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type { LiveFrames } from '../live/live-frames.ts';
import type { Log } from '../log.ts';
import type { OverviewQuery } from '../query/overview.ts';
import type { PromqlQuery } from '../query/promql-query.ts';
import type { Rules } from '../rules/rules.ts';
import type { RequestMetrics } from '../self/request-metrics.ts';
import { addDashboardRoutes } from './dashboard-routes.ts';
import { addDeletionRoutes, type DeletionParts } from './deletion-routes.ts';
import { answerErrors, rawErrorAnswer, sendError } from './error-answers.ts';
import { addHealthRoutes, type HealthParts } from './health-routes.ts';
import { guardHost, guardOrigin } from './host-guard.ts';
import { addIngestRoutes } from './ingest-routes.ts';
import { addLiveRoute, EVENT_STREAM_CONTENT_TYPE, type LiveRoute } from './live-route.ts';
import { addMonitoringRoutes } from './monitoring-routes.ts';
import { addOtlpRoutes } from './otlp-routes.ts';
import { addPrometheusRoutes } from './prometheus/prometheus-routes.ts';
import type { ScrapedTargets } from './prometheus/targets-json.ts';
import { setSecurityHeaders } from './security-headers.ts';

/** What the HTTP server needs from the rest. */
export interface HttpParts {
  readonly log: Log;
  readonly clock: Clock;
  readonly listenHost: string;
  readonly allowedHosts: readonly string[];
  readonly dashboardDirectory: string;
  readonly health: HealthParts;
  readonly ingest: Ingest;
  readonly scrapes: ScrapedTargets;
  readonly query: OverviewQuery;
  readonly promql: PromqlQuery;
  readonly store: DeletionParts['store'];
  readonly rules: Pick<Rules, 'groups'>;
  readonly frames: LiveFrames;
  readonly requests: RequestMetrics;
}

/** The server before it listens, and its live route for the figures. */
export interface HttpServer {
  readonly app: FastifyInstance;
  readonly live: LiveRoute;
}

/** Nothing that we take in this way is larger; ingest has its own limits. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Request line and headers together; Node's own default, written down since the error names it. */
const MAX_HEADER_BYTES = 16 * 1024;

/** Time for a whole request to arrive: a client that sends byte by byte may not hold a socket for longer. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Smaller answers grow rather than shrink. */
const COMPRESS_FROM_BYTES = 1024;

/** Builds the server with all its routes; it does not listen yet. */
export async function createHttpServer(parts: HttpParts): Promise<HttpServer> {
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    http: { maxHeaderSize: MAX_HEADER_BYTES },
    exposeHeadRoutes: true,
    frameworkErrors: (error, _request, reply) => {
      void sendError(reply, 'bad_request', error.message);
    },
    clientErrorHandler: (error, socket) => {
      refuseRaw(socket, rawErrorAnswer(error.code, MAX_HEADER_BYTES));
    },
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  answerErrors(app, parts.log);
  recordRequests(app, parts);
  setSecurityHeaders(app);
  guardHost(app, parts);
  guardOrigin(app);
  await app.register(fastifyCompress, {
    threshold: COMPRESS_FROM_BYTES,
    encodings: ['br', 'gzip'],
  });
  await describeApi(app, parts.health.version);

  addHealthRoutes(app, parts.health);
  await addDeletionRoutes(app, parts);
  await addIngestRoutes(app, parts.ingest);
  await addOtlpRoutes(app, parts);
  addMonitoringRoutes(app, parts);
  await addPrometheusRoutes(app, { ...parts, metrics: parts.health.metrics });
  const live = addLiveRoute(app, parts);
  await addDashboardRoutes(app, {
    directory: parts.dashboardDirectory,
    version: parts.health.version,
    query: parts.query,
    clock: parts.clock,
  });
  return { app, live };
}

/** How long a refused client may go on sending before its socket is closed under it. */
const REFUSED_LINGER_MS = 1000;

/**
 * Answers and closes. What still comes is read and dropped for a moment, since a reset would take the answer with it; the
 * parser reports each further piece as an error of its own.
 */
function refuseRaw(socket: Socket, answer: string): void {
  if (socket.writableEnded) return;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(answer);
  setTimeout(() => socket.destroy(), REFUSED_LINGER_MS).unref();
}

/** Measures every request but the live stream, whose length is a choice of its reader. */
function recordRequests(app: FastifyInstance, { requests }: HttpParts): void {
  app.addHook('onResponse', (request, reply, done) => {
    if (reply.raw.getHeader('content-type') !== EVENT_STREAM_CONTENT_TYPE) {
      requests.record({
        method: request.method,
        route: request.routeOptions.url ?? '',
        statusCode: reply.statusCode,
        durationSeconds: reply.elapsedTime / 1000,
      });
    }
    done();
  });
}

async function describeApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Hubpulse',
        version,
        description:
          'Errors are JSON: { error: { code, message } }; docs/errors.md lists the codes.',
      },
    },
    transform: jsonSchemaTransform,
  });
  app.get('/api/v1/openapi.json', { schema: { hide: true } }, () => app.swagger());
}
