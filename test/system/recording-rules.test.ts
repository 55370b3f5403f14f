import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findPeer } from '../../scripts/peers.mjs';
import { eventually } from '../harness/eventually.ts';
import { runHubpulse, startHubpulse, temporaryDirectory } from '../harness/hubpulse-process.ts';
import { startPrometheus } from '../harness/prometheus-process.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;

beforeEach(async () => {
  directory = await temporaryDirectory();
});

afterEach(() => directory.remove());

const path = (name: string): string => join(directory.path, name);

const group = (rules: string, rest = ''): string =>
  `groups:\n  - name: mine\n    interval: 1s\n${rest}    rules:\n${rules}`;

const rule = (record: string, expr: string, rest = ''): string =>
  `      - record: ${record}\n        expr: ${expr}\n${rest}`;

interface RulesAnswer {
  readonly groups: readonly {
    readonly name: string;
    readonly file: string;
    readonly rules: readonly Readonly<Record<string, unknown>>[];
  }[];
}

const rulesOf = async (url: string, query = ''): Promise<RulesAnswer> => {
  const answer = await fetch(`${url}/api/v1/rules?${query}`);
  return ((await answer.json()) as { data: RulesAnswer }).data;
};

const valueOf = async (url: string, query: string): Promise<string | undefined> => {
  const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
  const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
  return data.result[0]?.value[1];
};

describe('a server with a rule file', () => {
  const start = () =>
    startHubpulse(directory.path, {
      HUBPULSE_AGENT_INTERVAL_MS: '1000',
      HUBPULSE_RULE_FILES: path('rules*.yaml'),
    });

  test('records what the rules say, follows changes, and survives a mistake', async () => {
    await writeFile(
      path('rules.yaml'),
      group(
        rule('cpu:count', 'system_cpu_logical_count * 0 + 41') + rule('answer', 'cpu:count + 1'),
      ),
    );
    const server = await start();
    await eventually('a result', async () => (await valueOf(server.url, 'answer')) === '42');
    expect(await rulesOf(server.url, 'rule_group[]=mine')).toMatchObject({
      groups: [
        {
          file: path('rules.yaml'),
          rules: [
            { name: 'cpu:count', health: 'ok' },
            { name: 'answer', query: 'cpu:count + 1' },
          ],
        },
      ],
    });

    await writeFile(path('rules.yaml'), group(rule('answer', 'cpu:count +')));
    const broken = await eventually('the fault', async () => {
      const { groups } = await rulesOf(server.url, 'rule_name[]=answer');
      return groups[0]?.rules.find(({ health }) => health === 'err');
    });
    expect(broken['lastError']).toMatch(
      /rules\.yaml:6:15: groups\[0\]\.rules\[0\]\.expr: got "cpu:count \+"/,
    );
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain('hubpulse_rule_files_broken 1\n');

    await writeFile(path('rules.yaml'), group(rule('answer', '43')));
    await eventually('the new result', async () => (await valueOf(server.url, 'answer')) === '43');
    await eventually('the end of the rule that went', async () => {
      return (await valueOf(server.url, 'cpu:count')) === undefined;
    });
    const { code, stderr } = await server.stop();
    expect(code).toBe(0);
    expect(stderr).toContain('The rules from before go on.');
  });

  test('starts with a file that is not valid, says so, and has its signals', async () => {
    await writeFile(path('rules.yaml'), 'groups: [{ nam: a }]');
    const server = await start();
    await eventually(
      'a signal',
      async () => (await valueOf(server.url, 'memory_usage')) !== undefined,
    );
    const { groups } = await rulesOf(server.url);
    expect(groups.map(({ name }) => name)).toEqual(['hubpulse']);
    const { stderr } = await server.stop();
    expect(stderr).toContain('got the unknown key');
  });
});

const promtool = findPeer('promtool');

describe.skipIf(promtool === undefined)(
  'rules check and promtool (skipped where promtool is missing)',
  () => {
    const flow = (text: string): string => `groups: [{ name: a, rules: [{ ${text} }] }]`;

    test.each([
      ['nothing', '', true],
      ['no groups', 'groups: []', true],
      ['a group without rules', 'groups: [{ name: a }]', true],
      [
        'a rule',
        group(rule('job:up:sum', 'sum by (job) (up)', '        labels: { a: b }\n')),
        true,
      ],
      ['a number as expression', flow('record: x, expr: 5'), true],
      [
        'labels that are no texts',
        flow('record: x, expr: up, labels: { a: 1, b: true, c: }'),
        true,
      ],
      [
        'an expression over lines',
        group(rule('x', '|\n          sum(\n            up\n          )')),
        true,
      ],
      [
        'empty fields',
        'groups: [{ name: a, interval: , rules: [{ record: x, expr: up, labels: }] }]',
        true,
      ],
      ['a limit', 'groups: [{ name: a, limit: 5, interval: 1m30s }]', true],
      ['the same rule twice', group(rule('x', 'up') + rule('x', 'down')), true],
      [
        'aliases',
        'groups: [{ name: a, rules: &r [{ record: x, expr: up }] }, { name: b, rules: *r }]',
        true,
      ],
      ['an unknown key at the top', 'rules: []', false],
      ['an unknown key of a group', 'groups: [{ name: a, intervall: 5s }]', false],
      ['an unknown key of a rule', flow('record: x, exp: up'), false],
      ['a key twice', 'groups:\n- name: a\n  name: b', false],
      ['a group twice', 'groups: [{ name: a }, { name: a }]', false],
      ['a group without a name', 'groups: [{ rules: [] }]', false],
      ['a rule without a name', flow('expr: up'), false],
      ['a rule without an expression', flow('record: x'), false],
      ['a bad metric name', flow('record: "x-y", expr: up'), false],
      ['a bad label name', flow('record: x, expr: up, labels: { a-b: c }'), false],
      ['the name as a label', flow('record: x, expr: up, labels: { __name__: y }'), false],
      ['no PromQL', flow('record: x, expr: "sum(up"'), false],
      ['an unknown function', flow('record: x, expr: "sums(up)"'), false],
      ['a wrong type', flow('record: x, expr: "rate(up)"'), false],
      ['an interval without a unit', 'groups: [{ name: a, interval: 15 }]', false],
      ['an interval of wrong units', 'groups: [{ name: a, interval: 1s1h }]', false],
      ['a limit that is a text', 'groups: [{ name: a, limit: "5" }]', false],
      ['a duration for a recording rule', flow('record: x, expr: up, for: 5m'), false],
      [
        'an annotation for a recording rule',
        flow('record: x, expr: up, annotations: { a: b }'),
        false,
      ],
      ['record and alert', flow('record: x, alert: y, expr: up'), false],
      ['no YAML', 'groups: [', false],
    ])('agree on %s', async (_, text, isValid) => {
      await writeFile(path('rules.yaml'), text);
      const theirs = spawnSync(promtool ?? '', ['check', 'rules', path('rules.yaml')]);
      const ours = await runHubpulse(['rules', 'check', 'rules.yaml'], {}, directory.path);
      expect({ ours: ours.code, theirs: theirs.status }).toEqual({
        ours: isValid ? 0 : 1,
        theirs: isValid ? 0 : 1,
      });
    });
  },
);

const prometheus = findPeer('prometheus');

/** An answer with what differs from run to run replaced by its type. */
const shapeOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map((item) => shapeOf(item));
  if (typeof value !== 'object' || value === null) return value;
  const changing = new Set(['evaluationTime', 'lastEvaluation', 'file']);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      changing.has(key) ? typeof inner : shapeOf(inner),
    ]),
  );
};

describe.skipIf(prometheus === undefined)(
  'rules beside Prometheus (skipped where it is missing)',
  () => {
    test('are listed alike, and give the same', async () => {
      const text = group(
        rule('one', 'vector(1) + 1') +
          rule('two', 'one * 21', '        labels: { b: c, a: d }\n') +
          rule('bad', 'label_replace(one, "a", "b", "", "") or one or two'),
        '    limit: 2\n',
      );
      await writeFile(path('rules.yaml'), text);
      const [server, peer] = await Promise.all([
        startHubpulse(directory.path, {
          HUBPULSE_RULE_FILES: path('rules.yaml'),
          HUBPULSE_BUILTIN_RULES: 'false',
        }),
        startPrometheus(prometheus ?? '', directory.path, {
          config: `rule_files: [${path('rules.yaml')}]\n`,
        }),
      ]);
      try {
        // Both evaluate each second, at moments of their own: what they say settles within a few rounds.
        const alike = <T>(what: string, ask: (url: string) => Promise<T>): Promise<T> =>
          eventually(`the same ${what}`, async () => {
            const [ours, theirs] = await Promise.all([server.url, peer.url].map(ask));
            return isDeepStrictEqual(ours, theirs) && ours !== undefined ? ours : undefined;
          }) as Promise<T>;
        const shape = await alike('rules', async (url) => {
          const answer = await rulesOf(url, 'type=record');
          const isDone = answer.groups[0]?.rules.every(({ health }) => health !== 'unknown');
          return isDone === true ? shapeOf(answer) : undefined;
        });
        expect(JSON.stringify(shape)).toContain('"health":"err"');
        for (const query of ['one', 'two{a="d",b="c"}', 'count(bad) or vector(0)']) {
          // oxlint-disable-next-line no-await-in-loop -- One question after another is easier to follow.
          await alike(query, (url) => valueOf(url, query));
        }
      } finally {
        await Promise.all([server.stop(), peer.stop()]);
      }
    });
  },
);

const nodeExporter = findPeer('prometheus-node-exporter');

/** Starts a real node_exporter on a free port. */
async function startNodeExporter(): Promise<{ address: string; stop(): Promise<void> }> {
  const child = spawn(nodeExporter ?? '', ['--web.listen-address=127.0.0.1:0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const address = await eventually('an exporter that listens', async () => {
    return /msg="Listening on" address=(\S+)/.exec(said)?.[1];
  });
  return {
    address,
    stop: async () => {
      const ended = once(child, 'close');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

describe.skipIf(nodeExporter === undefined)(
  'the built-in rules (skipped where node_exporter is missing)',
  () => {
    test('know a host by its node_exporter, as the agent knows it', async () => {
      const exporter = await startNodeExporter();
      const config = join(directory.path, 'hubpulse.yaml');
      await writeFile(
        config,
        `
scrape_configs:
  - job_name: node
    scrape_interval: 1s
    static_configs: [{ targets: ['${exporter.address}'] }]
`,
      );
      const server = await startHubpulse(join(directory.path, 'data'), {
        HUBPULSE_AGENT_INTERVAL_MS: '0',
        HUBPULSE_CONFIG: config,
      });
      try {
        const ofHost = `{host_name="${hostname()}"}`;
        const percent = (name: string) =>
          eventually(`a ${name}`, async () => valueOf(server.url, name + ofHost), 60_000);
        for (const name of ['memory_usage', 'disk_usage', 'cpu_usage']) {
          // oxlint-disable-next-line no-await-in-loop -- The later ones are there when the first is.
          const value = Number(await percent(name));
          expect(value, name).toBeGreaterThanOrEqual(0);
          expect(value, name).toBeLessThanOrEqual(100);
        }
        const { groups } = await rulesOf(server.url);
        expect(groups[0]?.rules.map(({ name, lastError }) => [name, lastError])).toEqual(
          groups[0]?.rules.map(({ name }) => [name, undefined]),
        );
      } finally {
        await Promise.all([server.stop(), exporter.stop()]);
      }
    });
  },
);
