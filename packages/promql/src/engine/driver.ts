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

/** Waits for work of others, but not after the signal was aborted. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(abortError(signal));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** Ends a query that is no longer wanted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortError(signal);
}

function abortError(signal: AbortSignal): PromqlError {
  const cause: unknown = signal.reason;
  const isTimeout = cause instanceof DOMException && cause.name === 'TimeoutError';
  return isTimeout
    ? new PromqlError('timeout', 'query timed out in expression evaluation', { cause })
    : new PromqlError('canceled', 'query was canceled in expression evaluation', { cause });
}
