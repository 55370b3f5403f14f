import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createManualClock } from '../../../manual-clock.ts';
import { createMemoryStore } from '../../../store/memory/memory-store.ts';
import { createGate } from '../../gate.ts';
import { IngestCounts } from '../../ingest-counts.ts';
import { MetricMetadata } from '../../metric-metadata.ts';
import { encodeJsonRequest } from '../json-request.ts';
import type { OtlpOutcome } from '../otlp-intake.ts';
import {
  at,
  attribute,
  counter,
  exponential,
  gauge,
  histogram,
  MetricsRig,
  nanos,
  NOW_MS,
  summary,
} from './metrics.test-rig.ts';
import { createMetricsReceiver } from './metrics-receiver.ts';

/** A request with something of everything. */
const REQUEST = Uint8Array.from(
  encodeJsonRequest(
    new TextEncoder().encode(
      JSON.stringify({
        resourceMetrics: [
          {
            resource: { attributes: [attribute('service.name', 'api'), attribute('a', 'ü')] },
            scopeMetrics: [
              {
                scope: { name: 'lib', version: '1' },
                metrics: [
                  gauge('g', at(0, { asDouble: 1.5, exemplars: [{ asInt: 1 }] }, { route: '/a' })),
                  counter('c', [at(0, { asInt: '-5' }), at(1, { asInt: 7 })], {
                    unit: 'By/s',
                    description: 'd',
                  }),
                  counter('d', [at(0, { asInt: 5 }, { startMs: -10 })], { isDelta: true }),
                  histogram('h', [
                    at(0, { explicitBounds: [1, 2], bucketCounts: [1, 2, 3], count: 6, sum: 3 }),
                  ]),
                  exponential('e', [
                    at(0, {
                      scale: 3,
                      zeroCount: 1,
                      count: 7,
                      positive: { offset: -2, bucketCounts: [1, 2, 3] },
                    }),
                  ]),
                  summary('s', {
                    timeUnixNano: nanos(0),
                    count: 1,
                    quantileValues: [{ quantile: 0.5, value: 1 }],
                  }),
                ],
              },
            ],
          },
        ],
      }),
    ),
    'metrics',
  ),
);

/** Why a request may be refused whole. */
const REASONS = new Set(['malformed', 'too_large', 'label_limit']);

/** Sends bytes that may be anything. @throws Error when they are refused without a good reason, or something is stored all the same. */
async function survive(bytes: Uint8Array): Promise<OtlpOutcome> {
  const rig = new MetricsRig();
  const outcome = await rig.receive(bytes, 'protobuf');
  if (!('refusal' in outcome)) return outcome;
  if (!REASONS.has(outcome.refusal.reason)) throw outcome.refusal;
  const stored = Object.keys(await rig.allRows());
  if (stored.length > 0) throw new Error(`got ${stored.join()} of a refused request; want nothing`);
  return outcome;
}

describe('bytes of any kind end in an answer', () => {
  test('the whole request is taken', async () => {
    expect(await survive(REQUEST)).toEqual({ rejected: 0, message: '' });
  });

  test('cut off anywhere it is malformed', async () => {
    for (let length = 1; length < REQUEST.length; length++) {
      expect(await survive(REQUEST.slice(0, length))).toMatchObject({
        refusal: { reason: 'malformed' },
      });
    }
  });

  test('with some bytes changed', async () => {
    const change = fc.tuple(fc.nat(REQUEST.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 5 }), async (changes) => {
        const bytes = REQUEST.slice();
        for (const [place, byte] of changes) bytes[place] = byte;
        await survive(bytes);
      }),
      { numRuns: 1000 },
    );
  });

  test('with a piece put somewhere else', async () => {
    const place = fc.nat(REQUEST.length);
    await fc.assert(
      fc.asyncProperty(place, place, place, async (a, b, to) => {
        const piece = REQUEST.slice(Math.min(a, b), Math.max(a, b));
        await survive(Uint8Array.from([...REQUEST.slice(0, to), ...piece, ...REQUEST.slice(to)]));
      }),
      { numRuns: 300 },
    );
  });

  test('that are random', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        await survive(bytes);
      }),
      { numRuns: 500 },
    );
  });
});

test('JSON of any kind ends in an answer too', async () => {
  await fc.assert(
    fc.asyncProperty(fc.json(), async (json) => {
      const outcome = await new MetricsRig().receive(new TextEncoder().encode(json), 'json');
      expect('refusal' in outcome ? outcome.refusal.reason : 'malformed').toBe('malformed');
    }),
    { numRuns: 300 },
  );
});

test('a request is taken the same way after one that was refused', async () => {
  const rig = new MetricsRig();
  await rig.receive(REQUEST.slice(0, -3), 'protobuf');
  expect(await rig.receive(REQUEST, 'protobuf')).toEqual({ rejected: 0, message: '' });
  const fresh = new MetricsRig();
  await fresh.receive(REQUEST, 'protobuf');
  expect(await rig.allRows()).toEqual(await fresh.allRows());
});

test('when the state is full it is forgotten, and deltas begin anew', async () => {
  const store = createMemoryStore();
  const clock = createManualClock(NOW_MS);
  const counts = new IngestCounts();
  const gate = createGate({ store, clock, limits: new MetricsRig().ingest.limits });
  const metadata = new MetricMetadata();
  const receiver = createMetricsReceiver({
    store,
    clock,
    gate,
    counts,
    metadata,
    seed: 1,
    maxSlots: 4,
  });
  const rig = new MetricsRig({ store });
  for (const [i, names] of [['a'], ['a', 'b'], ['a'], ['a', 'b']].entries()) {
    const metrics = names.map((name) =>
      counter(name, [at(i - 9, { asInt: 1 })], { isDelta: true }),
    );
    const request = { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] };
    const message = encodeJsonRequest(new TextEncoder().encode(JSON.stringify(request)), 'metrics');
    await receiver.receive(message, { sender: 's', lease: { resize: () => undefined } });
  }
  const rows = await rig.allRows();
  // Resource, scope, metric and series of the first request take four; the second makes them more.
  expect(rows['a_total{job="unknown_service"}']).toEqual([
    [-9, 1],
    [-8, 2],
    [-7, 1],
    [-6, 2],
  ]);
  expect(receiver.cachedSeries()).toBeLessThan(8);
});
