import type { Clock } from '../clock.ts';
import type { RuleGroup } from './rule.ts';
import { groupKey } from './rule.ts';

/** Evaluates one group at its interval. */
export interface GroupLoop {
  start(): void;
  /** No further evaluation begins; resolves when the one under way has ended. */
  stop(): Promise<void>;
  /** Resolves when no evaluation is under way. */
  idle(): Promise<void>;
}

/**
 * Calls `evaluate` at every wall-clock multiple of the group's interval plus an offset that its name gives, so that groups do
 * not all work at once, and each at the same times after a restart. An evaluation that is under way is not overtaken.
 */
export function createGroupLoop({
  clock,
  group,
  evaluate,
}: {
  clock: Clock;
  group: RuleGroup;
  evaluate: (tMs: number) => Promise<void>;
}): GroupLoop {
  const { intervalMs } = group;
  const offsetMs = hash(groupKey(group)) % intervalMs;
  const state = { stopped: true, lastMs: Number.NaN };
  let cancel = (): void => {};
  let underWay: Promise<void> = Promise.resolve();

  const tick = async (): Promise<void> => {
    // Timers come a little early or late.
    const tMs = Math.round((clock.nowMs() - offsetMs) / intervalMs) * intervalMs + offsetMs;
    if (tMs === state.lastMs) return;
    state.lastMs = tMs;
    await evaluate(tMs);
  };

  const scheduleNext = (): void => {
    if (state.stopped) return;
    const nowMs = clock.nowMs();
    const nextMs = (Math.floor((nowMs - offsetMs) / intervalMs) + 1) * intervalMs + offsetMs;
    cancel = clock.schedule(() => {
      underWay = tick().finally(scheduleNext);
    }, nextMs - nowMs);
  };

  return {
    start() {
      if (!state.stopped) return;
      state.stopped = false;
      scheduleNext();
    },
    async stop() {
      state.stopped = true;
      cancel();
      await underWay;
    },
    idle: () => underWay,
  };
}

/** FNV-1a, 32 bits: spreads names evenly. Source: http://www.isthe.com/chongo/tech/comp/fnv */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0;
  }
  return value;
}
