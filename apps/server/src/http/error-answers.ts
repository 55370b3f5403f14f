import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorBody } from '@hubpulse/api';
import { ERROR_CODES, type ErrorCode, HttpError } from '../errors.ts';
import type { Log } from '../log.ts';
import { StoreError } from '../store/port.ts';

/** Seconds after which a client may try again what failed for now. */
export const RETRY_AFTER_SECONDS = 5;

/** Answers what handlers throw as JSON `{ error: { code, message } }`; the one place that decides a status. */
export function answerErrors(app: FastifyInstance, log: Log): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const { code, message } = explainError(error, request, log);
    return sendError(reply, code, message);
  });
}

/** What an error is answered with, for routes with an envelope of their own. One that is our fault is logged. */
export function explainError(
  error: FastifyError,
  request: FastifyRequest,
  log: Log,
): { code: ErrorCode; message: string } {
  const { code, message } = explain(error, request);
  if (ERROR_CODES[code].status >= 500)
    log.error({ err: error, path: pathOf(request) }, 'request failed');
  return { code, message };
}

/** Answers a request that no route takes: 405 when the path exists for another method, else 404. */
export function answerNoRoute(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const path = pathOf(request);
  const methods = ROUTE_METHODS.filter((method) => app.hasRoute({ method, url: path }));
  const got = `got ${request.method} ${path}`;
  if (methods.length === 0)
    return sendError(reply, 'not_found', `${got}; want a path of /api/v1/openapi.json`);
  void reply.header('allow', methods.join(', '));
  return sendError(reply, 'method_not_allowed', `${got}; want ${methods.join(' or ')}`);
}

/** The methods that our routes use. */
const ROUTE_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** Sends one error answer. */
export function sendError(reply: FastifyReply, code: ErrorCode, message: string): FastifyReply {
  const { status, retryable } = ERROR_CODES[code];
  const body: ErrorBody = { error: { code, message } };
  if (retryable) void reply.header('retry-after', RETRY_AFTER_SECONDS);
  void reply.header('cache-control', 'no-store');
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
    .serializer(JSON.stringify)
    .send(body);
}

/** A path in a message is cut here: it is the sender's text. */
const SHOWN_PATH_CHARACTERS = 120;

/** The request's path without its query, which may hold what nobody else should see. */
export function pathOf({ url }: FastifyRequest): string {
  return (url.split('?')[0] ?? '').slice(0, SHOWN_PATH_CHARACTERS);
}

function explain(
  error: FastifyError | HttpError | StoreError,
  request: FastifyRequest,
): {
  code: ErrorCode;
  message: string;
} {
  if (error instanceof HttpError) return error;
  if (error instanceof StoreError) return { code: storeCode(error), message: error.message };
  if (error.validation !== undefined)
    return { code: 'bad_request', message: describeInvalid(error, request) };
  const code = codeOfStatus(error.statusCode);
  if (code === 'internal') return { code, message: 'the server failed; its log says why' };
  return { code, message: error.message };
}

function storeCode({ code }: StoreError): ErrorCode {
  if (code === 'too_many_samples') return 'too_many_samples';
  return code === 'invalid' ? 'bad_request' : 'store_unavailable';
}

/** Names the parameter, what it was, and what its schema wants: our schemas word their messages as what is wanted. */
function describeInvalid(
  { validation, validationContext }: FastifyError,
  request: FastifyRequest,
): string {
  const [issue] = validation ?? [];
  const name = issue?.instancePath.split('/')[1] ?? '';
  const values = validationContext === 'headers' ? request.headers : request.query;
  const got = JSON.stringify((values as Readonly<Record<string, unknown>>)[name]) ?? 'nothing';
  return `got ${name} ${got.slice(0, SHOWN_VALUE_CHARACTERS)}; want ${issue?.message}`;
}

/** A got value in a message is cut here: it is the sender's text. */
const SHOWN_VALUE_CHARACTERS = 80;

/** Fastify's own refusals carry a status; those that we have no code for are bad requests. */
function codeOfStatus(status: number | undefined): ErrorCode {
  const codes: Readonly<Record<number, ErrorCode>> = {
    404: 'not_found',
    408: 'request_timeout',
    413: 'payload_too_large',
    415: 'unsupported_media_type',
  };
  if (status === undefined || status >= 500) return 'internal';
  return codes[status] ?? 'bad_request';
}

/**
 * The raw answer to a request that never became one: Node's parser refused it, so no route and no handler know it.
 *
 * @param errorCode Code of the parser's error, such as `HPE_HEADER_OVERFLOW`.
 */
export function rawErrorAnswer(errorCode: string | undefined, maxHeaderBytes: number): string {
  const answers: Readonly<Record<string, readonly [ErrorCode, string, string]>> = {
    HPE_HEADER_OVERFLOW: [
      'headers_too_large',
      'Request Header Fields Too Large',
      `got a request line and headers over ${maxHeaderBytes} bytes; want them shorter`,
    ],
    ERR_HTTP_REQUEST_TIMEOUT: [
      'request_timeout',
      'Request Timeout',
      'the request did not arrive in time',
    ],
  };
  const [code, reason, message] = answers[errorCode ?? ''] ?? [
    'bad_request',
    'Bad Request',
    'got no valid HTTP/1.1 request',
  ];
  const body = JSON.stringify({ error: { code, message } });
  return [
    `HTTP/1.1 ${ERROR_CODES[code].status} ${reason}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    '',
    body,
  ].join('\r\n');
}
