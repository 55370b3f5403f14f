import type { GridSeries } from '../engine/value.ts';

/** Aggregates the series of one group, each over all steps, in turn. */
export interface Reducer {
  add(series: GridSeries): void;
  /** Writes the value of each step at which a series was present. */
  finish(values: Float64Array): void;
}

/** Opens a reducer over so many steps. */
export type CreateReducer = (count: number) => Reducer;

export const REDUCERS: Readonly<Record<string, CreateReducer>> = {
  avg: createAverage,
  count: createCount,
  group: () => ({ add: () => undefined, finish: (values) => void values.fill(1) }),
  max: createExtreme((value, than) => value > than),
  min: createExtreme((value, than) => value < than),
  stddev: createVariance(Math.sqrt),
  stdvar: createVariance((variance) => variance),
  sum: createSum,
};

function createSum(count: number): Reducer {
  const sums = createSums(count);
  return {
    add: ({ values, present }) => {
      for (let step = 0; step < count; step += 1) {
        if (present[step] === 1) addTo(sums, step, values[step] ?? 0);
      }
    },
    finish: (values) => {
      for (let step = 0; step < count; step += 1) {
        values[step] = (sums.sum[step] ?? 0) + (sums.lost[step] ?? 0);
      }
    },
  };
}

/** One compensated sum for each step, with how many values it holds. */
interface Sums {
  readonly sum: Float64Array;
  readonly lost: Float64Array;
  readonly counts: Uint32Array;
}

function createSums(count: number): Sums {
  return {
    sum: new Float64Array(count),
    lost: new Float64Array(count),
    counts: new Uint32Array(count),
  };
}

/** Adds a value, the first as it is. See `addCompensated`; columns in place of an object here. */
function addTo({ sum, lost, counts }: Sums, step: number, value: number): void {
  const before = sum[step] ?? 0;
  const isFirst = counts[step] === 0;
  counts[step] = (counts[step] ?? 0) + 1;
  if (isFirst) {
    sum[step] = value;
    return;
  }
  const total = before + value;
  const rest =
    Math.abs(before) >= Math.abs(value) ? before - total + value : value - total + before;
  sum[step] = total;
  lost[step] = Math.abs(total) === Number.POSITIVE_INFINITY ? 0 : (lost[step] ?? 0) + rest;
}

/** The mean, as `createMean` computes it for one window. */
function createAverage(count: number): Reducer {
  const sums = createSums(count);
  // Where the sum would overflow, `sum` holds the mean from then on.
  const isIncremental = new Uint8Array(count);
  return {
    add: ({ values, present }) => {
      for (let step = 0; step < count; step += 1) {
        if (present[step] === 1) addToMean(sums, isIncremental, { step, value: values[step] ?? 0 });
      }
    },
    finish: (values) => {
      for (let step = 0; step < count; step += 1) {
        const by = isIncremental[step] === 1 ? 1 : (sums.counts[step] ?? 1);
        values[step] = (sums.sum[step] ?? 0) / by + (sums.lost[step] ?? 0) / by;
      }
    },
  };
}

function addToMean(
  sums: Sums,
  isIncremental: Uint8Array,
  { step, value }: { readonly step: number; readonly value: number },
): void {
  const before = sums.sum[step] ?? 0;
  const lostBefore = sums.lost[step] ?? 0;
  const count = (sums.counts[step] ?? 0) + 1;
  if (isIncremental[step] === 0) {
    addTo(sums, step, value);
    if (count === 1 || Math.abs(sums.sum[step] ?? 0) !== Number.POSITIVE_INFINITY) return;
    isIncremental[step] = 1;
    sums.sum[step] = before / (count - 1);
    sums.lost[step] = lostBefore / (count - 1);
  } else sums.counts[step] = count;
  const share = (count - 1) / count;
  sums.sum[step] = (sums.sum[step] ?? 0) * share;
  sums.lost[step] = (sums.lost[step] ?? 0) * share;
  addTo(sums, step, value / count);
  sums.counts[step] = count;
}

function createCount(count: number): Reducer {
  const counts = new Uint32Array(count);
  return {
    add: ({ present }) => {
      for (let step = 0; step < count; step += 1) {
        counts[step] = (counts[step] ?? 0) + (present[step] ?? 0);
      }
    },
    finish: (values) => values.set(counts),
  };
}

/** NaN gives way to any number. */
function createExtreme(isBetter: (value: number, than: number) => boolean): CreateReducer {
  return (count) => {
    const best = new Float64Array(count).fill(Number.NaN);
    return {
      add: ({ values, present }) => {
        for (let step = 0; step < count; step += 1) {
          const value = values[step] ?? 0;
          const than = best[step] ?? 0;
          const isNew = isBetter(value, than) || Number.isNaN(than);
          if (present[step] === 1 && isNew) best[step] = value;
        }
      },
      finish: (values) => values.set(best),
    };
  };
}

/** The population's variance, after Welford. A first value that is no finite number makes the result NaN. */
function createVariance(resultOf: (variance: number) => number): CreateReducer {
  return (count) => {
    const counts = new Uint32Array(count);
    const means = new Float64Array(count);
    const squares = new Float64Array(count);
    const addAt = (step: number, value: number): void => {
      const n = (counts[step] ?? 0) + 1;
      counts[step] = n;
      const difference = value - (means[step] ?? 0);
      means[step] = (means[step] ?? 0) + difference / n;
      squares[step] = (squares[step] ?? 0) + difference * (value - (means[step] ?? 0));
    };
    return {
      add: ({ values, present }) => {
        for (let step = 0; step < count; step += 1) {
          if (present[step] === 1) addAt(step, values[step] ?? 0);
        }
      },
      finish: (values) => {
        for (let step = 0; step < count; step += 1) {
          values[step] = resultOf((squares[step] ?? 0) / (counts[step] ?? 1));
        }
      },
    };
  };
}
