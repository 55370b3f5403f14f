import { ProtobufReader } from '../../protobuf.ts';
import { Refusal } from '../../refusal.ts';
import type { Measurement } from '../../spans/family.ts';
import { measurementsOf } from '../../spans/measurements.ts';
import type { SpanGroup } from '../../spans/span.ts';
import type { Attributes } from '../attribute.ts';
import { eachMessage, within } from '../nested-message.ts';
import { readResource, targetLabels } from '../resource.ts';
import { type DecodedSpan, SpanReader } from './span-field.ts';

/** `ExportTraceServiceRequest.resource_spans`, and the fields of `ResourceSpans` and `ScopeSpans` that are read. */
const RESOURCE_SPANS_TAG = 0x0a;
const RESOURCE_TAG = 0x0a;
const SCOPE_SPANS_TAG = 0x12;
const SPAN_TAG = 0x12;

/** Spans of one request: a hundred times what SDKs send, six times what the Collector does. */
const MAX_REQUEST_SPANS = 50_000;

/** What a request holds. */
export interface TraceRequest {
  readonly groups: readonly SpanGroup[];
  /** Spans in total, those that are rejected among them. */
  readonly spans: number;
  readonly rejected: number;
  /** Why, of the first that is rejected. */
  readonly reason: string;
  readonly events: number;
  readonly links: number;
}

/**
 * Decodes an `ExportTraceServiceRequest`, and measures each span at once: its attributes, which may be many times larger than
 * their bytes, are held no longer than that. A span without its ids, or whose times make no sense, is rejected alone.
 *
 * @throws Refusal `malformed`, `too_large`
 */
export function decodeTraceRequest(message: Uint8Array): TraceRequest {
  return new TraceRequestDecoder().decode(message);
}

class TraceRequestDecoder {
  readonly #reader = new ProtobufReader();
  readonly #spanReader = new SpanReader(this.#reader);
  #spans = 0;
  #rejected = 0;
  #reason = '';
  #events = 0;
  #links = 0;

  decode(message: Uint8Array): TraceRequest {
    const reader = this.#reader;
    const groups: SpanGroup[] = [];
    reader.open(message);
    eachMessage(reader, RESOURCE_SPANS_TAG, () => {
      const group = this.#readGroup();
      if (group.spans.length > 0) groups.push(group);
    });
    return {
      groups,
      spans: this.#spans,
      rejected: this.#rejected,
      reason: this.#reason,
      events: this.#events,
      links: this.#links,
    };
  }

  /** The resource may stand behind its spans. */
  #readGroup(): SpanGroup {
    const reader = this.#reader;
    const spans: Measurement[][] = [];
    let resource: Attributes = new Map();
    while (reader.at < reader.end) {
      const tag = reader.readVarint();
      if (tag === RESOURCE_TAG) resource = within(reader, () => readResource(reader));
      else if (tag === SCOPE_SPANS_TAG) {
        within(reader, () =>
          eachMessage(reader, SPAN_TAG, () => this.#add(this.#spanReader.read(), spans)),
        );
      } else reader.skip(tag);
    }
    const target = targetLabels(resource);
    return { job: target.find(([name]) => name === 'job')?.[1] ?? '', target, spans };
  }

  #add({ span, problem, events, links }: DecodedSpan, into: Measurement[][]): void {
    this.#spans++;
    this.#events += events;
    this.#links += links;
    if (problem === '') {
      into.push(measurementsOf(span));
    } else {
      this.#rejected++;
      if (this.#reason === '') this.#reason = problem;
    }
    if (this.#spans > MAX_REQUEST_SPANS) {
      throw new Refusal(
        'too_large',
        `got more than ${MAX_REQUEST_SPANS} spans in one request; want at most as many; ` +
          'send them in several requests (OTEL_BSP_MAX_EXPORT_BATCH_SIZE)',
      );
    }
  }
}
