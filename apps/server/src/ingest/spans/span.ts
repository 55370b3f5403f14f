import type { Label } from '@hubpulse/model';
import type { Attributes } from '../otlp/attribute.ts';
import type { Measurement } from './family.ts';

/** What a span is to its process: the numbers of `SpanKind` in OTLP. */
export const SpanKind = {
  UNSPECIFIED: 0,
  INTERNAL: 1,
  SERVER: 2,
  CLIENT: 3,
  PRODUCER: 4,
  CONSUMER: 5,
} as const;

/** As much of a span as measurements need. */
export interface Span {
  readonly kind: number;
  /** Seconds from start to end, 0 or more. */
  readonly durationSeconds: number;
  /** Whether the span's status is an error. */
  readonly isError: boolean;
  readonly attributes: Attributes;
  /** When something of the answer arrived, seconds since the span's start, in the order of the events that say so. */
  readonly chunkSeconds: readonly number[];
  /** Whether the sender left out events of this span, so that `chunkSeconds` may lack some. */
  readonly lacksEvents: boolean;
}

/** Spans of one sender, as far as they are needed: what each measures, which may be nothing. */
export interface SpanGroup {
  readonly job: string;
  /** What every series of the sender carries: `job` and what tells its processes apart. */
  readonly target: readonly Label[];
  readonly spans: readonly (readonly Measurement[])[];
}
