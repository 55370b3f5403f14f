/** Encodes `ExportTraceServiceRequest` for tests, after the `.proto` files: it shares nothing with the decoder. */
import { field, text, varint } from '../../message.test-encoder.ts';

/** A value of an attribute as tests write it. */
type TestValue = string | number | boolean | readonly string[];

export interface TestEvent {
  readonly name: string;
  readonly atNs?: bigint;
}

/** A span as tests write it; ids and times are good unless they say otherwise. */
export interface TestTraceSpan {
  readonly traceId?: readonly number[];
  readonly spanId?: readonly number[];
  readonly name?: string;
  readonly kind?: number;
  readonly startNs?: bigint;
  readonly endNs?: bigint;
  readonly attributes?: Readonly<Record<string, TestValue>>;
  readonly events?: readonly TestEvent[];
  readonly droppedEvents?: number;
  readonly links?: number;
  readonly status?: number;
}

export const START_NS = 1_800_000_000_123_456_789n;

const fixed64 = (value: bigint): number[] => {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setBigUint64(0, value, true);
  return [...new Uint8Array(bytes.buffer)];
};

const double = (value: number): number[] => {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setFloat64(0, value, true);
  return [...new Uint8Array(bytes.buffer)];
};

function anyValue(value: TestValue): number[] {
  if (typeof value === 'string') return field(1, text(value));
  if (typeof value === 'boolean') return [0x10, value ? 1 : 0];
  if (typeof value !== 'number')
    return field(
      5,
      value.flatMap((one) => field(1, anyValue(one))),
    );
  return Number.isInteger(value) ? [0x18, ...varint(value)] : [0x21, ...double(value)];
}

const attributeFields = (number: number, attributes: TestTraceSpan['attributes']): number[] =>
  Object.entries(attributes ?? {}).flatMap(([key, value]) =>
    field(number, [...field(1, text(key)), ...field(2, anyValue(value))]),
  );

const ids = (length: number): number[] => Array.from({ length }, (_, i) => i);

/** The content of a `Span`. */
export function spanMessage(span: TestTraceSpan): number[] {
  const { startNs = START_NS, endNs = startNs + 250_000_000n, events = [] } = span;
  return [
    ...field(1, span.traceId ?? ids(16)),
    ...field(2, span.spanId ?? ids(8)),
    ...field(5, text(span.name ?? 'a span')),
    ...[0x30, span.kind ?? 2],
    ...[0x39, ...fixed64(startNs)],
    ...[0x41, ...fixed64(endNs)],
    ...attributeFields(9, span.attributes),
    ...events.flatMap(({ name, atNs = startNs }) =>
      field(11, [0x09, ...fixed64(atNs), ...field(2, text(name)), ...attributeFields(3, { a: 1 })]),
    ),
    ...[0x60, ...varint(span.droppedEvents ?? 0)],
    ...Array.from({ length: span.links ?? 0 }, () => field(13, field(1, ids(16)))).flat(),
    ...field(15, [...field(2, text('message')), 0x18, span.status ?? 0]),
  ];
}

/** `ResourceSpans`, its resource last if so wished. */
export function resourceSpans(
  resource: Readonly<Record<string, TestValue>>,
  spans: readonly TestTraceSpan[],
  { isResourceLast = false }: { isResourceLast?: boolean } = {},
): number[] {
  const described = field(1, attributeFields(1, resource));
  const scope = field(1, field(1, text('a scope')));
  const scoped = field(2, [...scope, ...spans.flatMap((span) => field(2, spanMessage(span)))]);
  return field(1, isResourceLast ? [...scoped, ...described] : [...described, ...scoped]);
}

/** A request with the spans of one service. */
export function traceRequest(...spans: readonly TestTraceSpan[]): Uint8Array {
  return Uint8Array.from(resourceSpans({ 'service.name': 'api' }, spans));
}
