import { describe, expect, it } from 'vitest';
import { SteadyClock } from './steady-clock.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const T = Date.UTC(2026, 5, 15, 12);

describe('the clock that deletes', () => {
  it('is believed at once when it is near the newest sample, or there is none', () => {
    const start = { nowMs: T, monotonicMs: 7 };
    expect(new SteadyClock(start, T - DAY).believedMs).toBe(T);
    expect(new SteadyClock(start, T + 1000 * DAY).believedMs).toBe(T);
    expect(new SteadyClock(start, -Infinity).believedMs).toBe(T);
  });

  it('is believed after six steady hours when it starts far past the newest sample', () => {
    const clock = new SteadyClock({ nowMs: T, monotonicMs: 7 }, T - DAY - 1);
    expect(clock.believedMs).toBe(-Infinity);
    clock.tick({ nowMs: T + 6 * HOUR - 1, monotonicMs: 7 + 6 * HOUR - 1 });
    expect(clock.believedMs).toBe(-Infinity);
    clock.tick({ nowMs: T + 6 * HOUR, monotonicMs: 7 + 6 * HOUR });
    expect(clock.believedMs).toBe(T + 6 * HOUR);
  });

  it('is not believed after a jump, forward or back, until it has been steady again', () => {
    for (const jump of [365 * DAY, -2 * HOUR]) {
      const clock = new SteadyClock({ nowMs: T, monotonicMs: 0 }, T);
      clock.tick({ nowMs: T + 60_000 + jump, monotonicMs: 60_000 });
      expect(clock.believedMs).toBe(-Infinity);
      clock.tick({ nowMs: T + jump + 6 * HOUR, monotonicMs: 6 * HOUR });
      expect(clock.believedMs).toBe(-Infinity);
      clock.tick({ nowMs: T + jump + 7 * HOUR, monotonicMs: 7 * HOUR });
      expect(clock.believedMs).toBe(T + jump + 7 * HOUR);
    }
  });

  it('forgives what is set right within the hour', () => {
    const clock = new SteadyClock({ nowMs: T, monotonicMs: 0 }, T);
    clock.tick({ nowMs: T + HOUR, monotonicMs: 1000 });
    expect(clock.believedMs).toBe(T + HOUR);
  });
});
