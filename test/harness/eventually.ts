import { setTimeout as pause } from 'node:timers/promises';

/** How often a condition of another process is looked at. */
const INTERVAL_MS = 100;

/**
 * Waits until `read` gives something that is neither `undefined` nor `false`, for what happens in another process and
 * cannot be awaited. The last failure of `read` is the cause when the time is over.
 */
export async function eventually<T>(
  what: string,
  read: () => Promise<T | undefined | false>,
  limitMs = 30_000,
): Promise<T> {
  const endMs = performance.now() + limitMs;
  let cause: unknown;
  while (performance.now() < endMs) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- Each look waits for the one before.
      const got = await read();
      if (got !== undefined && got !== false) return got;
    } catch (error) {
      cause = error;
    }
    // oxlint-disable-next-line no-await-in-loop -- Each look waits for the one before.
    await pause(INTERVAL_MS);
  }
  throw new Error(`waited ${limitMs} ms; want ${what}`, { cause });
}
