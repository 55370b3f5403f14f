import { expect, test } from 'vitest';
import { createManualClock } from '../manual-clock.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { createGate } from './gate.ts';

const gateOf = (maxInFlightBytes: number) =>
  createGate({
    store: createMemoryStore(),
    clock: createManualClock(10_000),
    limits: {
      maxBodyBytes: 100,
      maxDecompressedBytes: 400,
      maxSeries: 10,
      maxSeriesPerSender: 5,
      maxLabels: 10,
      maxLabelBytes: 10,
      maxAgeMs: 1000,
      maxFutureMs: 100,
    },
    maxInFlightBytes,
  });

test('admits what fits beside what is under way, and again when that has ended', () => {
  const gate = gateOf(150);
  const first = gate.admit(100);
  expect(() => gate.admit(60)).toThrow(
    'got 60 bytes while 100 are under way; want at most 150 at once; send them again later',
  );
  const second = gate.admit(50);
  first.release();
  first.release();
  expect(gate.inFlightBytes()).toBe(50);
  second.resize(120);
  expect(() => gate.admit(60)).toThrow(expect.objectContaining({ reason: 'overloaded' }));
  second.release();
  expect(gate.inFlightBytes()).toBe(0);
  gate.admit(60).release();
});

test('admits one body that is larger than all that may be under way', () => {
  const gate = gateOf(10);
  expect(gate.admit(100)).toBeDefined();
  expect(() => gate.admit(1)).toThrow(expect.objectContaining({ reason: 'overloaded' }));
});

test('refuses a body over the limit, and says how to raise it', () => {
  expect(() => gateOf(1000).admit(101)).toThrow(/over 100 bytes; .* raise ingest_max_body_mib/);
});

test('the bounds of time move with the clock', () => {
  expect(gateOf(1).timeBounds()).toEqual({ fromMs: 9000, toMs: 10_100 });
});
