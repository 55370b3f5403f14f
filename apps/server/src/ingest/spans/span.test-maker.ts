import type { AttributeValue } from '../otlp/attribute.ts';
import { measurementsOf } from './measurements.ts';
import { type Span, SpanKind } from './span.ts';

/** A span as tests write it. */
export interface TestSpan extends Partial<Omit<Span, 'kind' | 'attributes'>> {
  readonly kind?: keyof typeof SpanKind;
}

/** Makes a span that took a quarter of a second. */
export function spanOf(
  attributes: Readonly<Record<string, AttributeValue>>,
  { kind = 'CLIENT', ...rest }: TestSpan = {},
): Span {
  return {
    kind: SpanKind[kind],
    durationSeconds: 0.25,
    isError: false,
    attributes: new Map(Object.entries(attributes)),
    chunkSeconds: [],
    lacksEvents: false,
    ...rest,
  };
}

/** What a span measures, as texts: `name{label="value"} value`. */
export function measured(
  attributes: Readonly<Record<string, AttributeValue>>,
  rest: TestSpan = {},
): string[] {
  return measurementsOf(spanOf(attributes, rest)).flatMap(({ family, labels, values }) => {
    const pairs = family.dimensions
      .map(({ label }, i) => [label, labels[i]])
      .filter(([, text]) => text !== '')
      .map(([label, text]) => `${label}="${text}"`);
    return values.map((value) => `${family.name}{${pairs.join(',')}} ${value}`);
  });
}
