import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { errorSchema } from '@hubpulse/api/schemas';
import type { Matcher } from '@hubpulse/model';
import { parseSelector, PromqlError } from '@hubpulse/promql';
import { HttpError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Deleted, MetricStore } from '../store/port.ts';
import { prometheusFailure } from './prometheus/failure.ts';
import { instantOf } from './prometheus/parameters.ts';

/** What the routes need. */
export interface DeletionParts {
  readonly store: Pick<MetricStore, 'delete' | 'series' | 'stats'>;
  readonly log: Log;
}

/** Selectors of one request. More are more likely a mistake than a wish. */
const MAX_SELECTORS = 100;

/** A selector in the log is cut here. */
const LOGGED_CHARACTERS = 200;

/** What a request asks for, whatever its form was. */
interface DeletionOrder {
  readonly selectors: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  /** Whether all series may be meant. */
  readonly everything: boolean;
}

const timeSchema = z
  .union([z.number(), z.string()])
  .optional()
  .describe('Unix seconds or RFC 3339; open when left out');

const bodySchema = z.strictObject({
  match: z
    .array(z.string(), 'a list of series selectors')
    .min(1, 'at least one series selector')
    .max(MAX_SELECTORS, `at most ${MAX_SELECTORS} series selectors`)
    .describe('Series selectors, as in PromQL'),
  start: timeSchema,
  end: timeSchema,
  everything: z.boolean().optional().describe('Has to be true when every series is meant'),
});

const deletedSchema = z.object({
  deleted: z.object({
    series: z.number().int().describe('Series that lost samples or buckets'),
    samples: z.number().int().describe('Raw samples; what lived on in buckets only is not counted'),
  }),
});

/**
 * Deleting series: `POST /api/v1/admin/delete` in our own form, and Prometheus' `delete_series`.
 *
 * There are no accounts yet: whoever can connect can delete, which is why only this machine can (decision 0009). A page of
 * another origin is refused, whatever its browser says of itself.
 */
export async function addDeletionRoutes(app: FastifyInstance, parts: DeletionParts): Promise<void> {
  await app.register(async (scope) => {
    scope.addHook('onRequest', (request, _reply, done) => done(originRefusal(request)));
    addOwnRoute(scope, parts);
  });
  await app.register(async (scope) => {
    scope.addHook('onRequest', (request, _reply, done) => done(originRefusal(request)));
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
      done(null, body);
    });
    scope.setErrorHandler((error, _request, reply) => {
      const { status, body, isDefect } = prometheusFailure(error);
      if (isDefect) parts.log.error({ err: error }, 'A deletion failed.');
      return reply.code(status).type('application/json; charset=utf-8').send(body);
    });
    addPrometheusRoute(scope, parts);
  });
}

function addOwnRoute(scope: FastifyInstance, parts: DeletionParts): void {
  scope.withTypeProvider<ZodTypeProvider>().post(
    '/api/v1/admin/delete',
    {
      schema: {
        summary: 'Deletes the samples of series in a range of time, and their roll-ups',
        tags: ['admin'],
        body: bodySchema,
        response: { 200: deletedSchema, 400: errorSchema, 403: errorSchema, 503: errorSchema },
      },
    },
    async ({ body }) => {
      const times = new URLSearchParams();
      if (body.start !== undefined) times.set('start', String(body.start));
      if (body.end !== undefined) times.set('end', String(body.end));
      const order = orderOf(body.match, times, body.everything === true);
      return { deleted: await carryOut(order, parts) };
    },
  );
}

function addPrometheusRoute(scope: FastifyInstance, parts: DeletionParts): void {
  scope.route({
    method: ['POST', 'PUT'],
    url: '/api/v1/admin/tsdb/delete_series',
    schema: {
      summary: "Deletes series, as Prometheus' API of the same name",
      tags: ['prometheus'],
    },
    handler: async ({ raw, body }, reply) => {
      const parameters = new URLSearchParams(raw.url?.split('?')[1] ?? '');
      if (typeof body === 'string') {
        for (const [name, value] of new URLSearchParams(body)) parameters.append(name, value);
      }
      const everything = parameters.get('everything') === 'true';
      await carryOut(orderOf(parameters.getAll('match[]'), parameters, everything), parts);
      return reply.code(204).send();
    },
  });
}

function orderOf(
  selectors: readonly string[],
  times: URLSearchParams,
  everything: boolean,
): DeletionOrder {
  if (selectors.length === 0 || selectors.length > MAX_SELECTORS) {
    throw badRequest(`got ${selectors.length} selectors; want match[] 1 to ${MAX_SELECTORS} times`);
  }
  const fromMs = asBadRequest(() => instantOf(times, 'start', -Infinity));
  const toMs = asBadRequest(() => instantOf(times, 'end', Infinity));
  if (fromMs > toMs) throw badRequest('got a start after the end; want it before');
  return { selectors, fromMs, toMs, everything };
}

/** Nothing is deleted before all of the order is known to be good; then one selector follows the other. */
async function carryOut(order: DeletionOrder, { store, log }: DeletionParts): Promise<Deleted> {
  const { selectors, fromMs, toMs, everything } = order;
  const parsed = selectors.map((selector) => asBadRequest(() => parseSelector(selector)));
  if (!everything) assertNotEverything(parsed, store);
  const total = { series: 0, samples: 0 };
  for (const matchers of parsed) {
    // oxlint-disable-next-line no-await-in-loop -- The second may match what the first has deleted.
    const { series, samples } = await store.delete({ matchers, fromMs, toMs });
    total.series += series;
    total.samples += samples;
  }
  const shown = selectors.map((selector) => selector.slice(0, LOGGED_CHARACTERS));
  log.warn({ selectors: shown, fromMs, toMs, ...total }, 'Samples were deleted on request.');
  return total;
}

/** `{__name__=~".+"}` is quickly written, and there is no way back. */
function assertNotEverything(
  selections: readonly (readonly Matcher[])[],
  store: DeletionParts['store'],
): void {
  const all = store.stats().series;
  if (all < 2 || selections.every((matchers) => store.series(matchers).length < all)) return;
  throw badRequest(
    `got a selector of all ${all} series; want one of some, or "everything": true besides`,
  );
}

/** A page may only ask for what its own server offers. Programs send no `Origin`. */
function originRefusal({ headers }: FastifyRequest): HttpError | undefined {
  const { origin, host } = headers;
  if (origin === undefined || origin.replace(/^https?:\/\//, '') === host) return undefined;
  return new HttpError(
    'origin_not_allowed',
    'got a request that a page of another origin caused; want one of ours, or of a program',
  );
}

function asBadRequest<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof PromqlError)) throw error;
    throw new HttpError('bad_request', error.message, { cause: error });
  }
}

function badRequest(message: string): HttpError {
  return new HttpError('bad_request', message);
}
