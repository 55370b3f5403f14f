import type { Attributes } from '../otlp/attribute.ts';
import { FAMILIES, type Measurement, OTHER } from './family.ts';
import { knownOr, textOf } from './label-value.ts';
import { type Span, SpanKind } from './span.ts';

/** The methods that the semantic conventions name; clients may send anything, so others are one value. */
const METHODS: ReadonlySet<string> = new Set([
  ...['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'QUERY', 'TRACE'],
]);

const SCHEMES: ReadonlySet<string> = new Set(['http', 'https']);

/**
 * The duration of a request that a server answered. Both generations of names are read: `http.request.method` and
 * `http.method`, and so on.
 */
export function httpMeasurements(span: Span): Measurement[] {
  const { kind, attributes, durationSeconds } = span;
  if (kind !== SpanKind.SERVER) return [];
  const method = textOf(attributes, 'http.request.method', 'http.method');
  if (method === '') return [];
  const status = statusCodeOf(attributes);
  const labels = [
    knownOr(method, METHODS),
    status,
    textOf(attributes, 'http.route'),
    knownOr(textOf(attributes, 'url.scheme', 'http.scheme').toLowerCase(), SCHEMES),
    textOf(attributes, 'error.type') || errorOf(span, status),
  ];
  return [{ family: FAMILIES.httpServer, labels, values: [durationSeconds] }];
}

function statusCodeOf(attributes: Attributes): string {
  const status = textOf(attributes, 'http.response.status_code', 'http.status_code');
  return status === '' || /^[1-5]\d\d$/.test(status) ? status : OTHER;
}

/** What the conventions say of `error.type` where the sender is older than it: the code of a server error. */
function errorOf({ isError }: Span, status: string): string {
  if (status.startsWith('5')) return status;
  return isError ? OTHER : '';
}
