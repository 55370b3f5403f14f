import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Health } from '@hubpulse/api';
import { errorSchema, healthSchema } from '@hubpulse/api/schemas';
import { HttpError } from '../errors.ts';
import {
  EXPOSITION_CONTENT_TYPE,
  formatFamilies,
  type MetricSource,
} from '../self/metric-family.ts';
import type { Readiness } from '../self/readiness.ts';

/** What the health routes tell. */
export interface HealthParts {
  readonly version: string;
  readonly uptimeSeconds: () => number;
  readonly readiness: () => Promise<Readiness>;
  readonly metrics: MetricSource;
}

/**
 * `/healthz` (the process answers), `/readyz` (the store takes and gives), both also under Prometheus' names, and
 * `/metrics` (our own figures).
 */
export function addHealthRoutes(
  app: FastifyInstance,
  { version, uptimeSeconds, readiness, metrics }: HealthParts,
): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const health = (): Health => ({ status: 'ok', version, uptimeSeconds: uptimeSeconds() });

  routes.get(
    '/healthz',
    {
      schema: {
        summary: 'Whether the process answers',
        tags: ['health'],
        response: { 200: healthSchema },
      },
    },
    async () => health(),
  );

  routes.get(
    '/readyz',
    {
      schema: {
        summary: 'Whether the store takes a write and gives it back',
        tags: ['health'],
        response: { 200: healthSchema, 503: errorSchema },
      },
    },
    async () => {
      const checked = await readiness();
      if (!checked.ready) throw new HttpError('not_ready', checked.reason);
      return health();
    },
  );

  // What `promtool check healthy` and `check ready` ask for, in words like Prometheus'.
  app.get(
    '/-/healthy',
    { schema: { summary: 'As /healthz', tags: ['health'] } },
    () => 'Hubpulse is healthy.\n',
  );
  app.get('/-/ready', { schema: { summary: 'As /readyz', tags: ['health'] } }, async () => {
    const checked = await readiness();
    if (!checked.ready) throw new HttpError('not_ready', checked.reason);
    return 'Hubpulse is ready.\n';
  });

  app.get(
    '/metrics',
    { schema: { summary: 'Metrics of Hubpulse itself, Prometheus text format', tags: ['health'] } },
    (_request, reply) => reply.type(EXPOSITION_CONTENT_TYPE).send(formatFamilies(metrics())),
  );
}
