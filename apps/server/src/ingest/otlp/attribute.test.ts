import { JsonMetricsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { field, text, varint } from '../message.test-encoder.ts';
import { ProtobufReader } from '../protobuf.ts';
import { attributeText, type Attributes, MAX_TEXT_BYTES } from './attribute.ts';
import { readAttributes } from './attribute-field.ts';
import { encodeJsonRequest } from './json-request.ts';
import { eachMessage } from './nested-message.ts';
import { readResource, readScope } from './resource.ts';

type Values = Parameters<typeof resourceFromAttributes>[0];

const SERIALIZERS = {
  protobuf: ProtobufMetricsSerializer,
  json: JsonMetricsSerializer,
} as const;

/** The attributes of a resource as the SDK sends them and we read them. */
function passThrough(values: Values, encoding: keyof typeof SERIALIZERS): Attributes {
  const sent = SERIALIZERS[encoding].serializeRequest({
    resource: resourceFromAttributes(values),
    scopeMetrics: [],
  });
  const bytes = encoding === 'json' ? encodeJsonRequest(sent as Uint8Array, 'metrics') : sent;
  return resourceIn(bytes as Uint8Array);
}

function resourceIn(bytes: Uint8Array): Attributes {
  const reader = new ProtobufReader();
  reader.open(bytes);
  let resource: Attributes = new Map();
  eachMessage(reader, 0x0a, () =>
    eachMessage(reader, 0x0a, () => (resource = readResource(reader))),
  );
  return resource;
}

const read = (bytes: readonly number[]): Attributes => {
  const reader = new ProtobufReader();
  reader.open(Uint8Array.from(bytes));
  return readAttributes(reader, 0x0a);
};

const keyValue = (key: string, value: readonly number[]): number[] =>
  field(1, [...field(1, text(key)), ...field(2, value)]);

describe.each(['protobuf', 'json'] as const)(
  "attributes that OpenTelemetry's SDK sends as %s",
  (encoding) => {
    test('come with their types', () => {
      const values = {
        text: 'grüße',
        empty: '',
        yes: true,
        no: false,
        whole: -42,
        large: 9_007_199_254_740_991,
        part: 0.1,
        texts: ['a', 'b'],
        numbers: [1, 2.5],
      };
      expect(Object.fromEntries(passThrough(values, encoding))).toEqual(values);
    });

    test('come as they are, whatever they are', () => {
      const value = fc.oneof(
        fc.string({ unit: 'grapheme' }),
        fc
          .double({ noNaN: true })
          .filter((number) => !Object.is(number, -0) && number <= 2 ** 53 && number >= -(2 ** 53)),
        fc.maxSafeInteger(),
        fc.boolean(),
        fc.array(fc.string(), { maxLength: 3 }),
      );
      // The SDK keeps attributes in an object, which has no place for this name.
      const name = fc.string({ minLength: 1 }).filter((key) => key !== '__proto__');
      fc.assert(
        fc.property(fc.dictionary(name, value, { noNullPrototype: true }), (values) => {
          const entries = Object.entries(values);
          expect([...passThrough(values, encoding)]).toEqual(entries);
        }),
      );
    });
  },
);

test.each([
  ['text', 'text'],
  [undefined, ''],
  [true, 'true'],
  [1.5, '1.5'],
  [2n ** 63n - 1n, '9223372036854775807'],
  [['a', 1, undefined, 2n ** 60n], '["a",1,null,"1152921504606846976"]'],
  [
    new Map<string, string | number[]>([
      ['b', 'x'],
      ['a', [1]],
    ]),
    '{"b":"x","a":[1]}',
  ],
  [Uint8Array.of(1, 2, 255), 'AQL/'],
])('the text of %s is %s', (value, want) => {
  expect(attributeText(value)).toBe(want);
});

test('integers are exact in all 64 bits', () => {
  for (const value of [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n]) {
    expect(read(keyValue('a', [0x18, ...varint(value)])).get('a')).toBe(value);
  }
  expect(read(keyValue('a', [0x18, ...varint(-1)])).get('a')).toBe(-1);
});

test('an attribute without a value is undefined, one without a key has an empty one', () => {
  expect(read(field(1, field(1, text('a'))))).toEqual(new Map([['a', undefined]]));
  expect(read(field(1, field(2, field(1, text('x')))))).toEqual(new Map([['', 'x']]));
});

test('of a name given twice the last value counts', () => {
  const twice = [...keyValue('a', field(1, text('x'))), ...keyValue('a', field(1, text('y')))];
  expect(read(twice)).toEqual(new Map([['a', 'y']]));
});

test('a long text is cut, not refused', () => {
  const value = read(keyValue('a', field(1, text('x'.repeat(100_000))))).get('a');
  expect(value).toBe('x'.repeat(MAX_TEXT_BYTES));
});

test('a scope has a name, a version and attributes', () => {
  const reader = new ProtobufReader();
  const attribute = [...field(1, text('k')), ...field(2, [0x10, 1])];
  reader.open(
    Uint8Array.from([...field(1, text('lib')), ...field(2, text('1.2')), ...field(3, attribute)]),
  );
  expect(readScope(reader)).toEqual({
    name: 'lib',
    version: '1.2',
    attributes: new Map([['k', true]]),
  });
});

describe('what is refused as malformed', () => {
  const nested = (levels: number): number[] =>
    levels === 0 ? [0x10, 1] : field(5, field(1, nested(levels - 1)));

  test('lists deeper than any use', () => {
    expect(read(keyValue('a', nested(16))).size).toBe(1);
    expect(() => read(keyValue('a', nested(18)))).toThrow(
      'got an attribute with lists or maps 16 levels deep',
    );
  });

  test('more attributes than any use', () => {
    const many = Array.from({ length: 1001 }, (_, i) => keyValue(`a${i}`, [0x10, 1])).flat();
    expect(() => read(many)).toThrow('got more than 1000 attributes in one place');
  });

  test('a text that is no UTF-8', () => {
    expect(() => read(keyValue('a', field(1, [0x61, 0xff])))).toThrow('no UTF-8');
  });
});
