import { createLabels } from '@hubpulse/model';
import { describe, expect, test } from 'vitest';
import { PromqlError } from './errors.ts';
import { evaluateInstant, evaluateRange } from './query.ts';
import { createTableSource, type TestSeries } from './testing/table-source.ts';

const MINUTE_MS = 60_000;

/** Ten samples, one each minute, from 0 on. */
const series = (labels: Record<string, string>, valueAt: (i: number) => number): TestSeries => ({
  labels,
  samples: Array.from({ length: 10 }, (_, i) => [i * MINUTE_MS, valueAt(i)] as const),
});

const source = createTableSource([
  series({ __name__: 'up', job: 'a' }, (i) => i),
  series({ __name__: 'up', job: 'b' }, (i) => 10 * i),
]);

describe('an instant query', () => {
  test('gives a vector in the order of its series', async () => {
    const result = await evaluateInstant({ query: 'sort_desc(up)', source, tMs: 2 * MINUTE_MS });
    expect(result).toEqual({
      type: 'vector',
      tMs: 2 * MINUTE_MS,
      samples: [
        { labels: createLabels({ __name__: 'up', job: 'b' }), value: 20 },
        { labels: createLabels({ __name__: 'up', job: 'a' }), value: 2 },
      ],
      warnings: [],
      infos: [],
      // Three samples of each series lie within the look-back; at most they, their lookups and the result are held.
      stats: { samplesRead: 6, samplesPeak: expect.any(Number) },
    });
  });

  test.each([
    ['1 + 2', { type: 'scalar', value: 3 }],
    ['("a")', { type: 'string', value: 'a' }],
  ])('%s', async (query, want) => {
    expect(await evaluateInstant({ query, source, tMs: 0 })).toMatchObject(want);
  });

  test('gives the samples of a range vector with their own times', async () => {
    const query = '(up{job="a"}[90s] offset 1m)';
    const result = await evaluateInstant({ query, source, tMs: 3 * MINUTE_MS });
    expect(result).toMatchObject({
      type: 'matrix',
      series: [
        {
          tMs: Float64Array.of(MINUTE_MS, 2 * MINUTE_MS),
          values: Float64Array.of(1, 2),
        },
      ],
    });
  });
});

describe('what comes beside an answer', () => {
  test.each([
    ['1234567', '1.234567e+06'],
    ['1e10', '1e+10'],
    ['-0.00001', '-1e-05'],
    ['123456.5', '123456.5'],
    ['-0.0001', '-0.0001'],
    ['-Inf', '-Inf'],
  ])('the quantile %s is written %s', async (quantile, text) => {
    const query = `quantile(${quantile}, up)`;
    const { warnings } = await evaluateInstant({ query, source, tMs: 0 });
    expect(warnings).toEqual([
      `PromQL warning: quantile value should be between 0 and 1, got ${text} (1:10)`,
    ]);
  });

  test('a warning says that sorting does nothing over a range', async () => {
    const range = { startMs: 0, endMs: 1000, stepMs: 1000 };
    const result = await evaluateRange({ query: '1 + sort(up)', source, ...range });
    expect(result.warnings).toEqual([
      'PromQL warning: sort is ineffective for range queries since results are always ordered by labels (1:5)',
    ]);
  });
});

describe('a range query', () => {
  test('ends at the end that was asked for, also where no step lies on it', async () => {
    const range = { startMs: 0, endMs: 3 * MINUTE_MS, stepMs: 2 * MINUTE_MS };
    const result = await evaluateRange({ query: 'up{job="a"} @ end()', source, ...range });
    expect(result.series[0]?.values).toEqual(Float64Array.of(3, 3));
  });

  test('gives columns over its steps, ordered by labels', async () => {
    const range = { startMs: 0, endMs: 13 * MINUTE_MS, stepMs: 5 * MINUTE_MS };
    const result = await evaluateRange({ query: 'up > 4', source, ...range });
    expect([...result.tMs]).toEqual([0, 5 * MINUTE_MS, 10 * MINUTE_MS]);
    expect(result.series.map(({ present }) => [...present])).toEqual([
      [0, 1, 1],
      [0, 1, 1],
    ]);
    expect(result.series[1]?.values[2]).toBe(90);
  });

  test('gives a scalar as a series without labels', async () => {
    const result = await evaluateRange({
      query: 'time()',
      source,
      startMs: 0,
      endMs: 2000,
      stepMs: 1000,
    });
    expect(result.series).toEqual([
      { labels: [], values: Float64Array.of(0, 1, 2), present: Uint8Array.of(1, 1, 1) },
    ]);
  });

  test.each([
    [
      'up[5m]',
      'invalid expression type "range vector" for range query, must be Scalar or instant Vector',
    ],
    ['"a"', 'invalid expression type "string" for range query, must be Scalar or instant Vector'],
  ])('of %s is refused', async (query, want) => {
    await expect(evaluateRange({ query, source, startMs: 0, endMs: 1, stepMs: 1 })).rejects.toThrow(
      want,
    );
  });

  test.each([
    [{ startMs: 0, endMs: 1, stepMs: 0 }, 'stepMs: got 0; want more than 0'],
    [{ startMs: 2, endMs: 1, stepMs: 1 }, 'endMs: got 1; want at least startMs, 2'],
    [{ startMs: 0.5, endMs: 1, stepMs: 1 }, 'startMs: got 0.5; want an integer'],
    [{ startMs: 0, endMs: 1e9, stepMs: 1 }, 'steps: got 1000000001; want at most 50000000'],
  ])('with %j is refused', async (range, want) => {
    await expect(evaluateRange({ query: 'up', source, ...range })).rejects.toThrow(want);
  });
});

describe('the source', () => {
  test('is asked for what the query needs and no more', async () => {
    const table = createTableSource([]);
    const query = 'up offset 1m + rate(x[2m]) + max_over_time(y[10m:1m]) + z @ 30';
    await evaluateRange({ query, source: table, startMs: 600_000, endMs: 900_000, stepMs: 60_000 });
    expect(table.asked.map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([
      [600_000 - 60_000 - 300_000 + 1, 900_000 - 60_000],
      [600_000 - 120_000 + 1, 900_000],
      // The first multiple of the step inside of the window, and the look-back before it.
      [60_000 - 300_000 + 1, 900_000],
      [30_000 - 300_000 + 1, 30_000],
    ]);
  });

  test('is asked once for what a query names twice', async () => {
    const table = createTableSource([]);
    await evaluateInstant({ query: 'up / on () up + up offset 5m', source: table, tMs: 0 });
    expect(table.asked).toHaveLength(2);
  });

  test('may fail: its error passes unchanged', async () => {
    const failure = new Error('disk');
    const broken = { select: () => Promise.reject(failure) };
    await expect(evaluateInstant({ query: 'up', source: broken, tMs: 0 })).rejects.toBe(failure);
  });
});

describe('limits', () => {
  const range = { startMs: 0, endMs: 9 * MINUTE_MS, stepMs: MINUTE_MS };

  test('samples beyond the limit end the query, whether read or computed', async () => {
    const tooMany = 'query processing would load too many samples into memory';
    await expect(evaluateRange({ query: 'up', source, ...range, maxSamples: 19 })).rejects.toThrow(
      tooMany,
    );
    await expect(evaluateRange({ query: 'up', source, ...range, maxSamples: 39 })).rejects.toThrow(
      tooMany,
    );
    await expect(
      evaluateRange({ query: 'up', source, ...range, maxSamples: 40 }),
    ).resolves.toBeDefined();
  });

  test.each(['up', 'vector(1)', 'vector(time())', 'rate(up[5m])', 'max_over_time(up[1h:])'])(
    'a subquery of %s with too many steps is refused before anything is made for them',
    async (inner) => {
      const query = `count_over_time((${inner})[100y:1ms])`;
      await expect(evaluateInstant({ query, source, tMs: 0 })).rejects.toMatchObject({
        code: 'execution',
      });
    },
  );

  test('what an operand held does not count any more when it was used', async () => {
    const query = 'sum(sum(sum(sum(up))))';
    await expect(evaluateRange({ query, source, ...range, maxSamples: 60 })).resolves.toBeDefined();
  });

  test.each([
    ['canceled', new AbortController()],
    ['timeout', new AbortController()],
  ] as const)('an aborted query ends with the code %s', async (code, controller) => {
    controller.abort(code === 'timeout' ? new DOMException('late', 'TimeoutError') : undefined);
    const failure = evaluateInstant({ query: 'up', source, tMs: 0, signal: controller.signal });
    await expect(failure).rejects.toMatchObject({ code });
    await expect(failure).rejects.toBeInstanceOf(PromqlError);
  });

  test('an aborted query does not wait for its source', async () => {
    const controller = new AbortController();
    const silent = { select: () => new Promise<never>(() => undefined) };
    const failure = evaluateInstant({
      query: 'up',
      source: silent,
      tMs: 0,
      signal: controller.signal,
    });
    controller.abort();
    await expect(failure).rejects.toMatchObject({ code: 'canceled' });
  });

  test('a long evaluation lets others run, and ends when it is aborted meanwhile', async () => {
    const count = 2000;
    const samples = Array.from({ length: count }, (_, i) => [i, i] as const);
    const long = createTableSource([{ labels: { __name__: 'x' }, samples }]);
    const controller = new AbortController();
    setImmediate(() => setImmediate(() => controller.abort()));
    const query = 'sum_over_time(x[1500ms])';
    await expect(
      evaluateRange({
        query,
        source: long,
        startMs: 0,
        endMs: 40_000,
        stepMs: 1,
        signal: controller.signal,
      }),
    ).rejects.toMatchObject({ code: 'canceled' });
  });
});

test('an expression as deep as the parser allows is evaluated', async () => {
  const deep = `${'('.repeat(390)}up{job="a"}${')'.repeat(390)}`;
  const long = `up{job="a"}${'+1'.repeat(900)}`;
  for (const [query, want] of [
    [deep, 1],
    [long, 901],
  ] as const) {
    const result = await evaluateInstant({ query, source, tMs: MINUTE_MS });
    expect(result).toMatchObject({ samples: [{ value: want }] });
  }
});

describe('metric names', () => {
  const query = 'sum by (__name__) (rate(up[2m]))';

  test('go away at once by default, and at the end on demand', async () => {
    const at = { query, source, tMs: 5 * MINUTE_MS };
    const labelsOf = async (delayedNameRemoval: boolean): Promise<unknown> => {
      const result = await evaluateInstant({ ...at, delayedNameRemoval });
      return result.type === 'vector' ? result.samples.map(({ labels }) => labels) : undefined;
    };
    expect(await labelsOf(false)).toEqual([[]]);
    expect(await labelsOf(true)).toEqual([[]]);
  });

  test('stay in reach of label_replace when they go at the end', async () => {
    const renamed = 'label_replace(rate(up{job="a"}[2m]), "was", "$1", "__name__", "(.*)")';
    const was = async (delayedNameRemoval: boolean): Promise<unknown> => {
      const result = await evaluateInstant({
        query: renamed,
        source,
        tMs: 5 * MINUTE_MS,
        delayedNameRemoval,
      });
      return result.type === 'vector' ? result.samples[0]?.labels : undefined;
    };
    expect(await was(false)).toEqual([['job', 'a']]);
    expect(await was(true)).toEqual([
      ['job', 'a'],
      ['was', 'up'],
    ]);
  });
});

test('a counter that is not named like one is told', async () => {
  const { infos } = await evaluateInstant({
    query: '1 + rate(up[5m])',
    source,
    tMs: 5 * MINUTE_MS,
  });
  expect(infos).toEqual([
    'PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "up" (1:10)',
  ]);
});
