import { expect, test } from 'vitest';
import type { Log } from './log.ts';
import { createManualClock } from './manual-clock.ts';
import { createPulse, type PulseStep } from './pulse.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

const started = (steps: PulseStep[], nowMs = 12_000) => {
  const clock = createManualClock(nowMs);
  const said: string[] = [];
  const say = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) =>
    said.push(`${level} ${String(fields['step'])}: ${message}`);
  const log: Log = {
    debug: say('debug'),
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
  };
  const pulse = createPulse({ clock, log, intervalMs: 5000, steps });
  pulse.start();
  const pass = async (byMs: number) => {
    clock.advance(byMs);
    await settled();
  };
  return { clock, pulse, said, pass };
};

test('beats fall on multiples of the interval', async () => {
  const beats: number[] = [];
  const { pass } = started([{ name: 'a', run: async (tMs) => void beats.push(tMs) }]);
  await pass(2999);
  expect(beats).toEqual([]);
  await pass(1);
  await pass(5000);
  expect(beats).toEqual([15_000, 20_000]);
});

test('steps run one after another', async () => {
  const order: string[] = [];
  const step = (name: string): PulseStep => ({
    name,
    run: async () => {
      order.push(`${name} begins`);
      await Promise.resolve();
      order.push(`${name} ends`);
    },
  });
  const { pass } = started([step('a'), step('b')]);
  await pass(3000);
  expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});

test('a failing step is counted, said once until it works, and costs no other step', async () => {
  let broken = true;
  let others = 0;
  const failing = {
    name: 'host',
    run: async () => {
      if (broken) throw new Error('no');
    },
  };
  const { pass, pulse, said } = started([failing, { name: 'own', run: async () => void others++ }]);
  await pass(3000);
  await pass(5000);
  expect(pulse.stats().failures.get('host')).toBe(2);
  expect(others).toBe(2);
  expect(said).toEqual(['warn host: failed; said once until it works again']);
  broken = false;
  await pass(5000);
  expect(said.at(-1)).toBe('info host: works again');
});

test('a beat that takes longer than the interval delays the next and is counted', async () => {
  let release = () => {};
  const beats: number[] = [];
  const slow = {
    name: 'slow',
    run: (tMs: number) => {
      beats.push(tMs);
      return new Promise<void>((resolve) => (release = resolve));
    },
  };
  const { pass, pulse } = started([slow]);
  await pass(3000);
  await pass(11_000);
  release();
  await settled();
  await pass(4000);
  expect(beats).toEqual([15_000, 30_000]);
  expect(pulse.stats().skipped).toBe(2);
});

test('the beats go on when the clock is set back', async () => {
  const beats: number[] = [];
  const { clock, pass, pulse } = started([{ name: 'a', run: async (tMs) => void beats.push(tMs) }]);
  await pass(3000);
  clock.jumpTo(3000);
  await pass(5000);
  await pass(5000);
  expect(beats[0]).toBe(15_000);
  expect(beats.slice(1).every((tMs) => tMs < 15_000)).toBe(true);
  expect(beats.length).toBeGreaterThan(1);
  expect(pulse.stats().skipped).toBe(0);
});

test('stop waits for the beat under way and begins no other', async () => {
  let release = () => {};
  let beats = 0;
  const { pass, pulse } = started([
    {
      name: 'a',
      run: () => {
        beats++;
        return new Promise<void>((resolve) => (release = resolve));
      },
    },
  ]);
  await pass(3000);
  let stopped = false;
  const stopping = pulse.stop().then(() => (stopped = true));
  await settled();
  expect(stopped).toBe(false);
  release();
  await stopping;
  await pass(20_000);
  expect(beats).toBe(1);
});
