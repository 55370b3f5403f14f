import { describe, expect, test } from 'vitest';
import { field, text } from '../../message.test-encoder.ts';
import { ProtobufReader } from '../../protobuf.ts';
import { type DecodedSpan, SpanReader } from './span-field.ts';
import { spanMessage, START_NS, type TestTraceSpan } from './trace.test-encoder.ts';

const reader = new ProtobufReader();
const spans = new SpanReader(reader);

function read(span: TestTraceSpan): DecodedSpan {
  reader.open(Uint8Array.from(spanMessage(span)));
  return spans.read();
}

const at = (ms: bigint): bigint => START_NS + ms * 1_000_000n;

describe('a span', () => {
  test('gives what measurements need', () => {
    const { span, problem } = read({
      kind: 3,
      status: 2,
      endNs: START_NS + 1_500_000_001n,
      attributes: {
        'http.route': '/',
        'http.status_code': 7,
        'url.path': '/secret',
        'gen_ai.response.time_to_first_chunk': 0.5,
        'error.type': true,
        'gen_ai.prompt': 'secret',
        'db.system': ['a', 'b'],
      },
    });
    expect(problem).toBe('');
    expect(span).toEqual({
      kind: 3,
      durationSeconds: 1.500000001,
      isError: true,
      attributes: new Map<string, unknown>([
        ['http.route', '/'],
        ['http.status_code', 7],
        ['gen_ai.response.time_to_first_chunk', 0.5],
        ['error.type', true],
        ['db.system', ['a', 'b']],
      ]),
      chunkSeconds: [],
      lacksEvents: false,
    });
  });

  test('gives an attribute whose value stands before its name', () => {
    const value = field(2, field(1, text('GET')));
    const swapped = field(9, [...value, ...field(1, text('http.method'))]);
    reader.open(Uint8Array.from([...spanMessage({}), ...swapped, ...field(9, [])]));
    expect(spans.read().span.attributes.get('http.method')).toBe('GET');
  });

  test('takes nothing from the one before', () => {
    read({
      status: 2,
      droppedEvents: 1,
      links: 1,
      attributes: { 'http.method': 'GET' },
      events: [{ name: 'llm.content.completion.chunk' }],
    });
    const { span, ...counts } = read({});
    expect(counts).toEqual({ problem: '', events: 0, links: 0 });
    expect(span).toMatchObject({ isError: false, lacksEvents: false, chunkSeconds: [] });
    expect(span.attributes.size).toBe(0);
  });

  test('gives the times of events about chunks, and counts all', () => {
    const { span, events, links } = read({
      links: 3,
      events: [
        { name: 'exception', atNs: at(1n) },
        { name: 'llm.content.completion.chunk', atNs: at(125n) },
        { name: 'llm.content.completion.chunk', atNs: at(250n) },
        { name: 'gen_ai.user.message', atNs: at(3n) },
      ],
    });
    expect(span.chunkSeconds).toEqual([0.125, 0.25]);
    expect({ events, links, lacks: span.lacksEvents }).toEqual({
      events: 4,
      links: 3,
      lacks: false,
    });
    expect(read({ droppedEvents: 300 }).span.lacksEvents).toBe(true);
  });

  test('gives a thousand chunks at most', () => {
    const many = Array.from({ length: 1001 }, () => ({ name: 'llm.content.completion.chunk' }));
    const { span, events } = read({ events: many });
    expect(span.chunkSeconds).toHaveLength(1000);
    expect(events).toBe(1001);
  });

  test('whose clock went back a little has no duration', () => {
    const { problem, span } = read({ endNs: START_NS - 1_000_000_000n });
    expect({ problem, seconds: span.durationSeconds }).toEqual({ problem: '', seconds: 0 });
  });
});
