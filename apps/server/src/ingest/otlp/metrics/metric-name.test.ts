import { expect, test } from 'vitest';
import { type MetricKind, metricNameOf, unitNameOf } from './metric-name.ts';

/** After the tests and the documentation of Prometheus' own translation. */
test.each<[string, string, MetricKind, string]>([
  ['http.server.request.duration', 's', 'histogram', 'http_server_request_duration_seconds'],
  ['gen_ai.client.token.usage', '{token}', 'histogram', 'gen_ai_client_token_usage'],
  ['requests', '', 'counter', 'requests_total'],
  ['requests_total', '', 'counter', 'requests_total'],
  ['requests.total.count', '', 'counter', 'requests_count_total'],
  ['cpu.seconds', 's', 'counter', 'cpu_seconds_total'],
  ['items', '1', 'counter', 'items_total'],
  ['items', '1', 'sum', 'items'],
  ['cpu_usage', '1', 'gauge', 'cpu_usage_ratio'],
  ['cpu_usage_ratio', '1', 'gauge', 'cpu_usage_ratio'],
  ['response_time_seconds', 's', 'gauge', 'response_time_seconds'],
  ['throughput', 'By/s', 'gauge', 'throughput_bytes_per_second'],
  ['requests', '1/s', 'counter', 'requests_per_second_total'],
  ['speed', 'km/h', 'gauge', 'speed_km_per_hour'],
  ['custom', 'By/{request}', 'gauge', 'custom_bytes'],
  ['custom', '{request}/s', 'gauge', 'custom_per_second'],
  ['custom', 'By/', 'gauge', 'custom_bytes'],
  ['custom', 'custom_unit', 'gauge', 'custom_custom_unit'],
  ['custom', 'unit@with#special/chars', 'gauge', 'custom_unit_with_special_per_chars'],
  ['memory', 'MiBy', 'gauge', 'memory_mebibytes'],
  ['disk', '%', 'gauge', 'disk_percent'],
  ['temperature', 'Cel', 'gauge', 'temperature_celsius'],
  ['a__b..c', 'u__v', 'gauge', 'a_b_c_u_v'],
  ['.leading.and.trailing.', '', 'gauge', 'leading_and_trailing'],
  ['with:colon', '', 'gauge', 'with:colon'],
  ['1st', '', 'gauge', '_1st'],
  ['größe', '', 'gauge', 'gr_e'],
  ['@#$%', '', 'gauge', ''],
  ['', '', 'gauge', ''],
])('%j in %j, a %s, is %j', (name, unit, kind, want) => {
  expect(metricNameOf(name, unit, kind)).toBe(want);
});

test.each([
  ['s', 'seconds'],
  ['By/s', 'bytes_per_second'],
  ['1/s', 'per_second'],
  ['1', ''],
  ['{token}', ''],
  ['', ''],
])('the unit %j is %j in metadata', (unit, want) => {
  expect(unitNameOf(unit)).toBe(want);
});
