import { dbMeasurements } from './db-measurements.ts';
import type { Measurement } from './family.ts';
import { genAiMeasurements } from './gen-ai-measurements.ts';
import { httpMeasurements } from './http-measurements.ts';
import type { Span } from './span.ts';

/** All that a span measures; nothing for the many spans that no metric is made of. */
export function measurementsOf(span: Span): Measurement[] {
  return [...httpMeasurements(span), ...dbMeasurements(span), ...genAiMeasurements(span)];
}
