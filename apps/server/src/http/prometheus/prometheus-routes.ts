import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Matcher } from '@hubpulse/model';
import { format, type InstantResult, parse, parseSelector, PromqlError } from '@hubpulse/promql';
import type { RangeResult } from '@hubpulse/promql';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import { type Answered, type PromqlQuery, type QueryLimits } from '../../query/promql-query.ts';
import { nameOfResolution } from '../../query/resolution.ts';
import type { Rules } from '../../rules/rules.ts';
import { type Body, listing, resultAnswer, success } from './envelope.ts';
import { prometheusFailure } from './failure.ts';
import { type MetadataSources, metadataOf } from './metadata.ts';
import { labelNameOf } from './label-name.ts';
import {
  checkTimes,
  type EndAfter,
  instantOf,
  limitOf,
  limitsOf,
  ofParameter,
  parameterError,
  queryOf,
  rangeOf,
} from './parameters.ts';
import { metricJson } from './result-json.ts';
import { rulesJson } from './rules-json.ts';
import { type ScrapedTargets, targetsJson } from './targets-json.ts';

/** What the routes need. */
export interface PrometheusParts extends MetadataSources {
  readonly promql: PromqlQuery;
  readonly rules: Pick<Rules, 'groups'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly scrapes: ScrapedTargets;
}

/**
 * The release of Prometheus whose API this is. Clients such as Grafana choose their requests by it; an empty answer makes
 * them fall back to costly ones.
 */
const COMPATIBLE_VERSION = '3.5.0';

/** Queries are long, results are not sent to us: a form of a query of the greatest length, escaped three to one. */
const MAX_FORM_BYTES = 512 * 1024;

/** Says from what an answer was computed: `raw`, `1m` or `1h`. */
const RESOLUTION_HEADER = 'x-hubpulse-resolution';

/** One request. */
interface Call {
  readonly parameters: URLSearchParams;
  /** The label that the path names. */
  readonly name: string;
  /** Sets a header of the answer. */
  readonly setHeader: (name: string, value: string) => void;
  readonly endAfter: EndAfter;
}

type Answer = (call: Call) => Promise<Body> | Body;

/** The HTTP API of Prometheus, for Grafana, `promtool` and every habit. Errors have its envelope, not ours. */
export async function addPrometheusRoutes(
  app: FastifyInstance,
  parts: PrometheusParts,
): Promise<void> {
  await app.register(async (scope) => {
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: MAX_FORM_BYTES },
      (_request, body, done) => done(null, body),
    );
    scope.setErrorHandler((error, request, reply) => {
      const { status, body, isDefect } = prometheusFailure(error);
      if (isDefect)
        parts.log.error({ err: error, path: request.routeOptions.url }, 'A query failed.');
      return sendJson(reply.code(status), body);
    });
    for (const [path, answer] of Object.entries(answersOf(parts))) {
      const isReadOnly = GET_ONLY.has(path);
      scope.route({
        method: isReadOnly ? ['GET'] : ['GET', 'POST'],
        url: `/api/v1/${path}`,
        schema: { summary: SUMMARIES[path] ?? path, tags: ['prometheus'] },
        handler: async (request, reply) => sendJson(reply, await answer(callOf(request, reply))),
      });
    }
  });
}

/** These Prometheus answers to GET alone. */
const GET_ONLY = new Set([
  'label/:name/values',
  'metadata',
  'rules',
  'alerts',
  'targets',
  'status/buildinfo',
]);

const SUMMARIES: Readonly<Record<string, string>> = {
  query: 'PromQL at one instant',
  query_range: 'PromQL over a range of time',
  format_query: 'A PromQL expression, laid out',
  series: 'The series that match selectors',
  labels: 'The names of labels',
  'label/:name/values': 'The values of a label',
  metadata: 'Type and help of metrics',
  rules: 'Rules by group, and how they fare',
  alerts: 'Alerts; none yet',
  targets: 'What is scraped, and how that goes',
  query_exemplars: 'Exemplars; none are kept',
  'status/buildinfo': 'The version whose API this is',
};

function answersOf(parts: PrometheusParts): Readonly<Record<string, Answer>> {
  const { promql, scrapes, rules, clock } = parts;
  const selectorsOf = (parameters: URLSearchParams): Matcher[][] => {
    checkTimes(parameters);
    const selectors = parameters.getAll('match[]');
    return selectors.map((text) => ofParameter('match[]', () => parseSelector(text)));
  };
  const answer = async (
    { parameters, endAfter, setHeader }: Call,
    run: (query: string, limits: QueryLimits) => Promise<Answered<InstantResult | RangeResult>>,
  ): Promise<Body> => {
    const limit = limitOf(parameters, 'limit');
    const limits = limitsOf(parameters, endAfter);
    const startMs = clock.monotonicMs();
    const result = await run(queryOf(parameters), limits).catch((error: unknown) => {
      throw parameterError('query', error);
    });
    const seconds = (clock.monotonicMs() - startMs) / 1000;
    setHeader(RESOLUTION_HEADER, nameOfResolution(result.resolution));
    const statsSeconds = parameters.get('stats') ? seconds : undefined;
    return resultAnswer(result, { limit, statsSeconds });
  };
  return {
    query: (call) => {
      const tMs = instantOf(call.parameters, 'time', clock.nowMs());
      return answer(call, (query, limits) => promql.instant(query, tMs, limits));
    },
    query_range: (call) => {
      const range = rangeOf(call.parameters);
      return answer(call, (query, limits) => promql.range(query, range, limits));
    },
    format_query: ({ parameters }) =>
      success(JSON.stringify(format(ofParameter('query', () => parse(queryOf(parameters)))))),
    series: ({ parameters }) => {
      if (parameters.getAll('match[]').length === 0)
        throw new PromqlError('bad_data', 'no match[] parameter provided');
      const series = promql.series(selectorsOf(parameters));
      return listing(series.map(metricJson), limitOf(parameters, 'limit'));
    },
    labels: ({ parameters }) =>
      listing(
        promql.labelNames(selectorsOf(parameters)).map((name) => JSON.stringify(name)),
        limitOf(parameters, 'limit'),
      ),
    'label/:name/values': ({ parameters, name }) =>
      listing(
        promql
          .labelValues(selectorsOf(parameters), labelNameOf(name))
          .map((value) => JSON.stringify(value)),
        limitOf(parameters, 'limit'),
      ),
    metadata: ({ parameters }) => success(JSON.stringify(metadataOf(parts, parameters))),
    rules: ({ parameters }) => success(rulesJson(rules.groups(), parameters)),
    targets: ({ parameters }) => success(targetsJson(scrapes, parameters)),
    alerts: () => success('{"alerts":[]}'),
    query_exemplars: ({ parameters }) => {
      checkTimes(parameters);
      ofParameter('query', () => parse(queryOf(parameters)));
      return success('[]');
    },
    'status/buildinfo': () =>
      success(JSON.stringify({ version: COMPATIBLE_VERSION, application: 'Hubpulse' })),
  };
}

function callOf(request: FastifyRequest, reply: FastifyReply): Call {
  const { name = '' } = request.params as { name?: string };
  return {
    parameters: parametersOf(request),
    name,
    setHeader: (header, value) => void reply.header(header, value),
    endAfter: (timeoutMs) => signalOf(reply, timeoutMs),
  };
}

/** One timer for each query that goes with its answer: signals of the platform's own live until they are collected. */
function signalOf({ raw }: FastifyReply, timeoutMs: number): AbortSignal {
  const controller = new AbortController();
  const timeout = setTimeout(() => {
    controller.abort(new DOMException('the query took too long', 'TimeoutError'));
  }, timeoutMs);
  raw.once('close', () => {
    clearTimeout(timeout);
    if (!raw.writableFinished) controller.abort();
  });
  return controller.signal;
}

/** Parameters of the URL, and of the body when it is a form, which GET does not have. */
function parametersOf({ raw, body }: FastifyRequest): URLSearchParams {
  const parameters = new URLSearchParams(raw.url?.split('?')[1] ?? '');
  if (typeof body !== 'string') return parameters;
  for (const [name, value] of new URLSearchParams(body)) parameters.append(name, value);
  return parameters;
}

function sendJson(reply: FastifyReply, body: Body): FastifyReply {
  return reply
    .type('application/json; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(body);
}
