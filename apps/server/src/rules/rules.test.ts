import { mkdtempSync, rmSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRig, T_MS } from './rules.test-rig.ts';
import { createRules, type Rules } from './rules.ts';

let folder = '';
let rules: Rules | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hubpulse-rules-'));
});

afterEach(async () => {
  await rules?.stop();
  rules = undefined;
  rmSync(folder, { recursive: true });
});

/** Rules over a host with half of its memory used, with the built-in ones each 5 s. */
const createWorld = async (builtinIntervalMs: number | undefined) => {
  const rig = createRig();
  const running = createRules({
    ...rig.parts,
    builtinIntervalMs,
    patterns: [join(folder, '*.yaml')],
  });
  rules = running;
  const used = {
    __name__: 'system_memory_utilization_ratio',
    system_memory_state: 'used',
    host_name: 'a',
  };
  await rig.write([[used, [0, 0.5]]]);
  return {
    rig,
    running,
    /** Moves the clock and lets what falls due end. */
    pass: async (seconds: number) => {
      for (let second = 0; second < seconds; second++) {
        rig.clock.advance(1000);
        // oxlint-disable-next-line no-await-in-loop -- Time passes second by second.
        await running.idle();
      }
    },
  };
};

const write = (name: string, text: string) => writeFile(join(folder, name), text);

/** `x ok` of each rule by the name of its group. */
const healthOf = (running: Rules) =>
  running.groups().map(({ group: { name }, rules: statuses }) => ({
    [name]: statuses.map(({ rule, health }) => `${rule.name} ${health}`).join(', '),
  }));

const group = (name: string, rule: string): string =>
  `groups: [{ name: ${name}, interval: 2s, rules: [${rule}] }]`;

test('groups of files are evaluated by their own clock, the built-in one when it is called', async () => {
  await write('a.yaml', group('mine', '{ record: x, expr: system_memory_utilization_ratio * 10 }'));
  const { rig, running, pass } = await createWorld(5000);
  await running.start();
  expect(healthOf(running)[1]).toEqual({ mine: 'x unknown' });
  await pass(4);
  expect(healthOf(running)[1]).toEqual({ mine: 'x ok' });
  expect(running.groups()[1]).toMatchObject({ evaluations: 2, failures: 0, missed: 0 });
  const [status] = running.groups()[1]?.rules ?? [];
  const series = 'x{host_name="a",system_memory_state="used"}';
  expect(await rig.at(status?.lastEvaluationMs ?? 0, 'x')).toEqual({ [series]: 5 });
  await running.evaluateBuiltin(T_MS + 5000);
  expect(await rig.at(T_MS + 5000, '.*_usage')).toEqual({ 'memory_usage{host_name="a"}': 50 });
});

test('a change of a file begins, changes and ends groups, and leaves the others undisturbed', async () => {
  await write('a.yaml', group('same', '{ record: x, expr: 1 }'));
  await write('b.yaml', group('other', '{ record: y, expr: 1 }, { record: z, expr: 1 }'));
  const { rig, running, pass } = await createWorld(undefined);
  await running.start();
  await pass(2);
  await write('b.yaml', group('other', '{ record: y, expr: 2 }'));
  await write('c.yaml', group('third', '{ record: w, expr: 3 }'));
  await pass(4);
  await pass(4);
  expect(healthOf(running)).toEqual([{ same: 'x ok' }, { other: 'y ok' }, { third: 'w ok' }]);
  const [same, other] = running.groups();
  expect(same?.evaluations).toBe(5);
  const lastMs = other?.lastEvaluationMs ?? 0;
  expect(await rig.at(lastMs, 'y|z')).toMatchObject({ y: 2 });
  const ended = await rig.store.select({
    matchers: [{ name: '__name__', op: '=', value: 'z' }],
    fromMs: T_MS,
    toMs: lastMs,
  });
  expect(ended[0]?.values.at(-1)).toBeNaN();

  await rm(join(folder, 'c.yaml'));
  await pass(4);
  expect(running.groups().map(({ group: { name } }) => name)).toEqual(['same', 'other']);
  expect(await rig.at(rig.clock.nowMs(), 'w')).toEqual({ w: 'stale' });
});

test('a file that is not valid any more marks its rules, which go on', async () => {
  await write('a.yaml', group('mine', '{ record: x, expr: 1 }'));
  const { running, pass } = await createWorld(undefined);
  await running.start();
  await write('a.yaml', group('mine', '{ record: x, expr: "1 +" }'));
  await pass(8);
  const [status] = running.groups();
  expect(status?.evaluations).toBe(4);
  expect(status?.rules[0]).toMatchObject({ health: 'err' });
  expect(status?.rules[0]?.lastError).toMatch(
    /^the rules from before run: .*a\.yaml:1:\d+: groups\[0\]\.rules\[0\]\.expr: got "1 \+"/,
  );
  expect(running.fileStats()).toMatchObject({ broken: 1 });
});

test('a rule of the user takes the place of the built-in one from the next evaluation on', async () => {
  const { rig, running, pass } = await createWorld(5000);
  await running.start();
  await running.evaluateBuiltin(T_MS);
  await write('a.yaml', group('mine', '{ record: memory_usage, expr: 7 }'));
  await pass(6);
  await running.evaluateBuiltin(T_MS + 10_000);
  expect(await rig.at(T_MS + 10_000, 'memory_usage')).toEqual({
    'memory_usage{host_name="a"}': 'stale',
  });
  const builtin = running.groups()[0]?.rules.map(({ rule }) => rule.name);
  expect(builtin).not.toContain('memory_usage');
  expect(builtin).toContain('cpu_usage');
  expect(rig.lines.join('')).toContain('Rules of a rule file take the place of built-in ones.');
});

test('without built-in rules only files count', async () => {
  const { rig, running } = await createWorld(undefined);
  await running.start();
  await running.evaluateBuiltin(T_MS);
  expect(running.groups()).toEqual([]);
  expect(await rig.at(T_MS, '.*_usage')).toEqual({});
});

test('after the end nothing is evaluated', async () => {
  await write('a.yaml', group('mine', '{ record: x, expr: 1 }'));
  const { rig, running, pass } = await createWorld(5000);
  await running.start();
  await running.stop();
  await pass(10);
  expect(rig.store.stats().appendedBatches).toBe(1);
});
