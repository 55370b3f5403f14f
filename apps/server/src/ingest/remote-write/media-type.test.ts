import { expect, test } from 'vitest';
import { isSnappy, messageOf } from './media-type.ts';

test.each([
  ['application/x-protobuf', 'prometheus.WriteRequest'],
  ['Application/X-Protobuf', 'prometheus.WriteRequest'],
  ['application/x-protobuf;proto=prometheus.WriteRequest', 'prometheus.WriteRequest'],
  ['application/x-protobuf; charset=utf-8', 'prometheus.WriteRequest'],
  ['application/x-protobuf;proto=io.prometheus.write.v2.Request', 'io.prometheus.write.v2.Request'],
  [
    'application/x-protobuf ; Proto="io.prometheus.write.v2.Request"',
    'io.prometheus.write.v2.Request',
  ],
  ['application/x-protobuf;proto=io.prometheus.write.v3.Request', undefined],
  ['application/x-protobuf;proto=', undefined],
  ['application/json', undefined],
  ['', undefined],
])('the Content-Type "%s" names %s', (contentType, message) => {
  expect(messageOf(contentType)).toBe(message);
});

test.each([
  [undefined, true],
  ['snappy', true],
  ['SNAPPY', true],
  ['gzip', false],
  ['snappy, gzip', false],
  ['zstd', false],
])('the Content-Encoding %s is Snappy: %s', (encoding, expected) => {
  expect(isSnappy(encoding)).toBe(expected);
});
