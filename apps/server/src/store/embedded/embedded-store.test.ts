import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { systemClock } from '../../clock.ts';
import { describeMetricStore } from '../contract.ts';
import { type EmbeddedStore, openEmbeddedStore } from './embedded-store.ts';

const root = mkdtempSync(join(tmpdir(), 'hubpulse-store-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function open(): Promise<EmbeddedStore> {
  return openEmbeddedStore({ directory: mkdtempSync(join(root, 'store-')), clock: systemClock });
}

describeMetricStore('embedded store, samples sealed', {
  open,
  settle: async (store) => {
    await (store as EmbeddedStore).seal();
    return store;
  },
});
