import { expect, test } from 'vitest';
import { createFindings } from '../source.ts';
import { createMemoryFiles } from '../testing/memory-files.ts';
import { NET_DEV_HEADING } from '../testing/small-host.ts';
import { createNetworkSource } from './network.ts';

test('at most 512 interfaces are measured, and the rest is said', async () => {
  const lines = Array.from({ length: 600 }, (_, n) => `veth${n}: ${'0 '.repeat(16)}\n`);
  const files = createMemoryFiles(() => ({ '/proc/net/dev': NET_DEV_HEADING + lines.join('') }));
  const findings = createFindings();
  await createNetworkSource(files, '/proc').read(findings);
  expect(findings.samples).toHaveLength(512 * 8);
  expect(findings.error()?.message).toBe(
    '/proc/net/dev: got 600 interfaces; want at most 512 (the first are measured)',
  );
});
