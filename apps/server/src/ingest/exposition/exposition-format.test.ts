import { expect, test } from 'vitest';
import { formatOf } from './exposition-format.ts';

test.each([
  ['application/openmetrics-text; version=1.0.0; charset=utf-8', 'openmetrics'],
  ['Application/OpenMetrics-Text', 'openmetrics'],
  ['text/plain; version=0.0.4', 'text'],
  ['text/html', 'text'],
  ['', 'text'],
  [undefined, 'text'],
  ['application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily', undefined],
])('the content type %s means %s', (contentType, format) => {
  expect(formatOf(contentType)).toBe(format);
});
