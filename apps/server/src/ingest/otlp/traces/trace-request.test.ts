import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { field } from '../../message.test-encoder.ts';
import { Refusal } from '../../refusal.ts';
import { resourceSpans, START_NS, type TestTraceSpan, traceRequest } from './trace.test-encoder.ts';
import { decodeTraceRequest, type TraceRequest } from './trace-request.ts';

const decodeOne = (span: TestTraceSpan) => {
  const request = decodeTraceRequest(traceRequest(span));
  return { ...request, span: request.groups[0]?.spans[0] };
};

/** A request, or an empty one in place of what is refused as malformed. */
function decodeOrRefuse(bytes: Uint8Array): Pick<TraceRequest, 'groups' | 'spans' | 'rejected'> {
  try {
    return decodeTraceRequest(bytes);
  } catch (error) {
    if (error instanceof Refusal && error.reason === 'malformed') {
      return { groups: [], spans: 0, rejected: 0 };
    }
    throw error;
  }
}

describe('a request with spans', () => {
  test('gives what measurements need', () => {
    const { span, spans, rejected } = decodeOne({
      kind: 3,
      status: 2,
      endNs: START_NS + 1_500_000_001n,
      attributes: { text: 'x', count: 7, share: 0.5, flag: true, list: ['a', 'b'] },
    });
    expect({ spans, rejected }).toEqual({ spans: 1, rejected: 0 });
    expect(span).toEqual({
      kind: 3,
      durationSeconds: 1.500000001,
      isError: true,
      attributes: new Map<string, unknown>([
        ['text', 'x'],
        ['count', 7],
        ['share', 0.5],
        ['flag', true],
        ['list', ['a', 'b']],
      ]),
      chunkSeconds: [],
      lacksEvents: false,
    });
  });

  test('groups them by who sent them, wherever the resource stands', () => {
    const api = { 'service.name': 'api', 'service.namespace': 'shop', 'service.instance.id': 'a1' };
    const { groups } = decodeTraceRequest(
      Uint8Array.from([
        ...resourceSpans(api, [{}, {}], { isResourceLast: true }),
        ...resourceSpans({ 'service.name': 'job' }, [{}]),
      ]),
    );
    expect(groups.map(({ job, spans }) => [job, spans.length])).toEqual([
      ['shop/api', 2],
      ['job', 1],
    ]);
    expect(groups[0]?.target.slice(0, 2)).toEqual([
      ['job', 'shop/api'],
      ['instance', 'a1'],
    ]);
  });

  test('counts events and links, and keeps the times of those about chunks', () => {
    const at = (ms: bigint): bigint => START_NS + ms * 1_000_000n;
    const { span, events, links } = decodeOne({
      links: 3,
      events: [
        { name: 'exception', atNs: at(1n) },
        { name: 'llm.content.completion.chunk', atNs: at(125n) },
        { name: 'llm.content.completion.chunk', atNs: at(250n) },
        { name: 'gen_ai.user.message', atNs: at(3n) },
      ],
    });
    expect(span?.chunkSeconds).toEqual([0.125, 0.25]);
    expect({ events, links, lacks: span?.lacksEvents }).toEqual({
      events: 4,
      links: 3,
      lacks: false,
    });
    expect(decodeOne({ droppedEvents: 300 }).span?.lacksEvents).toBe(true);
  });

  test('holds a thousand chunks of a span at most', () => {
    const events = Array.from({ length: 1001 }, () => ({ name: 'llm.content.completion.chunk' }));
    const { span, events: counted } = decodeOne({ events });
    expect(span?.chunkSeconds).toHaveLength(1000);
    expect(counted).toBe(1001);
  });

  test.each<[string, TestTraceSpan, string]>([
    ['no trace id', { traceId: [] }, 'got a span without a trace id; want 16 bytes'],
    ['a short trace id', { traceId: [1, 2] }, 'without a trace id'],
    ['a trace id of zeros', { traceId: Array(16).fill(0) }, 'not all of them zero'],
    ['no span id', { spanId: [] }, 'got a span without an id; want 8 bytes'],
    ['no start', { startNs: 0n, endNs: START_NS }, 'without a start or an end'],
    ['no end', { endNs: 0n }, 'without a start or an end'],
    [
      'an end 1.5 seconds before its start',
      { endNs: START_NS - 1_500_000_000n },
      'got a span that ends 1.5 seconds before its start; want an end after it',
    ],
  ])('rejects a span with %s, alone', (_what, span, reason) => {
    const request = decodeTraceRequest(traceRequest({}, span, {}));
    expect(request).toMatchObject({ spans: 3, rejected: 1 });
    expect(request.reason).toContain(reason);
    expect(request.groups[0]?.spans).toHaveLength(2);
  });

  test('takes a span whose clock went back a little as one of no duration', () => {
    const { rejected, span } = decodeOne({ endNs: START_NS - 1_000_000_000n });
    expect(rejected).toBe(0);
    expect(span?.durationSeconds).toBe(0);
  });

  test('of nothing is one', () => {
    expect(decodeTraceRequest(new Uint8Array(0))).toMatchObject({ groups: [], spans: 0 });
  });

  test('passes over what it does not know', () => {
    const bytes = Uint8Array.from([...field(9, [1, 2]), ...traceRequest({}), 0x7d, 1, 2, 3, 4]);
    expect(decodeTraceRequest(bytes).spans).toBe(1);
  });

  test('is refused when it holds more spans than one may', () => {
    const empty = field(2, []);
    const many = Uint8Array.from(
      field(1, field(2, Array.from({ length: 50_001 }, () => empty).flat())),
    );
    expect(() => decodeTraceRequest(many)).toThrow(
      'got more than 50000 spans in one request; want at most as many',
    );
  });

  test('is taken or refused as malformed whatever its bytes are', () => {
    const valid = traceRequest(
      {
        attributes: { 'http.request.method': 'GET', n: 1.5, list: ['a'] },
        events: [{ name: 'llm.content.completion.chunk' }],
        links: 1,
      },
      { status: 2 },
    );
    const mutation = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 4 });
    fc.assert(
      fc.property(mutation, fc.nat(valid.length), (changes, length) => {
        const bytes = valid.slice(0, length);
        for (const [at, value] of changes) bytes[at] = value;
        const request = decodeOrRefuse(bytes);
        const kept = request.groups.flatMap((group) => group.spans);
        expect(kept.length + request.rejected).toBe(request.spans);
        for (const { durationSeconds } of kept) {
          expect(Number.isFinite(durationSeconds) && durationSeconds >= 0).toBe(true);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
