import type { Clock } from './clock.ts';
import { createGridLoop } from './grid-loop.ts';
import type { Log } from './log.ts';

/** One thing that happens at each beat. Steps run one after another: a later one sees what an earlier one wrote. */
export interface PulseStep {
  /** Names the step in the log and in `hubpulse_pulse_failures_total{step}`. */
  readonly name: string;
  readonly run: (tMs: number) => Promise<void>;
}

/** The loop that keeps Hubpulse's own figures fresh. */
export interface Pulse {
  start(): void;
  /** No further beat begins; resolves when the one under way has ended. */
  stop(): Promise<void>;
  stats(): PulseStats;
}

/** Figures of the loop since it was made. */
export interface PulseStats {
  readonly beats: number;
  /** Beats that were left out because the one before was still under way, or the machine slept. */
  readonly skipped: number;
  readonly failures: ReadonlyMap<string, number>;
  /** How long the last beat took, seconds. */
  readonly lastDurationSeconds: number;
}

/**
 * Runs `steps` at every wall-clock multiple of `intervalMs`, so that the samples of several servers meet on one grid. A
 * step that fails is counted, said once until it works again, and costs no other step.
 */
export function createPulse({
  clock,
  log,
  intervalMs,
  steps,
}: {
  clock: Clock;
  log: Log;
  intervalMs: number;
  steps: readonly PulseStep[];
}): Pulse {
  const failures = new Map<string, number>();
  const failing = new Set<string>();
  const state = { beats: 0, skipped: 0, lastDurationSeconds: 0, lastMs: Number.NaN };

  const runStep = async ({ name, run }: PulseStep, tMs: number): Promise<void> => {
    try {
      await run(tMs);
      if (failing.delete(name)) log.info({ step: name }, 'works again');
    } catch (error) {
      failures.set(name, (failures.get(name) ?? 0) + 1);
      if (!failing.has(name))
        log.warn({ step: name, err: error }, 'failed; said once until it works again');
      failing.add(name);
    }
  };

  const beat = async (tMs: number): Promise<void> => {
    const startedMs = clock.monotonicMs();
    const missed = Math.round((tMs - state.lastMs) / intervalMs) - 1;
    if (missed > 0) state.skipped += missed;
    state.lastMs = tMs;
    state.beats++;
    // oxlint-disable-next-line no-await-in-loop -- A step reads what the one before it wrote.
    for (const step of steps) await runStep(step, tMs);
    state.lastDurationSeconds = (clock.monotonicMs() - startedMs) / 1000;
  };

  const loop = createGridLoop({ clock, intervalMs, run: beat });
  return {
    start: loop.start,
    stop: loop.stop,
    stats: () => ({
      beats: state.beats,
      skipped: state.skipped,
      failures,
      lastDurationSeconds: state.lastDurationSeconds,
    }),
  };
}
