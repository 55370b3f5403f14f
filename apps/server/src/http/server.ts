import fastifyCompress from '@fastify/compress';
import fastifySwagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import type { Clock } from '../clock.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type { LiveFrames } from '../live/live-frames.ts';
import type { OverviewQuery } from '../query/overview.ts';
import type { PromqlQuery } from '../query/promql-query.ts';
import type { Rules } from '../rules/rules.ts';
import { type BaseParts, createBaseServer } from './base-server.ts';
import { addDashboardRoutes } from './dashboard-routes.ts';
import { addDeletionRoutes, type DeletionParts } from './deletion-routes.ts';
import { addHealthRoutes, type HealthParts } from './health-routes.ts';
import { addIngestRoutes } from './ingest-routes.ts';
import { addLiveRoute, type LiveRoute } from './live-route.ts';
import { addMonitoringRoutes } from './monitoring-routes.ts';
import { addOtlpRoutes } from './otlp-routes.ts';
import { addPrometheusRoutes } from './prometheus/prometheus-routes.ts';
import type { ScrapedTargets } from './prometheus/targets-json.ts';

/** What the HTTP server needs from the rest. */
export interface HttpParts extends BaseParts {
  readonly clock: Clock;
  readonly dashboardDirectory: string;
  readonly health: HealthParts;
  readonly ingest: Ingest;
  readonly scrapes: ScrapedTargets;
  readonly query: OverviewQuery;
  readonly promql: PromqlQuery;
  readonly store: DeletionParts['store'];
  readonly rules: Pick<Rules, 'groups'>;
  readonly frames: LiveFrames;
}

/** The server before it listens, and its live route for the figures. */
export interface HttpServer {
  readonly app: FastifyInstance;
  readonly live: LiveRoute;
}

/** Smaller answers grow rather than shrink. */
const COMPRESS_FROM_BYTES = 1024;

/** Builds the server with all its routes; it does not listen yet. */
export async function createHttpServer(parts: HttpParts): Promise<HttpServer> {
  const app = createBaseServer(parts);
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
  await addPrometheusRoutes(app, {
    ...parts,
    metrics: parts.health.metrics,
    metadata: parts.ingest.metadata,
  });
  const live = addLiveRoute(app, parts);
  await addDashboardRoutes(app, {
    directory: parts.dashboardDirectory,
    version: parts.health.version,
    query: parts.query,
    clock: parts.clock,
  });
  return { app, live };
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
