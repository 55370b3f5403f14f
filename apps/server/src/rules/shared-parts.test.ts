import { formatLine } from '@hubpulse/promql';
import { expect, test } from 'vitest';
import { createRig, groupOf, runOf, T_MS } from './rules.test-rig.ts';
import { planRules } from './shared-parts.ts';

const textOf = (...rules: [record: string, expr: string][]): string =>
  `groups: [{ name: g, interval: 5s, rules: [${rules
    .map(([record, expr]) => `{ record: ${record}, expr: ${JSON.stringify(expr)} }`)
    .join(', ')}] }]`;

const planOf = (...rules: [record: string, expr: string][]) =>
  planRules(groupOf(textOf(...rules)).rules).map(({ expr, parts }) => ({
    expr: formatLine(expr),
    parts: parts.map(({ key }) => key),
  }));

const shared = (key: string): string => `{__shared_part__=${JSON.stringify(key)}}`;

test('an aggregation that stands in several places is shared, the outermost only', () => {
  const part = 'sum by (a) (rate(b[1m]))';
  expect(planOf(['x', `max(${part}) + 1`], ['y', `2 * max( sum  by(a) (rate(b[60s])))`])).toEqual([
    { expr: `${shared(`max(${part})`)} + 1`, parts: [`max(${part})`] },
    { expr: `2 * ${shared(`max(${part})`)}`, parts: [`max(${part})`] },
  ]);
  expect(planOf(['x', `${part} / on () group_left () ${part}`])[0]?.parts).toEqual([part]);
});

test.each([
  ['stands once', [['x', 'sum(a)']]],
  ['differs', [['x', 'sum(a) + sum(a offset 1m)']]],
  [
    'selects what the group records',
    [
      ['a', 'sum(b)'],
      ['x', 'sum(a) + sum(a)'],
    ],
  ],
  ['selects by something else than a name', [['x', 'sum({job="a"}) + sum({job="a"})']]],
  ['is inside of a subquery', [['x', 'max_over_time(sum(a)[5m:]) + max_over_time(sum(a)[5m:])']]],
] as const)('an aggregation that %s is left alone', (_, rules) => {
  const plans = planOf(...rules.map(([record, expr]) => [record, expr] as [string, string]));
  expect(plans.flatMap(({ parts }) => parts)).toEqual([]);
});

test('rules give the same with shared parts as each alone', async () => {
  const rules: [string, string][] = [
    ['a', 'sum by (job) (up) / sum by (job) (up) + 1'],
    ['b', 'sum by (job) (up) or sum(up)'],
    ['c', 'max(sum by (job) (up)) - min(sum by (job) (up))'],
    ['d', 'sum by (job) (up) > 3 unless sum by (job) (missing)'],
    ['e', 'count_values("v", sum by (job) (up)) + on () group_left () sum(missing or up)'],
  ];
  const recordedBy = async (...texts: string[]) => {
    const rig = createRig();
    await rig.write(
      [1, 2, 3, 4].map((i) => [{ __name__: 'up', job: `j${i % 2}`, instance: `${i}` }, [0, i]]),
    );
    for (const text of texts) {
      const run = runOf(rig, text);
      // oxlint-disable-next-line no-await-in-loop -- One group after the other.
      await run.evaluate(T_MS);
      expect(run.status().rules.filter(({ health }) => health !== 'ok')).toEqual([]);
    }
    return rig.at(T_MS);
  };
  const together = await recordedBy(textOf(...rules));
  expect(together).toEqual(await recordedBy(...rules.map((rule) => textOf(rule))));
  expect(together['c']).toBe(2);
});

test('a shared part is evaluated once', async () => {
  const rig = createRig();
  await rig.write([[{ __name__: 'up' }, [0, 1]]]);
  const before = rig.store.stats().selectedSamples;
  await runOf(rig, textOf(['x', 'sum(up)'], ['y', 'sum(up) + sum(up)'])).evaluate(T_MS);
  expect(rig.store.stats().selectedSamples).toBe(before + 1);
  expect(await rig.at(T_MS, 'x|y')).toEqual({ x: 1, y: 2 });
});

test('a shared part that fails is the failure of each rule that has it', async () => {
  const rig = createRig();
  await rig.write([
    [{ __name__: 'up', job: 'a' }, [0, 1]],
    [{ __name__: 'up', job: 'b' }, [0, 1]],
  ]);
  const bad = 'sum(up + on () up)';
  const run = runOf(rig, textOf(['x', bad], ['y', `${bad} + 1`], ['z', 'sum(up)']));
  await run.evaluate(T_MS);
  expect(run.status().rules.map(({ health }) => health)).toEqual(['err', 'err', 'ok']);
});
