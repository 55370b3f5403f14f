import { expect, test } from 'vitest';
import { createRig, groupOf, T_MS } from '../../rules/rules.test-rig.ts';
import { GroupRun } from '../../rules/group-run.ts';
import { rulesJson } from './rules-json.ts';

const rig = createRig();
const runOf = (name: string, rules: string, rest = ''): GroupRun => {
  const group = groupOf(`groups: [{ name: ${name}, ${rest} rules: [${rules}] }]`);
  return new GroupRun({ ...group, file: `${name}.yaml` }, { ...rig.parts, ruleTimeoutMs: 1000 });
};

const evaluated = runOf(
  'a',
  '{ record: x, expr: sum(up)by(job) }, { record: y, expr: 1, labels: { b: c, a: d } }',
  'interval: 1m30s, limit: 3,',
);
await evaluated.evaluate(T_MS);
const waiting = runOf('b', '{ record: x, expr: up }');
const status = evaluated.status();
const GROUPS = [status, waiting.status()];

const listed = (query: string): unknown =>
  JSON.parse(rulesJson(GROUPS, new URLSearchParams(query)));

const NEVER = '0001-01-01T00:00:00Z';

test('rules are listed as Prometheus lists them', () => {
  expect(listed('')).toEqual({
    groups: [
      {
        name: 'a',
        file: 'a.yaml',
        interval: 90,
        limit: 3,
        evaluationTime: status.durationSeconds,
        lastEvaluation: '2027-01-15T08:00:00.000Z',
        rules: [
          {
            name: 'x',
            query: 'sum by (job) (up)',
            health: 'ok',
            evaluationTime: 0,
            lastEvaluation: '2027-01-15T08:00:00.000Z',
            type: 'recording',
          },
          expect.objectContaining({ name: 'y', query: '1', labels: { a: 'd', b: 'c' } }),
        ],
      },
      {
        name: 'b',
        file: 'b.yaml',
        interval: 15,
        limit: 0,
        evaluationTime: 0,
        lastEvaluation: NEVER,
        rules: [
          {
            name: 'x',
            query: 'up',
            health: 'unknown',
            evaluationTime: 0,
            lastEvaluation: NEVER,
            type: 'recording',
          },
        ],
      },
    ],
  });
});

test('a rule that failed says why', async () => {
  const failing = runOf(
    'c',
    "{ record: x, expr: \"vector(1) or label_replace(vector(1), 'a', 'b', '', '')\" }",
    'limit: 1,',
  );
  await failing.evaluate(T_MS);
  expect(JSON.parse(rulesJson([failing.status()], new URLSearchParams()))).toMatchObject({
    groups: [{ rules: [{ health: 'err', lastError: 'exceeded limit of 1 with 2 series' }] }],
  });
});

test.each([
  ['type=record', ['a.x', 'a.y', 'b.x']],
  ['type=alert', []],
  ['rule_name[]=x', ['a.x', 'b.x']],
  ['rule_name[]=y&rule_name[]=z', ['a.y']],
  ['rule_group[]=b', ['b.x']],
  ['file[]=a.yaml&rule_name[]=x', ['a.x']],
  ['file[]=none', []],
])('%s leaves %j', (query, want) => {
  const { groups } = listed(query) as { groups: { name: string; rules: { name: string }[] }[] };
  expect(groups.flatMap(({ name, rules }) => rules.map((rule) => `${name}.${rule.name}`))).toEqual(
    want,
  );
  expect(groups.every(({ rules }) => rules.length > 0)).toBe(true);
});

test('an unknown type is refused', () => {
  expect(() => listed('type=alerts')).toThrow(
    'invalid parameter "type": not supported value "alerts"',
  );
});
