/** Calls `run` once, `delayMs` from now; the returned function cancels it. */
export type Schedule = (run: () => void, delayMs: number) => () => void;

/** Keeps calls that may never answer, such as `statfs` on a dead network mount, from holding up a collect. */
export interface Deadline {
  /**
   * Makes a call under a key. Rejects when no answer came in time. While that call is still out, further ones under
   * the key are refused at once, so that at most one thread waits for it.
   */
  run<T>(key: string, call: () => Promise<T>): Promise<T>;
  /** How many calls are out now. */
  unanswered(): number;
}

/** Makes a deadline of `timeoutMs` for each call. */
export function createDeadline(options: {
  readonly timeoutMs: number;
  readonly schedule: Schedule;
}): Deadline {
  const { timeoutMs, schedule } = options;
  const out = new Set<string>();
  return {
    unanswered: () => out.size,
    run(key, call) {
      if (out.has(key)) return Promise.reject(new Error(`${key} has not answered an earlier call`));
      out.add(key);
      const answer = (async () => call())();
      return new Promise((resolve, reject) => {
        const cancel = schedule(() => reject(tooLate(key, timeoutMs)), timeoutMs);
        const settle = (): void => {
          cancel();
          out.delete(key);
        };
        void answer.finally(settle).then(resolve, reject);
      });
    },
  };
}

function tooLate(key: string, timeoutMs: number): Error {
  return new Error(
    `${key}: got no answer; want one within ${timeoutMs} ms (left out until it answers)`,
  );
}
