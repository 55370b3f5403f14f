import type { Clock } from './clock.ts';
import type { Log } from './log.ts';

/** A Hubpulse that listens. */
export interface Running {
  /** Where the dashboard is, with the port that was taken. */
  readonly url: string;
  /** Resolves or rejects with the reason when a part ended that the rest cannot do without. Otherwise stays pending. */
  readonly failed: Promise<unknown>;
  /** Ends every part in order; what was accepted is on disk when it resolves. */
  close(): Promise<void>;
  /** The parts that `close` has not ended yet, for the message when it takes too long. */
  stillOpen?(): readonly string[];
}

const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const;
type StopSignal = (typeof STOP_SIGNALS)[number];

/** The part of `process` that reports signals. */
export interface SignalSource {
  on(signal: StopSignal, listener: () => void): unknown;
  off(signal: StopSignal, listener: () => void): unknown;
}

/**
 * 2 is what shells and parsers use for wrong usage; the last two are 128 plus the number of the signal. The caller ends
 * the process with the code, because after all but `ok` something may still be open.
 */
export const EXIT = { ok: 0, failed: 1, refused: 2, SIGINT: 130, SIGTERM: 143 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Half of what Docker grants before it kills, a sixth of what Kubernetes grants. */
const STOP_LIMIT_MS = 5000;

/**
 * One Ctrl-C under npm arrives twice: from the terminal, and passed on by npm. Nobody presses the keys twice on purpose
 * within this time.
 */
const SAME_PRESS_MS = 250;

export interface LifetimeOptions {
  readonly start: () => Promise<Running>;
  /** Says that Hubpulse listens; not called when a signal came first. */
  readonly announce: (running: Running) => Promise<void>;
  readonly signals: SignalSource;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Starts, waits for SIGINT, SIGTERM or the failure of a part, and closes in order. Signals are heeded during start-up
 * too. A second signal ends the wait at once.
 *
 * @returns 0 after an orderly stop; 1 when a part failed, closing failed, or it took more than 5 s from the signal;
 * 130 or 143 after a second signal.
 * @throws What `start` rejects with.
 */
export async function runLifetime(options: LifetimeOptions): Promise<ExitCode> {
  const { clock, log } = options;
  const stop = watchStop(options.signals, clock);
  const life = createLife(options, stop);
  // The clock's timers keep no process alive, so a part that waits for nothing would end it without a word.
  const alive = setInterval(() => undefined, STOP_LIMIT_MS);
  try {
    const code = await Promise.race([life.run(), stop.forced, stop.overdue]);
    if (code !== 'overdue') return code;
    log.error(
      { limitMs: STOP_LIMIT_MS, stillOpen: life.stillOpen() },
      'Hubpulse did not stop in time.',
    );
    return EXIT.failed;
  } finally {
    clearInterval(alive);
    stop.dispose();
  }
}

interface Life {
  run(): Promise<ExitCode>;
  stillOpen(): readonly string[];
}

function createLife({ start, announce, log }: LifetimeOptions, stop: Stop): Life {
  let running: Running | undefined;
  return {
    stillOpen: () =>
      running === undefined ? ['start-up'] : (running.stillOpen?.() ?? ['unknown']),
    run: async () => {
      running = await start();
      if (!stop.isBegun()) await announce(running);
      const failure = await Promise.race([stop.begun, failureOf(running)]);
      if (failure !== undefined) {
        log.error({ err: failure.reason }, 'A part that Hubpulse cannot do without has failed.');
        stop.begin();
      }
      try {
        await running.close();
      } catch (error) {
        log.error({ err: error }, 'Hubpulse could not stop in order.');
        return EXIT.failed;
      }
      return failure === undefined ? EXIT.ok : EXIT.failed;
    },
  };
}

async function failureOf(running: Running): Promise<{ reason: unknown }> {
  try {
    return { reason: await running.failed };
  } catch (error) {
    return { reason: error };
  }
}

interface Stop {
  /** Resolves when the end begins: at the first signal, or when `begin` is called. */
  readonly begun: Promise<undefined>;
  /** Resolves at the second signal, with its exit code. */
  readonly forced: Promise<ExitCode>;
  /** Resolves when the end has taken too long. */
  readonly overdue: Promise<'overdue'>;
  isBegun(): boolean;
  begin(): void;
  dispose(): void;
}

function watchStop(signals: SignalSource, clock: Clock): Stop {
  const begun = createDeferred<undefined>();
  const forced = createDeferred<ExitCode>();
  const overdue = createDeferred<'overdue'>();
  let cancelLimit: (() => void) | undefined;
  let firstSignalMs: number | undefined;
  const begin = (): void => {
    cancelLimit ??= clock.schedule(() => overdue.resolve('overdue'), STOP_LIMIT_MS);
    begun.resolve(undefined);
  };
  const onSignal = (signal: StopSignal): void => {
    const nowMs = clock.monotonicMs();
    firstSignalMs ??= nowMs;
    if (nowMs - firstSignalMs >= SAME_PRESS_MS) forced.resolve(EXIT[signal]);
    begin();
  };
  const listeners = STOP_SIGNALS.map((signal) => ({ signal, listener: () => onSignal(signal) }));
  for (const { signal, listener } of listeners) signals.on(signal, listener);
  return {
    begun: begun.promise,
    forced: forced.promise,
    overdue: overdue.promise,
    isBegun: () => cancelLimit !== undefined,
    begin,
    dispose: () => {
      cancelLimit?.();
      for (const { signal, listener } of listeners) signals.off(signal, listener);
    },
  };
}

interface Deferred<Value> {
  readonly promise: Promise<Value>;
  resolve(value: Value): void;
}

function createDeferred<Value>(): Deferred<Value> {
  let resolve: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
