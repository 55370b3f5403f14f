import { createLabels, formatLabels } from '@hubpulse/model';
import { expect, test } from 'vitest';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { createOwnHostIngest } from './own-host.ts';
import { createSampleWriter } from './sample-writer.ts';

const load = createLabels({ __name__: 'system_cpu_load_average_1m' });

const ingestOf = (snapshots: readonly number[][]) => {
  const store = createMemoryStore();
  let round = 0;
  const ingest = createOwnHostIngest({
    collector: {
      collect: async () => ({
        tMs: 1,
        samples: (snapshots[round++] ?? []).map((value) => ({ labels: load, value })),
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
