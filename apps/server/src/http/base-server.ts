import type { Socket } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { Log } from '../log.ts';
import type { RequestMetrics } from '../self/request-metrics.ts';
import { answerErrors, rawErrorAnswer, sendError } from './error-answers.ts';
import { guardHost, guardOrigin } from './host-guard.ts';
import { EVENT_STREAM_CONTENT_TYPE } from './live-route.ts';
import { setSecurityHeaders } from './security-headers.ts';

/** What every port of ours needs. */
export interface BaseParts {
  readonly log: Log;
  readonly listenHost: string;
  readonly allowedHosts: readonly string[];
  readonly requests: RequestMetrics;
}

/** Nothing that we take in this way is larger; ingest has its own limits. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Request line and headers together; Node's own default, written down since the error names it. */
const MAX_HEADER_BYTES = 16 * 1024;

/** Time for a whole request to arrive: a client that sends byte by byte may not hold a socket for longer. */
const REQUEST_TIMEOUT_MS = 30_000;

/** A server without routes, with what holds for all of them: limits, guards, headers, measurement, answers to errors. */
export function createBaseServer(parts: BaseParts): FastifyInstance {
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
  return app;
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
function recordRequests(app: FastifyInstance, { requests }: BaseParts): void {
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
