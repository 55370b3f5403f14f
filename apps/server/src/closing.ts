/** A part that must be closed, with the name under which a message calls it. */
export type Closeable = readonly [name: string, close: () => Promise<void>];

/** Closes parts one after another. */
export interface Closing {
  /** Closes each part in order, also after one of them failed; rejects with the first failure. A second call waits for the first. */
  close(): Promise<void>;
  /** The parts that `close` has not ended yet. */
  stillOpen(): readonly string[];
}

/** @param parts In the order in which they close: whoever uses a part comes before it. */
export function createClosing(parts: readonly Closeable[]): Closing {
  const open = new Map(parts);
  let closing: Promise<void> | undefined;

  const closeAll = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (const [name, close] of parts) {
      // oxlint-disable-next-line no-await-in-loop -- The order is the point.
      await close().catch((error: unknown) => failures.push(error));
      open.delete(name);
    }
    if (failures.length > 0) throw failures[0];
  };

  return {
    close: () => (closing ??= closeAll()),
    stillOpen: () => [...open.keys()],
  };
}
