/**
 * The contract as zod schemas, for the server: they validate requests, print answers and become the OpenAPI document.
 * Browsers import types from the package's main entry instead, which holds no zod.
 */
import { z } from 'zod';
import type { ErrorBody, Health, MetricPoint, MonitoringMetrics, Overview } from './monitoring.ts';
import { MAX_POINTS } from './monitoring.ts';

const figure: z.ZodType<number | null> = z.number().nullable();
const instant: z.ZodNumber = z.number().int().describe('Unix milliseconds');
const grid = { fromMs: instant, toMs: instant, stepMs: z.number().int().positive() };

const metricPoint: z.ZodType<MetricPoint> = z.object({
  timestamp: instant.describe('End of the step, Unix milliseconds'),
  cpu: figure.describe('CPU in use, percent'),
  memory: figure.describe('Memory in use, percent'),
  disk: figure.describe('Fullest disk, percent'),
  responseTime: figure.describe('Response time p95, milliseconds'),
  errorRate: figure.describe('Failed requests, percent'),
});

/** Answer of `GET /api/v1/monitoring/metrics`. */
export const monitoringMetricsSchema: z.ZodType<MonitoringMetrics> = z.object({
  ...grid,
  data: z.array(metricPoint).max(MAX_POINTS),
});

const line = z.object({
  id: z.string(),
  panel: z.enum(['signals', 'response', 'requests', 'cpu_by_host', 'network', 'disk_io']),
  name: z.string(),
  unit: z.enum(['percent', 'milliseconds', 'requests_per_second', 'bytes_per_second']),
  aggregate: z.enum(['mean', 'max']),
  values: z.array(figure).max(MAX_POINTS),
});

const perSignal = <T extends z.ZodType>(of: T) =>
  z.object({ cpu: of, memory: of, disk: of, response_time: of, error_rate: of });

/** Answer of `GET /api/v1/monitoring/overview`. */
export const overviewSchema: z.ZodType<Overview> = z.object({
  ...grid,
  nowMs: instant,
  frameIntervalMs: z.number().int().positive(),
  lines: z.array(line),
  previous: perSignal(figure),
  latest: perSignal(z.object({ tMs: instant, value: z.number() }).nullable()),
});

/** Body of every answer that is an error. */
export const errorSchema: z.ZodType<ErrorBody> = z.object({
  error: z.object({ code: z.string(), message: z.string() }),
});

/** Answer of `GET /healthz` and `GET /readyz`. */
export const healthSchema: z.ZodType<Health> = z.object({
  status: z.literal('ok'),
  version: z.string(),
  uptimeSeconds: z.number().nonnegative(),
});

/** Body of `POST /api/v1/samples`. It describes; the server reads such bodies by hand, since they can be large. */
export const sampleListSchema: z.ZodType = z.array(
  z.object({
    metric: z.string().min(1).describe('Name of the metric'),
    labels: z.record(z.string(), z.string()).optional(),
    value: z.union([z.number(), z.enum(['NaN', '+Inf', '-Inf'])]),
    timestamp: instant.optional().describe('Unix milliseconds; now when left out'),
  }),
);

/** Answer of `POST /api/v1/samples`. */
export const storedSchema: z.ZodType<{ readonly stored: number }> = z.object({
  stored: z.number().int().describe('Samples that are durable now'),
});
