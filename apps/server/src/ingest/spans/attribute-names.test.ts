import { expect, test } from 'vitest';
import type { AttributeValue } from '../otlp/attribute.ts';
import { MEASURED_ATTRIBUTES } from './attribute-names.ts';
import { measurementsOf } from './measurements.ts';
import { type Span, SpanKind } from './span.ts';
import { spanOf } from './span.test-maker.ts';

/** Attributes that write down which of them are asked for. */
class AskedAttributes extends Map<string, AttributeValue> {
  readonly asked = new Set<string>();

  override get(name: string): AttributeValue {
    this.asked.add(name);
    return super.get(name);
  }

  override has(name: string): boolean {
    this.asked.add(name);
    return super.has(name);
  }
}

const SPANS: readonly (readonly [keyof typeof SpanKind, Record<string, AttributeValue>])[] = [
  ['SERVER', { 'http.method': 'GET' }],
  ['CLIENT', { 'db.system': 'mysql' }],
  ['CLIENT', { 'db.system': 'mysql', 'db.sql.table': 't' }],
  ['CLIENT', { 'openinference.span.kind': 'LLM' }],
  [
    'CLIENT',
    {
      'gen_ai.system': 'anthropic',
      'gen_ai.operation.name': 'chat',
      'gen_ai.usage.prompt_tokens': 1,
      'gen_ai.usage.completion_tokens': 1,
    },
  ],
  ['SERVER', { 'gen_ai.operation.name': 'chat' }],
];

test('are those that measurements ask for, no more and no fewer', () => {
  const asked = new Set<string>();
  for (const [kind, values] of SPANS) {
    const attributes = new AskedAttributes(Object.entries(values));
    const span: Span = { ...spanOf({}, { kind, isError: true }), attributes };
    measurementsOf(span);
    for (const name of attributes.asked) asked.add(name);
  }
  expect([...asked].toSorted()).toEqual([...MEASURED_ATTRIBUTES].toSorted());
});
