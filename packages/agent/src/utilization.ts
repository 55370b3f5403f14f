/** Turns counters of time by mode into shares of the time since the reading before. */
export interface Utilization {
  /**
   * The share of each mode (0 to 1, together 1), or `undefined` on the first reading and when no time has passed.
   * A counter that stepped back (Linux documents it of iowait) counts as one that stood still.
   */
  next(times: readonly number[]): readonly number[] | undefined;
}

/** Makes a utilization without a reading yet. Times may have any unit, the same in every reading. */
export function createUtilization(): Utilization {
  let before: readonly number[] | undefined;
  return {
    next(times) {
      const previous = before;
      if (previous === undefined) {
        before = times;
        return undefined;
      }
      const spent = times.map((time, mode) => Math.max(0, time - (previous[mode] ?? time)));
      const total = spent.reduce((sum, time) => sum + time, 0);
      // Two readings within one clock tick keep the older baseline, so that the next one has something to compare.
      if (total <= 0 && !steppedBack(previous, times)) return undefined;
      before = times;
      return total > 0 ? spent.map((time) => time / total) : undefined;
    },
  };
}

function steppedBack(previous: readonly number[], times: readonly number[]): boolean {
  return times.some((time, mode) => time < (previous[mode] ?? 0));
}
