/** Bounds the bytes that all scrapes together may hold while they read. */
export interface BodyBudget {
  /** Takes bytes; `false`, and they are taken all the same until `giveBack`, when there are too many. */
  take(bytes: number): boolean;
  giveBack(bytes: number): void;
}

export function createBodyBudget(maxBytes: number): BodyBudget {
  let held = 0;
  return {
    take: (bytes) => {
      held += bytes;
      return held <= maxBytes;
    },
    giveBack: (bytes) => {
      held -= bytes;
    },
  };
}
