import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Labels } from '@hubpulse/model';
import {
  format,
  type InstantResult,
  parse,
  parseSelector,
  PromqlError,
  type RangeResult,
} from '@hubpulse/promql';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import { labelNamesOf, labelValuesOf, type PromqlQuery } from '../../query/promql-query.ts';
import type { MetricSource } from '../../self/metric-family.ts';
import { instantOf, limitOf, limitsOf, queryOf, rangeOf } from './parameters.ts';
import { prometheusFailure } from './failure.ts';
import { metricJson, resultJson } from './result-json.ts';
import { type ScrapedTargets, targetsJson } from './targets-json.ts';

/** What the routes need. */
export interface PrometheusParts {
  readonly promql: PromqlQuery;
  readonly clock: Clock;
  readonly log: Log;
  readonly scrapes: ScrapedTargets;
  /** Our own metrics: their help and types are the metadata that we have. */
  readonly metrics: MetricSource;
}

/**
 * The release of Prometheus whose API this is. Clients such as Grafana choose their requests by it; an empty answer makes
 * them fall back to costly ones.
 */
const COMPATIBLE_VERSION = '3.5.0';

/** Queries are long, results are not sent to us: a form of a query of the greatest length, escaped three to one. */
const MAX_FORM_BYTES = 512 * 1024;

type Answer = (
  parameters: URLSearchParams,
  request: FastifyRequest,
) => Promise<string | Readable> | string | Readable;

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
        handler: async (request, reply) =>
          sendJson(reply, await answer(parametersOf(request), request)),
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
  rules: 'Rules; none yet',
  alerts: 'Alerts; none yet',
  targets: 'What is scraped, and how that goes',
  query_exemplars: 'Exemplars; none are kept',
  'status/buildinfo': 'The version whose API this is',
};

function answersOf({
  promql,
  scrapes,
  clock,
  metrics,
}: PrometheusParts): Readonly<Record<string, Answer>> {
  const seriesOf = (parameters: URLSearchParams): Labels[] =>
    promql.series(parameters.getAll('match[]').map((selector) => parseSelector(selector)));
  return {
    query: async (parameters) => {
      const tMs = instantOf(parameters, 'time', clock.nowMs());
      return resultOf(await promql.instant(queryOf(parameters), tMs, limitsOf(parameters)));
    },
    query_range: async (parameters) =>
      resultOf(await promql.range(queryOf(parameters), rangeOf(parameters), limitsOf(parameters))),
    format_query: (parameters) => success(JSON.stringify(format(parse(queryOf(parameters))))),
    series: (parameters) => {
      if (parameters.getAll('match[]').length === 0)
        throw new PromqlError('bad_data', 'no match[] parameter provided');
      return listing(seriesOf(parameters).map(metricJson), parameters);
    },
    labels: (parameters) =>
      listing(
        labelNamesOf(seriesOf(parameters)).map((name) => JSON.stringify(name)),
        parameters,
      ),
    'label/:name/values': (parameters, request) => {
      const { name } = request.params as { name: string };
      return listing(
        labelValuesOf(seriesOf(parameters), name).map((value) => JSON.stringify(value)),
        parameters,
      );
    },
    metadata: (parameters) =>
      success(JSON.stringify(metadataOf(metrics, parameters.get('metric')))),
    targets: (parameters) => success(targetsJson(scrapes, parameters)),
    rules: () => success('{"groups":[]}'),
    alerts: () => success('{"alerts":[]}'),
    query_exemplars: () => success('[]'),
    'status/buildinfo': () =>
      success(JSON.stringify({ version: COMPATIBLE_VERSION, application: 'Hubpulse' })),
  };
}

/** Parameters of the URL, and of the body when it is a form, which GET does not have. */
function parametersOf({ raw, body }: FastifyRequest): URLSearchParams {
  const parameters = new URLSearchParams(raw.url?.split('?')[1] ?? '');
  if (typeof body !== 'string') return parameters;
  for (const [name, value] of new URLSearchParams(body)) parameters.append(name, value);
  return parameters;
}

function metadataOf(metrics: MetricSource, metric: string | null): Record<string, object[]> {
  const families = metrics().filter(
    ({ name }) => metric === null || metric === '' || name === metric,
  );
  return Object.fromEntries(
    families.map(({ name, type, help }) => [name, [{ type, help, unit: '' }]]),
  );
}

function success(data: string): string {
  return `{"status":"success","data":${data}}`;
}

/** A listing with Prometheus' warning when the limit cut it. */
function listing(entries: readonly string[], parameters: URLSearchParams): string {
  const limit = limitOf(parameters);
  const data = `[${entries.slice(0, limit).join(',')}]`;
  if (entries.length <= limit) return success(data);
  return `{"status":"success","data":${data},"warnings":["results truncated due to limit"]}`;
}

function resultOf(result: InstantResult | RangeResult): Readable {
  return Readable.from(envelopeJson(result), { objectMode: false, highWaterMark: 64 * 1024 });
}

function* envelopeJson(result: InstantResult | RangeResult): Generator<string> {
  yield '{"status":"success","data":';
  yield* resultJson(result);
  if (result.warnings.length > 0) yield `,"warnings":${JSON.stringify(result.warnings)}`;
  if (result.infos.length > 0) yield `,"infos":${JSON.stringify(result.infos)}`;
  yield '}';
}

function sendJson(reply: FastifyReply, body: string | Readable): FastifyReply {
  return reply
    .type('application/json; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(body);
}
