import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { createManualClock } from '../../../manual-clock.ts';
import { createMemoryStore } from '../../../store/memory/memory-store.ts';
import { storeWith } from '../../../store/memory/store-with.ts';
import { type MetricStore, StoreError } from '../../../store/port.ts';
import { createIngest, type Ingest } from '../../ingest.ts';
import { text } from '../../message.test-encoder.ts';
import type { OtlpEncoding, OtlpOutcome } from '../otlp-intake.ts';
import { resourceSpans, type TestTraceSpan, traceRequest } from './trace.test-encoder.ts';

const NOW_MS = 1_800_000_000_000;

let store: MetricStore;
let ingest: Ingest;

function start(limits: { maxSeries?: number; maxLabelBytes?: number } = {}): void {
  ingest = createIngest({
    store,
    clock: createManualClock(NOW_MS),
    limits: {
      maxBodyBytes: 1e6,
      maxDecompressedBytes: 4e6,
      maxSeries: 1000,
      maxSeriesPerSender: 1000,
      maxLabels: 20,
      maxLabelBytes: 100,
      maxAgeMs: 1e9,
      maxFutureMs: 1e6,
      ...limits,
    },
    seed: 1,
  });
}

beforeEach(() => {
  store = createMemoryStore();
  start();
});

const send = (body: Uint8Array, encoding: OtlpEncoding = 'protobuf'): Promise<OtlpOutcome> =>
  ingest.otlp.receive({
    signal: 'traces',
    encoding,
    coding: 'identity',
    body,
    sender: '127.0.0.1',
    lease: { resize: () => undefined },
  });

const GET: TestTraceSpan = { attributes: { 'http.request.method': 'GET' } };

const outcomes = (): Record<string, number> =>
  Object.fromEntries([...ingest.spans.stats().spans].filter(([, spans]) => spans > 0));

describe('a request with spans', () => {
  test('is taken, and counted by what became of each', async () => {
    const events = [{ name: 'exception' }];
    const answer = await send(traceRequest(GET, GET, {}, { spanId: [], events, links: 2 }));
    expect(answer).toEqual({
      rejected: 1,
      message: 'got a span without an id; want 8 bytes, not all of them zero',
    });
    expect(outcomes()).toEqual({ measured: 2, unused: 1, invalid: 1 });
    expect(ingest.spans.stats()).toMatchObject({ events: 1, links: 2, labelSets: 1 });
    expect(ingest.stats().requests.get('otlp_traces')).toBe(1);
  });

  test('has spans rejected whose series are over a limit, with both reasons', async () => {
    const long = resourceSpans({ 'service.name': 'x'.repeat(101) }, [GET, GET]);
    const body = Uint8Array.from([...traceRequest({ spanId: [] }, GET), ...long]);
    expect(await send(body)).toEqual({
      rejected: 3,
      message: expect.stringMatching(
        /^got a span without an id; .*; also: got a label name or value of 101 bytes .*raise ingest_max_label_bytes$/,
      ),
    });
    expect(outcomes()).toEqual({ measured: 1, invalid: 1, over_limit: 2 });
  });

  test('that the store cannot write is refused whole, and counted as that', async () => {
    store = storeWith(store, { append: () => Promise.reject(new StoreError('disk_full', 'full')) });
    start();
    await expect(send(traceRequest(GET, GET))).rejects.toThrow('full');
    expect(outcomes()).toEqual({});
    expect(ingest.stats().refused).toEqual([
      { wire: 'otlp_traces', reason: 'store', requests: 1, samples: 2 },
    ]);
  });

  test('is taken or refused as malformed whatever its bytes are, and half of it is never stored', async () => {
    const valid = traceRequest(GET, { ...GET, status: 2 });
    const mutation = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(mutation, fc.nat(valid.length), async (changes, length) => {
        store = createMemoryStore();
        start();
        const bytes = valid.slice(0, length);
        for (const [at, value] of changes) bytes[at] = value;
        const outcome = await send(bytes);
        const reason = 'refusal' in outcome ? outcome.refusal.reason : 'none';
        expect(['none', 'malformed']).toContain(reason);
        const { measured = 0 } = outcomes();
        expect(store.stats().appendedBatches).toBe(measured > 0 ? 1 : 0);
      }),
      { numRuns: 500 },
    );
  });

  test('in JSON is taken or refused whatever its characters are', async () => {
    const valid = JSON.stringify({
      resourceSpans: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'api' } }] },
          scopeSpans: [
            {
              spans: [
                {
                  traceId: '0102030405060708090A0b0c0d0e0f10',
                  spanId: '0102030405060708',
                  kind: 2,
                  startTimeUnixNano: '1800000000000000000',
                  endTimeUnixNano: 1_800_000_000_250_000_000,
                  attributes: [
                    { key: 'http.request.method', value: { stringValue: 'GET' } },
                    { key: 'http.response.status_code', value: { intValue: '200' } },
                  ],
                  status: {},
                },
              ],
            },
          ],
        },
      ],
    });
    expect(await send(text(valid), 'json')).toEqual({ rejected: 0, message: '' });
    expect(outcomes()).toEqual({ measured: 1 });
    const change = fc.tuple(fc.nat(valid.length - 1), fc.string({ maxLength: 3 }));
    await fc.assert(
      fc.asyncProperty(change, async ([at, put]) => {
        const body = `${valid.slice(0, at)}${put}${valid.slice(at + 1)}`;
        const outcome = await send(text(body), 'json');
        const reason = 'refusal' in outcome ? outcome.refusal.reason : 'none';
        expect(['none', 'malformed']).toContain(reason);
      }),
      { numRuns: 500 },
    );
  });
});
