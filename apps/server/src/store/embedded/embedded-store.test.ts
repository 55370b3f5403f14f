import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { systemClock } from '../../clock.ts';
import { describeMetricStore } from '../contract.ts';
import type { MetricStore } from '../port.ts';
import { type EmbeddedStore, openEmbeddedStore } from './embedded-store.ts';

const root = mkdtempSync(join(tmpdir(), 'hubpulse-store-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const directories = new WeakMap<MetricStore, string>();

async function openAt(directory: string): Promise<EmbeddedStore> {
  const store = await openEmbeddedStore({ directory, clock: systemClock });
  directories.set(store, directory);
  return store;
}

function openFresh(): Promise<EmbeddedStore> {
  return openAt(mkdtempSync(join(root, 'store-')));
}

async function reopen(store: MetricStore): Promise<EmbeddedStore> {
  await store.close();
  return openAt(directories.get(store)!);
}

describeMetricStore('embedded store, samples in the head', { open: openFresh });

describeMetricStore('embedded store, opened again', { open: openFresh, settle: reopen });

describeMetricStore('embedded store, sealed', {
  open: openFresh,
  settle: async (store) => {
    await (store as EmbeddedStore).seal();
    return store;
  },
});

describeMetricStore('embedded store, sealed and opened again', {
  open: openFresh,
  settle: async (store) => {
    await (store as EmbeddedStore).seal();
    return reopen(store);
  },
});
