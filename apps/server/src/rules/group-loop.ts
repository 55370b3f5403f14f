import type { Clock } from '../clock.ts';
import { createGridLoop, type GridLoop } from '../grid-loop.ts';
import type { RuleGroup } from './rule.ts';
import { groupKey } from './rule.ts';

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
}): GridLoop {
  const { intervalMs } = group;
  const offsetMs = hash(groupKey(group)) % intervalMs;
  return createGridLoop({ clock, intervalMs, offsetMs, run: evaluate });
}

/** FNV-1a, 32 bits: spreads names evenly. Source: http://www.isthe.com/chongo/tech/comp/fnv */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0;
  }
  return value;
}
