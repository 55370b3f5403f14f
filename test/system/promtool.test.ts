import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findPeer } from '../../scripts/peers.mjs';
import {
  type HubpulseProcess,
  startHubpulse,
  temporaryDirectory,
} from '../harness/hubpulse-process.ts';

const program = findPeer('promtool');
const run = promisify(execFile);

/** What the program said, and how it ended. */
async function promtool(
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    return { code: 0, ...(await run(program ?? '', args)) };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

describe.skipIf(program === undefined)(
  "Debian's promtool (skipped where apt-get cannot provide it)",
  () => {
    const nowSeconds = Math.floor(Date.now() / 1000);
    let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
    let server: HubpulseProcess;

    beforeAll(async () => {
      directory = await temporaryDirectory();
      server = await startHubpulse(directory.path, { HUBPULSE_AGENT_INTERVAL_MS: '0' });
      const samples = [60, 30, 0].map((ago) => ({
        metric: 'promtool_total',
        labels: { job: 'api' },
        value: 100 - ago,
        timestamp: (nowSeconds - ago) * 1000,
      }));
      await fetch(`${server.url}/api/v1/samples`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(samples),
      });
    });

    afterAll(async () => {
      await server?.stop();
      await directory?.remove();
    });

    test('asks at one instant', async () => {
      const { code, stdout } = await promtool('query', 'instant', server.url, 'promtool_total');
      expect(code).toBe(0);
      expect(stdout).toMatch(/^promtool_total\{job="api"\} => 100 @\[\d+(\.\d+)?\]\n$/);
    });

    test('asks over a range', async () => {
      const { code, stdout } = await promtool(
        'query',
        'range',
        `--start=${nowSeconds - 60}`,
        `--end=${nowSeconds}`,
        '--step=30s',
        server.url,
        'sum(promtool_total)',
      );
      expect({ code, stdout }).toEqual({
        code: 0,
        stdout: `{} =>\n40 @[${nowSeconds - 60}]\n70 @[${nowSeconds - 30}]\n100 @[${nowSeconds}]\n`,
      });
    });

    test('asks for series', async () => {
      const { code, stdout } = await promtool(
        'query',
        'series',
        '--match=promtool_total{job=~"a.+"}',
        server.url,
      );
      expect({ code, stdout }).toEqual({
        code: 0,
        stdout: '{__name__="promtool_total", job="api"}\n',
      });
    });

    test('asks for the values of a label', async () => {
      const match = '--match=promtool_total';
      const { code, stdout } = await promtool('query', 'labels', match, server.url, 'job');
      expect({ code, stdout }).toEqual({ code: 0, stdout: 'api\n' });
    });

    test('is told what is wrong with a query', async () => {
      const { code, stderr } = await promtool('query', 'instant', server.url, 'sum(');
      expect(code).toBe(1);
      expect(stderr).toContain('bad_data: invalid parameter "query": 1:5: parse error');
    });
  },
);
