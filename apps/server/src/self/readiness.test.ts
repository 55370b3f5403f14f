import { expect, test } from 'vitest';
import { createManualClock } from '../manual-clock.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import type { MetricStore } from '../store/port.ts';
import { createReadiness } from './readiness.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

const checkOf = (store: MetricStore) => {
  const clock = createManualClock(1_800_000_000_123);
  return { clock, check: createReadiness({ store, clock }) };
};

test('a store that takes a write and gives it back is ready', async () => {
  expect(await checkOf(createMemoryStore()).check()).toEqual({ ready: true });
});

test('many checks within a second cost one write', async () => {
  const store = createMemoryStore();
  const { clock, check } = checkOf(store);
  await Promise.all([check(), check(), check()]);
  clock.advance(999);
  await check();
  expect(store.stats().appendedBatches).toBe(1);
  clock.advance(1);
  await check();
  expect(store.stats().appendedBatches).toBe(2);
});

test('the reason of a failing store is told', async () => {
  const store = createMemoryStore();
  await store.close();
  expect(await checkOf(store).check()).toEqual({
    ready: false,
    reason: expect.stringContaining('closed'),
  });
});

test('a store that does not answer is not ready after two seconds', async () => {
  const hanging: MetricStore = {
    ...createMemoryStore(),
    intern: () => 1,
    append: () => new Promise(() => {}),
  };
  const { clock, check } = checkOf(hanging);
  const readiness = check();
  clock.advance(2000);
  await settled();
  expect(await readiness).toEqual({
    ready: false,
    reason: expect.stringContaining('got nothing within 2000 ms'),
  });
});
