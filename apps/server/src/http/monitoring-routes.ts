import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { MAX_POINTS, OVERVIEW_POINTS, RANGES } from '@hubpulse/api';
import { errorSchema, monitoringMetricsSchema, overviewSchema } from '@hubpulse/api/schemas';
import type { Clock } from '../clock.ts';
import { HttpError } from '../errors.ts';
import type { OverviewQuery } from '../query/overview.ts';
import { parseTimeWindow, type TimeWindow, type WindowQuery } from '../query/time-window.ts';

const oneValue = z.string('one value');

/** What `points` must be; each of its checks says the whole. */
const POINTS_WANTED = `a whole number from 1 to ${MAX_POINTS}`;

const windowQuery = {
  range: oneValue.optional().describe(`One of ${RANGES.join(', ')}; ends now. Default 1h.`),
  from: z.string().optional().describe('Unix milliseconds, or ISO 8601 with a time zone'),
  to: z.string().optional().describe('Like from; default now'),
};

/** The two feeds of the dashboard. */
export function addMonitoringRoutes(
  app: FastifyInstance,
  { query, clock }: { query: OverviewQuery; clock: Clock },
): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const errors = { 400: errorSchema, 422: errorSchema, 503: errorSchema };

  routes.get(
    '/api/v1/monitoring/metrics',
    {
      schema: {
        summary: 'CPU, memory, disk, response time and error rate over time',
        tags: ['monitoring'],
        querystring: z.object(windowQuery),
        response: { 200: monitoringMetricsSchema, ...errors },
      },
    },
    async (request) => query.monitoringMetrics(windowOf(request.query, clock)),
  );

  routes.get(
    '/api/v1/monitoring/overview',
    {
      schema: {
        summary: 'Everything that the overview page draws, in columns',
        tags: ['monitoring'],
        querystring: z.object({
          ...windowQuery,
          points: z.coerce
            .number(POINTS_WANTED)
            .int(POINTS_WANTED)
            .min(1, POINTS_WANTED)
            .max(MAX_POINTS, POINTS_WANTED)
            .default(OVERVIEW_POINTS),
        }),
        response: { 200: overviewSchema, ...errors },
      },
    },
    async (request) => query.overview(windowOf(request.query, clock), request.query.points),
  );
}

function windowOf(query: WindowQuery, clock: Clock): TimeWindow {
  const parsed = parseTimeWindow(query, clock.nowMs());
  if ('problem' in parsed) throw new HttpError('bad_range', parsed.problem);
  return parsed.window;
}
