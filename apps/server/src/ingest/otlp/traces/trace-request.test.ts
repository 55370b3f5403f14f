import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { field } from '../../message.test-encoder.ts';
import { Refusal } from '../../refusal.ts';
import { resourceSpans, START_NS, type TestTraceSpan, traceRequest } from './trace.test-encoder.ts';
import { FAMILIES } from '../../spans/family.ts';
import { decodeTraceRequest, type TraceRequest } from './trace-request.ts';

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

  test('holds what each of them measures', () => {
    const { groups } = decodeTraceRequest(
      traceRequest({ attributes: { 'http.request.method': 'GET', 'url.path': '/secret' } }, {}),
    );
    expect(groups[0]?.spans).toEqual([
      [
        {
          family: FAMILIES.httpServer,
          labels: ['GET', '', '', '', ''],
          values: [0.25],
        },
      ],
      [],
    ]);
    expect(JSON.stringify(groups)).not.toContain('secret');
  });

  test('counts events and links', () => {
    const events = [{ name: 'exception' }, { name: 'gen_ai.user.message' }];
    expect(decodeTraceRequest(traceRequest({ links: 3, events }, { events }))).toMatchObject({
      events: 4,
      links: 3,
    });
  });

  test('holds no group without a span', () => {
    const bytes = Uint8Array.from([
      ...resourceSpans({}, []),
      ...resourceSpans({}, [{ spanId: [] }]),
    ]);
    expect(decodeTraceRequest(bytes)).toMatchObject({ groups: [], spans: 1, rejected: 1 });
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
        for (const { family, labels, values } of kept.flat()) {
          expect(labels).toHaveLength(family.dimensions.length);
          for (const value of values) expect(Number.isFinite(value) && value >= 0).toBe(true);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
