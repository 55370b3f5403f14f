/** How a field of a message is written, in JSON and in Protocol Buffers. `hex` is bytes that OTLP's JSON writes as hexadecimal. */
export type FieldKind =
  | 'string'
  | 'bool'
  | 'double'
  | 'fixed64'
  | 'sfixed64'
  | 'fixed32'
  | 'int64'
  | 'uint64'
  | 'uint32'
  | 'sint32'
  | 'bytes'
  | 'hex';

/** A field: its number, its kind or the message it holds, and whether it is a list. */
export interface FieldRule {
  readonly number: number;
  readonly of: FieldKind | (() => MessageSchema);
  readonly isList: boolean;
}

/** The fields of a message by their JSON names. Fields that nobody here reads are left out. */
export type MessageSchema = Readonly<Record<string, FieldRule>>;

const one = (number: number, of: FieldRule['of']): FieldRule => ({ number, of, isList: false });
const list = (number: number, of: FieldRule['of']): FieldRule => ({ number, of, isList: true });

/** `opentelemetry.proto.common.v1` */
const ANY_VALUE: MessageSchema = {
  stringValue: one(1, 'string'),
  boolValue: one(2, 'bool'),
  intValue: one(3, 'int64'),
  doubleValue: one(4, 'double'),
  arrayValue: one(5, () => ARRAY_VALUE),
  kvlistValue: one(6, () => KEY_VALUE_LIST),
  bytesValue: one(7, 'bytes'),
};
const ARRAY_VALUE: MessageSchema = { values: list(1, () => ANY_VALUE) };
const KEY_VALUE: MessageSchema = { key: one(1, 'string'), value: one(2, () => ANY_VALUE) };
const KEY_VALUE_LIST: MessageSchema = { values: list(1, () => KEY_VALUE) };
const SCOPE: MessageSchema = {
  name: one(1, 'string'),
  version: one(2, 'string'),
  attributes: list(3, () => KEY_VALUE),
};

/** `opentelemetry.proto.resource.v1` */
const RESOURCE: MessageSchema = { attributes: list(1, () => KEY_VALUE) };

/** `opentelemetry.proto.metrics.v1` */
const EXEMPLAR: MessageSchema = {
  timeUnixNano: one(2, 'fixed64'),
  asDouble: one(3, 'double'),
  asInt: one(6, 'sfixed64'),
};
const NUMBER_POINT: MessageSchema = {
  startTimeUnixNano: one(2, 'fixed64'),
  timeUnixNano: one(3, 'fixed64'),
  asDouble: one(4, 'double'),
  exemplars: list(5, () => EXEMPLAR),
  asInt: one(6, 'sfixed64'),
  attributes: list(7, () => KEY_VALUE),
  flags: one(8, 'uint32'),
};
const HISTOGRAM_POINT: MessageSchema = {
  startTimeUnixNano: one(2, 'fixed64'),
  timeUnixNano: one(3, 'fixed64'),
  count: one(4, 'fixed64'),
  sum: one(5, 'double'),
  bucketCounts: list(6, 'fixed64'),
  explicitBounds: list(7, 'double'),
  exemplars: list(8, () => EXEMPLAR),
  attributes: list(9, () => KEY_VALUE),
  flags: one(10, 'uint32'),
};
const BUCKETS: MessageSchema = { offset: one(1, 'sint32'), bucketCounts: list(2, 'uint64') };
const EXPONENTIAL_POINT: MessageSchema = {
  attributes: list(1, () => KEY_VALUE),
  startTimeUnixNano: one(2, 'fixed64'),
  timeUnixNano: one(3, 'fixed64'),
  count: one(4, 'fixed64'),
  sum: one(5, 'double'),
  scale: one(6, 'sint32'),
  zeroCount: one(7, 'fixed64'),
  positive: one(8, () => BUCKETS),
  negative: one(9, () => BUCKETS),
  flags: one(10, 'uint32'),
  exemplars: list(11, () => EXEMPLAR),
  zeroThreshold: one(14, 'double'),
};
const QUANTILE: MessageSchema = { quantile: one(1, 'double'), value: one(2, 'double') };
const SUMMARY_POINT: MessageSchema = {
  startTimeUnixNano: one(2, 'fixed64'),
  timeUnixNano: one(3, 'fixed64'),
  count: one(4, 'fixed64'),
  sum: one(5, 'double'),
  quantileValues: list(6, () => QUANTILE),
  attributes: list(7, () => KEY_VALUE),
  flags: one(8, 'uint32'),
};
const TEMPORALITY = one(2, 'uint32');
const METRIC: MessageSchema = {
  name: one(1, 'string'),
  description: one(2, 'string'),
  unit: one(3, 'string'),
  gauge: one(5, () => ({ dataPoints: list(1, () => NUMBER_POINT) })),
  sum: one(7, () => SUM),
  histogram: one(9, () => HISTOGRAM),
  exponentialHistogram: one(10, () => EXPONENTIAL_HISTOGRAM),
  summary: one(11, () => SUMMARY),
};
const SUM: MessageSchema = {
  dataPoints: list(1, () => NUMBER_POINT),
  aggregationTemporality: TEMPORALITY,
  isMonotonic: one(3, 'bool'),
};
const HISTOGRAM: MessageSchema = {
  dataPoints: list(1, () => HISTOGRAM_POINT),
  aggregationTemporality: TEMPORALITY,
};
const EXPONENTIAL_HISTOGRAM: MessageSchema = {
  dataPoints: list(1, () => EXPONENTIAL_POINT),
  aggregationTemporality: TEMPORALITY,
};
const SUMMARY: MessageSchema = { dataPoints: list(1, () => SUMMARY_POINT) };
const SCOPE_METRICS: MessageSchema = {
  scope: one(1, () => SCOPE),
  metrics: list(2, () => METRIC),
};
const RESOURCE_METRICS: MessageSchema = {
  resource: one(1, () => RESOURCE),
  scopeMetrics: list(2, () => SCOPE_METRICS),
};

/** `opentelemetry.proto.trace.v1` */
const EVENT: MessageSchema = {
  timeUnixNano: one(1, 'fixed64'),
  name: one(2, 'string'),
  attributes: list(3, () => KEY_VALUE),
};
const LINK: MessageSchema = {
  traceId: one(1, 'hex'),
  spanId: one(2, 'hex'),
  traceState: one(3, 'string'),
  attributes: list(4, () => KEY_VALUE),
  flags: one(6, 'fixed32'),
};
const STATUS: MessageSchema = { message: one(2, 'string'), code: one(3, 'uint32') };
const SPAN: MessageSchema = {
  traceId: one(1, 'hex'),
  spanId: one(2, 'hex'),
  traceState: one(3, 'string'),
  parentSpanId: one(4, 'hex'),
  name: one(5, 'string'),
  kind: one(6, 'uint32'),
  startTimeUnixNano: one(7, 'fixed64'),
  endTimeUnixNano: one(8, 'fixed64'),
  attributes: list(9, () => KEY_VALUE),
  droppedAttributesCount: one(10, 'uint32'),
  events: list(11, () => EVENT),
  droppedEventsCount: one(12, 'uint32'),
  links: list(13, () => LINK),
  droppedLinksCount: one(14, 'uint32'),
  status: one(15, () => STATUS),
  flags: one(16, 'fixed32'),
};
const SCOPE_SPANS: MessageSchema = { scope: one(1, () => SCOPE), spans: list(2, () => SPAN) };
const RESOURCE_SPANS: MessageSchema = {
  resource: one(1, () => RESOURCE),
  scopeSpans: list(2, () => SCOPE_SPANS),
};

/** `opentelemetry.proto.logs.v1` */
const LOG_RECORD: MessageSchema = {
  timeUnixNano: one(1, 'fixed64'),
  severityNumber: one(2, 'uint32'),
  severityText: one(3, 'string'),
  body: one(5, () => ANY_VALUE),
  attributes: list(6, () => KEY_VALUE),
  flags: one(8, 'fixed32'),
  traceId: one(9, 'hex'),
  spanId: one(10, 'hex'),
  observedTimeUnixNano: one(11, 'fixed64'),
  eventName: one(12, 'string'),
};
const SCOPE_LOGS: MessageSchema = {
  scope: one(1, () => SCOPE),
  logRecords: list(2, () => LOG_RECORD),
};
const RESOURCE_LOGS: MessageSchema = {
  resource: one(1, () => RESOURCE),
  scopeLogs: list(2, () => SCOPE_LOGS),
};

/** The requests, after opentelemetry-proto 1.8: field numbers never change, so newer senders only add what we pass over. */
export const REQUEST_SCHEMAS = {
  metrics: { resourceMetrics: list(1, () => RESOURCE_METRICS) },
  traces: { resourceSpans: list(1, () => RESOURCE_SPANS) },
  logs: { resourceLogs: list(1, () => RESOURCE_LOGS) },
} as const satisfies Record<string, MessageSchema>;

/** A signal of OpenTelemetry, as paths name it. */
export type OtlpSignal = keyof typeof REQUEST_SCHEMAS;
