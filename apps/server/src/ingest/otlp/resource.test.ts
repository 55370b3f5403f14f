import { createLabels, formatLabels } from '@hubpulse/model';
import { expect, test } from 'vitest';
import { labelNameOf, labelsOf } from './label-name.ts';
import { targetInfoLabels, targetLabels } from './resource.ts';

const target = (attributes: Record<string, string | number>): string =>
  formatLabels(createLabels(targetLabels(new Map(Object.entries(attributes)))));

test.each([
  ['http.request.method', 'http_request_method'],
  ['already_good', 'already_good'],
  ['a-b/c', 'a_b_c'],
  ['grüße', 'gr__e'],
  ['😀', 'key_'],
  ['1st', 'key_1st'],
  ['_hidden', 'key_hidden'],
  ['__reserved', '__reserved'],
  ['...', ''],
  ['', ''],
])('the label of the attribute %j is %j', (attribute, label) => {
  expect(labelNameOf(attribute)).toBe(label);
});

test('attributes that come to one label are joined in the order of their names', () => {
  const attributes = new Map([
    ['a_b', '2'],
    ['a.b', '1'],
    ['c', '3'],
  ]);
  expect([...labelsOf(attributes)]).toEqual([
    ['a_b', '1;2'],
    ['c', '3'],
  ]);
});

test('the service is the job, its instance the instance', () => {
  expect(
    target({
      'service.name': 'api',
      'service.namespace': 'shop',
      'service.instance.id': 'i-1',
      'host.name': 'web-1',
    }),
  ).toBe('{host_name="web-1",instance="i-1",job="shop/api"}');
});

test('a service that does not say its name is unknown', () => {
  expect(target({ 'service.namespace': 'shop' })).toBe('{job="shop/unknown_service"}');
});

test.each([
  [
    { 'k8s.pod.name': 'api-7f', 'container.id': 'c1', 'host.name': 'h', 'process.pid': 7 },
    'api-7f',
  ],
  [{ 'container.id': 'c1', 'host.name': 'h', 'process.pid': 7 }, 'c1'],
  [{ 'host.name': 'h', 'process.pid': 7 }, 'h:7'],
  [{ 'host.name': 'h' }, 'h'],
  [{ 'process.pid': 7 }, undefined],
])('without an instance, %j is called %s', (attributes, instance) => {
  const labels = new Map(
    targetLabels(new Map<string, string | number>(Object.entries(attributes))),
  );
  expect(labels.get('instance') || undefined).toBe(instance);
});

test('target_info has what else is known', () => {
  const resource = new Map<string, string | number>([
    ['service.name', 'api'],
    ['service.version', '1.2'],
    ['process.pid', 7],
    ['job', 'not this'],
  ]);
  expect(formatLabels(createLabels(targetInfoLabels(resource)))).toBe(
    '{job="api",process_pid="7",service_version="1.2"}',
  );
});
