import { expect, test } from 'vitest';
import { createLiveStatusStore } from './live-status.ts';

test('the live status tells since when it holds, tells its listeners once a change, and keeps when a loss began', () => {
  let nowMs = 1000;
  const store = createLiveStatusStore(() => nowMs);
  const seen: string[] = [];
  const stop = store.subscribe(() => seen.push(store.get().state));
  expect(store.get()).toEqual({ state: 'paused', sinceMs: 1000 });
  nowMs = 2000;
  store.set('live');
  nowMs = 3000;
  store.set('live');
  expect(store.get()).toEqual({ state: 'live', sinceMs: 2000 });
  stop();
  store.set('reconnecting');
  nowMs = 9000;
  store.set('polling');
  expect(store.get()).toEqual({ state: 'polling', sinceMs: 3000 });
  expect(seen).toEqual(['live']);
});
