import { expect, test } from 'vitest';
import { formatFamilies } from './metric-family.ts';
import { createRequestMetrics } from './request-metrics.ts';

const request = { method: 'GET', route: '/healthz', statusCode: 200, durationSeconds: 0.02 };

test('requests become a cumulative histogram with the names of the semantic conventions', () => {
  const metrics = createRequestMetrics();
  for (const durationSeconds of [0.004, 0.005, 0.02, 99])
    metrics.record({ ...request, durationSeconds });
  const lines = formatFamilies(metrics.source()).split('\n');
  const labels =
    'http_request_method="GET",http_response_status_code="200",http_route="/healthz",url_scheme="http"';
  expect(lines).toContain(`http_server_request_duration_seconds_bucket{${labels},le="0.005"} 2`);
  expect(lines).toContain(`http_server_request_duration_seconds_bucket{${labels},le="0.01"} 2`);
  expect(lines).toContain(`http_server_request_duration_seconds_bucket{${labels},le="10"} 3`);
  expect(lines).toContain(`http_server_request_duration_seconds_bucket{${labels},le="+Inf"} 4`);
  expect(lines).toContain(`http_server_request_duration_seconds_count{${labels}} 4`);
  expect(lines).toContain(`http_server_request_duration_seconds_sum{${labels}} 99.029`);
});

test('an unknown method and a path without route make no series of their own', () => {
  const metrics = createRequestMetrics();
  for (const method of ['BREW', 'X-1', 'X-2'])
    metrics.record({ ...request, method, route: '', statusCode: 404 });
  const points = metrics.source()[0]?.points.filter(({ suffix }) => suffix === '_count') ?? [];
  expect(points.map(({ value }) => value)).toEqual([3]);
  expect(points[0]?.labels).toEqual([
    ['http_request_method', '_OTHER'],
    ['http_response_status_code', '404'],
    ['url_scheme', 'http'],
  ]);
});
