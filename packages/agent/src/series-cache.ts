import { createLabels, type Labels, METRIC_NAME } from '@hubpulse/model';

/** The labels of the series of one metric. */
export function createSeries(
  metric: string,
  labels: Readonly<Record<string, string>> = {},
): Labels {
  return createLabels({ ...labels, [METRIC_NAME]: metric });
}

/** Labels of things that come and go (disks, interfaces, mounts), built once for each. */
export interface SeriesCache<T> {
  get(key: string): T;
  /** Forgets what nobody asked for since the sweep before. Called at the end of each collect. */
  sweep(): void;
}

/** Makes a cache over `build`. It holds at most the keys of two collects. */
export function createSeriesCache<T>(build: (key: string) => T): SeriesCache<T> {
  let current = new Map<string, T>();
  let before = new Map<string, T>();
  return {
    get(key) {
      const known = current.get(key);
      if (known !== undefined) return known;
      const made = before.get(key) ?? build(key);
      current.set(key, made);
      return made;
    },
    sweep() {
      before = current;
      current = new Map();
    },
  };
}
