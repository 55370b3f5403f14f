import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatFault, parseRuleFile } from './rule-file.ts';

const faultsOf = (text: string): string[] =>
  parseRuleFile(text, 'r.yaml').faults.map((fault) => formatFault('r.yaml', fault));

const rule = (text: string): string => `groups: [{ name: a, rules: [${text}] }]`;

describe('a rule file', () => {
  test('gives its groups with their defaults', () => {
    const { groups, faults, warnings } = parseRuleFile(
      `
groups:
  - name: all
    interval: 1m30s
    query_offset: 10s
    limit: 7
    labels: { team: ai, tier: "1" }
    rules:
      - record: job:up:sum
        expr: sum(up)by(job)
        labels: { tier: 2, empty: }
  - name: few
    rules:
      - { record: one, expr: 1 }
  - name: none
`,
      '/etc/r.yaml',
    );
    expect([faults, warnings]).toEqual([[], []]);
    expect(groups).toMatchObject([
      {
        name: 'all',
        file: '/etc/r.yaml',
        intervalMs: 90_000,
        queryOffsetMs: 10_000,
        limit: 7,
        rules: [
          {
            kind: 'record',
            name: 'job:up:sum',
            query: 'sum by (job) (up)',
            labels: [
              ['team', 'ai'],
              ['tier', '2'],
              ['empty', ''],
            ],
          },
        ],
      },
      { name: 'few', intervalMs: 15_000, queryOffsetMs: 0, limit: 0, rules: [{ query: '1' }] },
      { name: 'none', rules: [] },
    ]);
  });

  test.each(['', '# nothing', 'groups:', 'groups: []', '{}', '---\n'])(
    'may be empty: %j',
    (text) => {
      expect(parseRuleFile(text, 'r.yaml')).toEqual({ groups: [], faults: [], warnings: [] });
    },
  );

  test('may use anchors and aliases', () => {
    const { groups, faults } = parseRuleFile(
      `
groups:
  - name: a
    rules: &rules
      - { record: x, expr: &e up }
      - { record: y, expr: *e }
  - { name: b, rules: *rules }
`,
      'r.yaml',
    );
    expect(faults).toEqual([]);
    expect(groups[1]?.rules.map(({ name, query }) => [name, query])).toEqual([
      ['x', 'up'],
      ['y', 'up'],
    ]);
  });

  test('is warned about rules that write the same series', () => {
    const twice =
      '{ record: x, expr: a }, { record: x, expr: b }, { record: x, expr: b, labels: { c: d } }';
    expect(parseRuleFile(rule(twice), 'r.yaml').warnings).toEqual([
      'group "a": x is recorded twice with the same labels',
    ]);
  });
});

describe('a mistake', () => {
  test.each([
    [
      'groups:\n  - nam: a',
      [
        'r.yaml:2:5: groups[0]: got the unknown key "nam"; want one of name, interval, query_offset, limit, labels, rules',
        'r.yaml:2:5: groups[0]: got a group without a name; want name: …',
      ],
    ],
    ['rules: []', ['r.yaml:1:1: got the unknown key "rules"; want one of groups']],
    ['- a', ['r.yaml:1:1: got a list; want a map ("key: value" lines)']],
    ['groups: { a: b }', ['r.yaml:1:9: groups: got a map; want a list ("- " lines)']],
    [
      'groups:\n- name: a\n  name: b',
      ['r.yaml:3:3: groups[0].name: got "name" for the second time; want each key once'],
    ],
    [
      'groups:\n- name: a\n- name: a',
      ['r.yaml:3:3: groups[1]: got a second group "a"; want each name once in a file'],
    ],
    [
      'groups: [{ name: a, interval: 15 }]',
      ['r.yaml:1:31: groups[0].interval: got 15; want a duration such as 30s or 1m30s, at most 1d'],
    ],
    [
      'groups: [{ name: a, interval: 10ms }]',
      ['r.yaml:1:31: groups[0].interval: got "10ms"; want an interval from 1s to 1d'],
    ],
    [
      'groups: [{ name: a, limit: -1 }]',
      ['r.yaml:1:28: groups[0].limit: got -1; want a whole number of 0 or more'],
    ],
    [
      rule('{ record: x, exp: up }'),
      [
        expect.stringMatching(/: got the unknown key "exp"; want one of record, expr, labels$/),
        expect.stringContaining('got a rule without expr'),
      ],
    ],
    [
      rule('{ expr: up }'),
      [
        'r.yaml:1:29: groups[0].rules[0]: got a rule without record; want a metric name: letters, digits, _ and :, no digit first',
      ],
    ],
    [
      rule('{ record: x }'),
      ['r.yaml:1:29: groups[0].rules[0]: got a rule without expr; want expr: a PromQL expression'],
    ],
    [
      rule('{ record: a-b, expr: up }'),
      [
        'r.yaml:1:39: groups[0].rules[0].record: got "a-b"; want a metric name: letters, digits, _ and :, no digit first',
      ],
    ],
    [
      rule('{ record: x, expr: "up[5m]" }'),
      [
        'r.yaml:1:48: groups[0].rules[0].expr: got a range vector; want an instant vector or a scalar',
      ],
    ],
    [
      rule('{ record: x, expr: "sum(" }'),
      [
        expect.stringMatching(
          /^r\.yaml:1:48: groups\[0\]\.rules\[0\]\.expr: got "sum\(" \(1:5: parse error: .+\); want PromQL$/,
        ),
      ],
    ],
    [
      rule('{ record: x, expr: up, labels: { a-b: c } }'),
      [
        'r.yaml:1:67: groups[0].rules[0].labels.a-b: got "a-b"; want a label name: letters, digits and _, no digit first, not __name__',
      ],
    ],
    [
      rule('{ record: x, expr: up, labels: { __name__: c } }'),
      [expect.stringContaining('got "__name__"; want a label name')],
    ],
    [
      rule('{ record: x, expr: up, labels: { a: [] } }'),
      ['r.yaml:1:65: groups[0].rules[0].labels.a: got a list; want a text'],
    ],
    [
      rule('{ record: x, expr: up, for: 5m }'),
      [
        'r.yaml:1:57: groups[0].rules[0].for: got the key "for" of an alerting rule; want recording rules (record, expr, labels): alerting rules are not evaluated yet',
      ],
    ],
    [
      rule('{ alert: x, expr: up }'),
      [expect.stringContaining('got the key "alert" of an alerting rule')],
    ],
    ['groups: [', [expect.stringMatching(/^r\.yaml:1:10: got a mistake \(.+\); want YAML$/)]],
    ['a: 1\n---\nb: 2', [expect.stringContaining('want YAML')]],
    [
      'groups: *x',
      ['r.yaml:1:9: groups: got the alias "x"; want one whose anchor (&) comes before it'],
    ],
  ])('in %j is told with its place', (text, want) => {
    expect(faultsOf(text)).toEqual(want);
  });
});

describe('a hostile file', () => {
  test('cannot blow up through aliases', () => {
    const layers = Array.from({ length: 30 }, (_, i) =>
      i === 0
        ? 'a0: &a0 [x]'
        : `a${i}: &a${i} [${Array(10)
            .fill(`*a${i - 1}`)
            .join(', ')}]`,
    );
    const [first] = faultsOf(`${layers.join('\n')}\ngroups: *a29`);
    expect(first).toContain('got the unknown key "a0"');
  });

  test('cannot repeat a list of rules without end', () => {
    const rules = Array(200).fill('      - { record: x, expr: up }').join('\n');
    const groups = Array.from({ length: 200 }, (_, i) => `  - { name: g${i}, rules: *r }`);
    const text = `groups:\n  - name: a\n    rules: &r\n${rules}\n${groups.join('\n')}`;
    expect(faultsOf(text)).toContainEqual(
      expect.stringMatching(/more than (?:100 uses of aliases|10000 rules)/),
    );
  });

  test('that refers to itself ends', () => {
    expect(faultsOf('groups: &a [*a]').length).toBeGreaterThan(0);
    expect(faultsOf('&a groups: [*a, *a]').length).toBeGreaterThan(0);
  });

  test('of brackets alone is a fault', () => {
    expect(faultsOf('['.repeat(5000)).length).toBeGreaterThan(0);
    expect(faultsOf(rule(`{ record: x, expr: "${'('.repeat(5000)}" }`))).toHaveLength(1);
  });

  test('of many mistakes tells a hundred', () => {
    expect(faultsOf(`groups:\n${'- b: c\n'.repeat(300)}`)).toHaveLength(100);
  });

  test('keeps a message on one line', () => {
    expect(faultsOf('groups: [{ "a\\nb\\e[2J": 1 }]')[0]).toContain('"a\\u{a}b\\u{1b}[2J"');
  });

  test('of any text gives groups or faults and does not throw', () => {
    const word = fc.constantFrom(
      ...[
        'groups:',
        '- ',
        'name: a',
        'rules:',
        'record: x',
        'expr: up',
        '\n',
        '  ',
        '{',
        '}',
        '[',
        ']',
      ],
      ...[
        '&a',
        '*a',
        '!!set',
        '? ',
        ': ',
        '|',
        '"',
        "'",
        '%YAML 9',
        '---',
        '<<: *a',
        '\t',
        '\0',
        ',',
      ],
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), (words) => {
        const { groups, faults } = parseRuleFile(words.join(''), 'r.yaml');
        expect(Array.isArray(groups) && Array.isArray(faults)).toBe(true);
      }),
    );
  });
});
