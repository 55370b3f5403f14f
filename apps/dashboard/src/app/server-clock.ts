/** The present by the server's clock, which may differ from this browser's. */
export interface ServerClock {
  /** Unix milliseconds. */
  nowMs(): number;
  /** Takes an answer's own time, and when it arrived by this browser's clock, both in Unix milliseconds. */
  sync(serverNowMs: number, arrivedMs: number): void;
}

/** A clock that agrees with the browser's until the first answer tells the difference. */
export function createServerClock(browserNowMs: () => number): ServerClock {
  let aheadMs = 0;
  return {
    nowMs: () => browserNowMs() + aheadMs,
    sync: (serverNowMs, arrivedMs) => {
      aheadMs = serverNowMs - arrivedMs;
    },
  };
}
