import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createApiClient } from '@hubpulse/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { startHubpulse, temporaryDirectory } from '../harness/hubpulse-process.ts';

/** Debian's libfaketime, which gives a process a wall clock that can be set while it runs. */
const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;

beforeEach(async () => {
  directory = await temporaryDirectory();
});

afterEach(() => directory.remove());

test.skipIf(!existsSync(FAKETIME))(
  'a clock that is set back by ten minutes costs no figure (needs Debian’s faketime)',
  async () => {
    const offset = join(directory.path, 'offset');
    await writeFile(offset, '+0');
    const server = await startHubpulse(join(directory.path, 'data'), {
      HUBPULSE_AGENT_INTERVAL_MS: '1000',
      HUBPULSE_LOG_LEVEL: 'warn',
      LD_PRELOAD: FAKETIME,
      FAKETIME_TIMESTAMP_FILE: offset,
      FAKETIME_NO_CACHE: '1',
      DONT_FAKE_MONOTONIC: '1',
    });
    const client = createApiClient({ baseUrl: server.url });
    const figures = async () => {
      const answer = await client.monitoringMetrics({ range: '5m' });
      return { ...answer, count: answer.data.filter(({ memory }) => memory !== null).length };
    };
    const before = await eventually('figures', async () => {
      const got = await figures();
      return got.count >= 2 && got;
    });
    await writeFile(offset, '-600s');
    const after = await eventually('figures at the earlier time', async () => {
      const got = await figures();
      return got.toMs < before.fromMs && got.count >= 2 && got;
    });
    const ready = await fetch(`${server.url}/readyz`);
    const { code, stderr } = await server.stop();
    expect(after.toMs).toBeLessThan(before.toMs - 590_000);
    expect(ready.status).toBe(200);
    expect(code).toBe(0);
    expect(stderr).toBe('');
  },
);
