import { describe, expect, test } from 'vitest';
import { cellsOf } from './bucket-grid.ts';
import { ExponentialPoint } from './exponential-point.ts';
import { at, exponential, gauge, MetricsRig, type Rows } from './metrics.test-rig.ts';

interface Shape {
  readonly scale?: number;
  readonly offset?: number;
  readonly counts?: readonly number[];
  readonly negative?: readonly number[];
  readonly zeroCount?: number;
  readonly startMs?: number;
  readonly count?: number;
}

const point = (afterMs: number, shape: Shape): object => {
  const { scale = 2, offset = 0, counts = [], negative = [], zeroCount = 0, startMs } = shape;
  const total = [...counts, ...negative, zeroCount].reduce((sum, count) => sum + count, 0);
  return at(
    afterMs,
    {
      scale,
      zeroCount,
      count: shape.count ?? total,
      sum: 10,
      positive: { offset, bucketCounts: counts },
      negative: { offset, bucketCounts: negative },
    },
    startMs === undefined ? {} : { startMs },
  );
};

/** The buckets by bound, rounded to three digits. */
const buckets = (rows: Rows): Record<string, [number, number][]> =>
  Object.fromEntries(
    Object.entries(rows).flatMap(([name, samples]) => {
      const le = /^e_bucket\{le="(.*)"\}$/.exec(name)?.[1];
      if (le === undefined) return [];
      return [[le === '+Inf' ? le : String(Number(Number(le).toPrecision(3))), samples] as const];
    }),
  );

const after = async (...points: readonly object[]): Promise<Record<string, [number, number][]>> => {
  const rig = new MetricsRig();
  for (const each of points)
    expect(await rig.send(exponential('e', [each]))).toEqual({ rejected: 0, message: '' });
  return buckets(await rig.rows());
};

describe('the cells of a point', () => {
  const cells = (
    fields: Partial<ExponentialPoint>,
    offset: number,
    counts: readonly number[],
  ): unknown => {
    const made = Object.assign(new ExponentialPoint(), fields);
    made.positive.offset = offset;
    for (const count of counts) made.positive.counts.push(count);
    const exponent = (bound: number): number => Number(Math.log2(bound).toFixed(9));
    return cellsOf(made).map(({ lower, upper, count }) => [
      exponent(lower),
      exponent(upper),
      count,
    ]);
  };

  test('are the buckets themselves at the scale of the grid', () => {
    expect(cells({ scale: 2 }, -1, [3, 0, 5])).toEqual([
      [-0.25, 0, 3],
      [0.25, 0.5, 5],
    ]);
  });

  test('gather finer buckets, also below one', () => {
    expect(cells({ scale: 3 }, -3, [1, 2, 4, 8, 16])).toEqual([
      [-0.5, -0.25, 1],
      [-0.25, 0, 6],
      [0, 0.25, 24],
    ]);
  });

  test('are as wide as coarser buckets', () => {
    expect(cells({ scale: 0 }, 1, [1, 2])).toEqual([
      [1, 2, 1],
      [2, 3, 2],
    ]);
    expect(cells({ scale: -10 }, 0, [1])).toEqual([[0, Number.POSITIVE_INFINITY, 1]]);
  });
});

test('only bounds around what was counted are stored, in both directions from zero', async () => {
  const rows = await after(
    point(0, { scale: 0, offset: 1, counts: [2, 0, 3], negative: [5, 1], zeroCount: 7 }),
  );
  expect(rows).toEqual({
    // (-8, -4]: 1, (-4, -2]: 5, zero: 7, (2, 4]: 2, (8, 16]: 3
    '-8': [[0, 0]],
    '-4': [[0, 1]],
    '-2': [[0, 6]],
    '0': [[0, 13]],
    '2': [[0, 13]],
    '4': [[0, 15]],
    '8': [[0, 15]],
    '16': [[0, 18]],
    '+Inf': [[0, 18]],
  });
});

test('count and sum are stored too', async () => {
  const rig = new MetricsRig();
  await rig.send(exponential('e', [point(0, { counts: [4] })]));
  const rows = await rig.rows();
  expect(rows['e_count']).toEqual([[0, 4]]);
  expect(rows['e_sum']).toEqual([[0, 10]]);
});

test('all series begin at zero when the histogram is young', async () => {
  const rows = await after(point(0, { scale: 0, counts: [4], startMs: -1000 }));
  for (const bound of ['1', '2', '+Inf']) expect(rows[bound]?.[0]).toEqual([-1000, 0]);
});

describe('a bound that is new', () => {
  test('begins with what the one below it had, so that its first count is an increase', async () => {
    const rows = await after(
      point(-20, { scale: 0, offset: 0, counts: [4] }),
      point(-10, { scale: 0, offset: 0, counts: [5, 0, 0, 2] }),
    );
    expect(rows).toEqual({
      '1': [
        [-20, 0],
        [-10, 0],
      ],
      '2': [
        [-20, 4],
        [-10, 5],
      ],
      '8': [
        [-20, 4],
        [-10, 5],
      ],
      '16': [
        [-20, 4],
        [-10, 7],
      ],
      '+Inf': [
        [-20, 4],
        [-10, 7],
      ],
    });
  });

  test('does so with deltas', async () => {
    const rig = new MetricsRig();
    await rig.send(exponential('e', [point(-20, { scale: 0, counts: [4] })], { isDelta: true }));
    await rig.send(
      exponential('e', [point(-10, { scale: 0, offset: 3, counts: [2] })], { isDelta: true }),
    );
    await rig.send(exponential('e', [point(-5, { scale: 0, counts: [1] })], { isDelta: true }));
    expect(buckets(await rig.rows())).toEqual({
      '1': [
        [-20, 0],
        [-10, 0],
        [-5, 0],
      ],
      '2': [
        [-20, 4],
        [-10, 4],
        [-5, 5],
      ],
      '8': [
        [-20, 4],
        [-10, 4],
        [-5, 5],
      ],
      '16': [
        [-20, 4],
        [-10, 6],
        [-5, 7],
      ],
      '+Inf': [
        [-20, 4],
        [-10, 6],
        [-5, 7],
      ],
    });
  });
});

test('an SDK that makes its buckets coarser makes no series fall', async () => {
  const rows = await after(
    point(-20, { scale: 1, offset: 0, counts: [1, 2] }),
    point(-10, { scale: 0, offset: 0, counts: [4, 1] }),
  );
  // The bound √2 lies within the new bucket (1, 2], of which nobody knows how much is below.
  expect(rows['1.41']).toEqual([
    [-20, 1],
    [-10, 1],
  ]);
  expect(rows['2']).toEqual([
    [-20, 3],
    [-10, 4],
  ]);
  expect(rows['4']?.at(-1)).toEqual([-10, 5]);
});

test('a process that starts anew counts from zero', async () => {
  const rows = await after(
    point(-20, { scale: 0, counts: [4], startMs: -30 }),
    point(-10, { scale: 0, counts: [1], startMs: -15 }),
    point(-5, { scale: 0, counts: [2], startMs: -15 }),
  );
  expect(rows['2']?.slice(-3)).toEqual([
    [-20, 4],
    [-10, 1],
    [-5, 2],
  ]);
});

test('one that does not say when it starts is known by its count', async () => {
  const rows = await after(
    point(-20, { scale: 0, counts: [4] }),
    point(-10, { scale: 0, counts: [1] }),
  );
  expect(rows['2']).toEqual([
    [-20, 4],
    [-10, 1],
  ]);
});

test('a point that came late changes nothing of what follows', async () => {
  const rows = await after(
    point(-10, { scale: 0, counts: [4] }),
    point(-20, { scale: 0, counts: [2] }),
    point(-5, { scale: 0, counts: [5] }),
  );
  expect(rows['2']).toEqual([
    [-20, 2],
    [-10, 4],
    [-5, 5],
  ]);
});

test('a delta that was added before is refused', async () => {
  const rig = new MetricsRig();
  const request = exponential('e', [point(-20, { counts: [4] })], { isDelta: true });
  await rig.send(request);
  expect(await rig.send(request)).toMatchObject({ rejected: 1 });
  expect(buckets(await rig.rows())['+Inf']).toEqual([[-20, 4]]);
});

test('a histogram that ends, ends with all its series', async () => {
  const rig = new MetricsRig();
  await rig.send(exponential('e', [point(-10, { scale: 0, counts: [4] })]));
  await rig.send(exponential('e', [at(0, { flags: 1, sum: 0 })]));
  const rows = await rig.rows();
  for (const samples of Object.values(rows)) expect(samples.at(-1)).toEqual([0, Number.NaN]);
  expect(Object.keys(rows)).toHaveLength(5);
});

describe('what is refused', () => {
  test.each([
    [{ scale: 21 }, 'the scale 21'],
    [{ scale: -11 }, 'the scale -11'],
    [{ scale: 2, counts: Array.from({ length: 500 }, () => 1) }, 'more than 400 buckets'],
  ])('%# leaves the others', async (shape, message) => {
    const rig = new MetricsRig();
    const sent = await rig.send(
      exponential('e', [point(0, shape)]),
      gauge('g', at(0, { asInt: 1 })),
    );
    expect(sent).toMatchObject({ rejected: 1, message: expect.stringContaining(message) });
    expect(await rig.rows()).toEqual({ g: [[0, 1]] });
  });

  test('over the limit of series is refused, and no series is made of it', async () => {
    const rig = new MetricsRig({ limits: { maxSeries: 5 } });
    await rig.send(exponential('e', [point(-30, { scale: 0 })]));
    const sent = await rig.send(exponential('e', [point(-20, { scale: 0, counts: [1, 0, 1] })]));
    expect(sent).toMatchObject({
      rejected: expect.any(Number),
      message: expect.stringContaining('ingest_max_series'),
    });
    const again = await rig.send(exponential('e', [point(-10, { scale: 0, counts: [1, 0, 1] })]));
    expect(again).toMatchObject({ message: expect.stringContaining('ingest_max_series') });
    expect(buckets(await rig.rows())['+Inf']).toEqual([
      [-30, 0],
      [-20, 2],
      [-10, 2],
    ]);
  });
});

test('buckets at the ends of what numbers can hold do no harm', async () => {
  const rows = await after(
    point(0, { scale: 0, offset: -1080, counts: [1] }),
    point(1, { scale: 0, offset: 2_147_483_647, counts: [1, 1] }),
    point(2, { scale: -10, offset: -2_147_483_648, counts: [1] }),
  );
  expect(rows['+Inf']).toEqual([
    [0, 1],
    [1, 2],
    [2, 1],
  ]);
});
