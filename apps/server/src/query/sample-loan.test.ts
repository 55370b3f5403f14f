import { createLabels } from '@hubpulse/model';
import { expect, test } from 'vitest';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { lendSamples } from './sample-loan.ts';

const ALL = { matchers: [{ name: 'a', op: '=', value: '1' } as const], fromMs: 0, toMs: 10 };

const storeOfTwo = async () => {
  const store = createMemoryStore();
  const ref = store.intern(createLabels({ __name__: 'up', a: '1' }));
  await store.append({
    refs: Uint32Array.of(ref, ref),
    tMs: Float64Array.of(1, 2),
    values: Float64Array.of(3, 4),
  });
  return store;
};

test('what was lent is readable until the end, and then gone', async () => {
  const loan = lendSamples(await storeOfTwo());
  const [columns] = await loan.source.select({ ...ALL, maxSamples: 10 });
  expect(columns?.values).toEqual(Float64Array.of(3, 4));
  loan.end();
  expect(columns?.values.length).toBe(0);
  expect(columns?.tMs.length).toBe(0);
});

test('what comes after the end is freed at once, and the store keeps its own', async () => {
  const store = await storeOfTwo();
  const loan = lendSamples(store);
  const selecting = loan.source.select({ ...ALL, maxSamples: 10 });
  loan.end();
  const [columns] = await selecting;
  expect(columns?.values.length).toBe(0);
  const [kept] = await store.select(ALL);
  expect(kept?.values).toEqual(Float64Array.of(3, 4));
});
