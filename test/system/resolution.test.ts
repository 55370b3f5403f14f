import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type HubpulseProcess,
  startHubpulse,
  temporaryDirectory,
} from '../harness/hubpulse-process.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;

/** A full hour, so that buckets of both widths end at it. */
const now = Math.floor(Date.now() / 1000 / HOUR) * HOUR;

/** The ends of three hours, each with a sample for each of its minutes: 1 to 60. */
const ENDS = { raw: now - 2 * DAY, '1m': now - 20 * DAY, '1h': now - 200 * DAY } as const;

describe('a query over samples of three ages', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let server: HubpulseProcess;

  beforeAll(async () => {
    directory = await temporaryDirectory();
    server = await startHubpulse(directory.path, { HUBPULSE_AGENT_INTERVAL_MS: '0' });
    const samples = Object.values(ENDS).flatMap((end) =>
      Array.from({ length: 60 }, (_, i) => ({
        metric: 'aged',
        labels: { job: 'api' },
        value: i + 1,
        timestamp: (end - HOUR + (i + 1) * 60) * 1000,
      })),
    );
    const response = await fetch(`${server.url}/api/v1/samples`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(samples),
    });
    if (!response.ok) throw new Error(`got ${response.status} to the samples; want 200`);
  });

  afterAll(async () => {
    await server?.stop();
    await directory?.remove();
  });

  const ask = async (path: string, parameters: Record<string, string>) => {
    const response = await fetch(`${server.url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const { data, infos } = (await response.json()) as {
      data: { result: { values?: unknown; value?: unknown }[] };
      infos?: string[];
    };
    const [first] = data.result;
    return {
      resolution: response.headers.get('x-hubpulse-resolution'),
      values: first?.values ?? first?.value,
      infos,
    };
  };

  test.each(['raw', '1m', '1h'] as const)('reads %s and is exact', async (resolution) => {
    const end = ENDS[resolution];
    const range = { start: String(end - HOUR), end: String(end), step: String(HOUR) };
    for (const [query, value] of [
      ['aged', 60],
      ['avg_over_time(aged[1h])', 30.5],
      ['count_over_time(aged[1h])', 60],
      ['min_over_time(aged[1h])', 1],
    ] as const) {
      expect(await ask('query_range', { query, ...range })).toEqual({
        resolution,
        values: [[end, String(value)]],
        infos: undefined,
      });
    }
  });

  test('at one instant long ago sees the last bucket between the ends of buckets', async () => {
    const time = String(ENDS['1h'] + 1800);
    expect(await ask('query', { query: 'aged', time })).toMatchObject({
      resolution: '1h',
      values: [ENDS['1h'] + 1800, '60'],
    });
    expect(await ask('query', { query: 'max_over_time(aged[5m])', time })).toMatchObject({
      resolution: '1h',
      infos: [expect.stringContaining('the window of 5m was answered from 1h')],
    });
  });

  test('reads what it is told to', async () => {
    const query = 'last_over_time(aged[1h])';
    const range = { start: String(ENDS.raw), end: String(ENDS.raw), step: '60' };
    for (const resolution of ['raw', '1m', '1h']) {
      expect(await ask('query_range', { query, ...range, resolution })).toMatchObject({
        resolution,
        values: [[ENDS.raw, '60']],
      });
    }
  });
});
