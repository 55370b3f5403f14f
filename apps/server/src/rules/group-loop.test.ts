import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createManualClock } from '../manual-clock.ts';
import { createGroupLoop } from './group-loop.ts';
import { groupOf, T_MS } from './rules.test-rig.ts';

const loopOf = (name: string, evaluate: (tMs: number) => Promise<void>, nowMs = T_MS) => {
  const clock = createManualClock(nowMs);
  const group = groupOf(
    `groups: [{ name: ${name}, interval: 10s, rules: [{ record: x, expr: 1 }] }]`,
  );
  return { clock, loop: createGroupLoop({ clock, group, evaluate }) };
};

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** The times at which a group of this name is evaluated within half a minute. */
const timesOf = async (name: string, nowMs?: number): Promise<number[]> => {
  const times: number[] = [];
  const { clock, loop } = loopOf(name, async (tMs) => void times.push(tMs), nowMs);
  loop.start();
  for (let second = 0; second < 30; second++) {
    clock.advance(1000);
    await turn();
  }
  await loop.stop();
  return times;
};

test('a group is evaluated at its interval, on a grid that a restart does not move', async () => {
  const [first = 0, ...rest] = await timesOf('a');
  expect(rest).toEqual([first + 10_000, first + 20_000]);
  const [later = 0] = await timesOf('a', T_MS + 123_456);
  expect((later - first) % 10_000).toBe(0);
});

test('groups are spread over the interval', async () => {
  const names = Array.from({ length: 40 }, (_, i) => `group${i}`);
  const firsts = await Promise.all(
    names.map(async (name) => ((await timesOf(name))[0] ?? 0) - T_MS),
  );
  for (const firstMs of firsts) expect(firstMs).toBeGreaterThanOrEqual(0);
  const thirds = Map.groupBy(firsts, (firstMs) => Math.floor(((firstMs % 10_000) / 10_000) * 3));
  for (const third of thirds.values()) expect(third.length).toBeGreaterThan(4);
  expect(thirds.size).toBe(3);
});

test('an evaluation under way is not overtaken', async () => {
  const times: number[] = [];
  let finish = (): void => {};
  const { clock, loop } = loopOf('a', (tMs) => {
    times.push(tMs);
    return new Promise((resolve) => (finish = resolve));
  });
  loop.start();
  clock.advance(35_000);
  await turn();
  expect(times).toHaveLength(1);
  finish();
  await turn();
  clock.advance(10_000);
  await turn();
  expect(times).toHaveLength(2);
  expect(((times[1] ?? 0) - (times[0] ?? 0)) / 10_000).toBeGreaterThanOrEqual(3);
  const stopped = loop.stop();
  finish();
  await stopped;
  clock.advance(60_000);
  expect(times).toHaveLength(2);
});

test('a tick is never evaluated twice, however early its timer comes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: -40, max: 40 }), { maxLength: 8 }),
      async (errors) => {
        const times: number[] = [];
        const { clock, loop } = loopOf('a', async (tMs) => void times.push(tMs));
        loop.start();
        for (const errorMs of errors) {
          clock.jumpTo(clock.nowMs() + errorMs);
          clock.advance(10_000);
          await turn();
        }
        await loop.stop();
        expect(new Set(times).size).toBe(times.length);
      },
    ),
  );
});
