import { createLabels, formatLabels, type Sample } from '@hubpulse/model';
import { expect, test } from 'vitest';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { storeWith } from '../store/memory/store-with.ts';
import { type MetricStore, StoreError } from '../store/port.ts';
import { createOwnHostIngest } from './own-host.ts';
import { createSampleWriter } from './sample-writer.ts';

const load = createLabels({ __name__: 'system_cpu_load_average_1m' });

const ingestOf = (
  snapshots: readonly (readonly (number | Sample)[])[],
  store: MetricStore = createMemoryStore(),
) => {
  let round = 0;
  const ingest = createOwnHostIngest({
    collector: {
      collect: async () => ({
        tMs: 1,
        samples: (snapshots[round++] ?? []).map((given) =>
          typeof given === 'number' ? { labels: load, value: given } : given,
        ),
      }),
      failures: () => new Map(),
    },
    hostName: 'web-1',
    write: createSampleWriter(store),
  });
  return { store, ingest };
};

const everything = {
  matchers: [{ name: '__name__', op: '!=' as const, value: '' }],
  fromMs: 0,
  toMs: 1e6,
};

test('samples carry the host that they are about, and the time of the beat', async () => {
  const { store, ingest } = ingestOf([[0.5], [0.75]]);
  await ingest(5000);
  await ingest(10_000);
  const [series, ...others] = await store.select(everything);
  expect(others).toEqual([]);
  expect(formatLabels(series?.labels ?? [])).toBe(
    'system_cpu_load_average_1m{host_name="web-1",instance="web-1",job="host"}',
  );
  expect([...(series?.tMs ?? [])]).toEqual([5000, 10_000]);
  expect([...(series?.values ?? [])]).toEqual([0.5, 0.75]);
});

test('a collection without samples writes nothing', async () => {
  const { store, ingest } = ingestOf([[]]);
  await ingest(5000);
  expect(await store.select(everything)).toEqual([]);
});

const STALE_BITS = 0x7ff0_0000_0000_0002n;

const bitsOf = async (store: MetricStore) => {
  const found = await store.select(everything);
  return found.map(({ tMs, values }) => [[...tMs], [...new BigUint64Array(values.slice().buffer)]]);
};

test('a series that is no longer collected ends once, with a stale marker', async () => {
  const { store, ingest } = ingestOf([[1], [], [], [2]]);
  for (const tMs of [5000, 10_000, 15_000, 20_000]) {
    // oxlint-disable-next-line no-await-in-loop -- One collection follows the other.
    await ingest(tMs);
  }
  const [series] = await store.select(everything);
  expect([...(series?.tMs ?? [])]).toEqual([5000, 10_000, 20_000]);
  expect([...(series?.values ?? [])]).toEqual([1, Number.NaN, 2]);
  expect((await bitsOf(store))[0]?.[1]?.[1]).toBe(STALE_BITS);
});

test('a series whose labels were made anew goes on', async () => {
  const again = { labels: createLabels(load), tMs: 0, value: 2 };
  const { store, ingest } = ingestOf([[1], [again]]);
  await ingest(5000);
  await ingest(10_000);
  const [series] = await store.select(everything);
  expect([...(series?.values ?? [])]).toEqual([1, 2]);
});

test('a series ends later when the store could not write', async () => {
  const memory = createMemoryStore();
  let isFull = false;
  const store = storeWith(memory, {
    append: async (batch) => {
      if (isFull) throw new StoreError('disk_full', 'no room');
      await memory.append(batch);
    },
  });
  const { ingest } = ingestOf([[1], [], []], store);
  await ingest(5000);
  isFull = true;
  await expect(ingest(10_000)).rejects.toThrow('no room');
  isFull = false;
  await ingest(15_000);
  expect((await bitsOf(memory))[0]?.[0]).toEqual([5000, 15_000]);
});
