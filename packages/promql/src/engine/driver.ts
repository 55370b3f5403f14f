import { PromqlError } from '../errors.ts';
import type { Work } from './evaluation.ts';

/**
 * Runs work to its end, letting others run at each of its pauses.
 *
 * @throws PromqlError `timeout` or `canceled` at the first pause after the signal was aborted.
 */
export async function drive<T>(work: Work<T>, signal: AbortSignal | undefined): Promise<T> {
  throwIfAborted(signal);
  for (let slice = work.next(); ; slice = work.next()) {
    if (slice.done === true) return slice.value;
    // oxlint-disable-next-line no-await-in-loop -- one slice follows the other
    await nextTurn();
    throwIfAborted(signal);
  }
}

/** The next turn of the event loop: timers and I/O come first. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Ends a query that is no longer wanted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  const cause: unknown = signal.reason;
  const isTimeout = cause instanceof DOMException && cause.name === 'TimeoutError';
  throw isTimeout
    ? new PromqlError('timeout', 'query timed out in expression evaluation', { cause })
    : new PromqlError('canceled', 'query was canceled in expression evaluation', { cause });
}
