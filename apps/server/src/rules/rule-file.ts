import { type Label, parseDuration } from '@hubpulse/model';
import { type Expr, formatLine, parse, PromqlError, typeOf } from '@hubpulse/promql';
import { quote } from '../startup-error.ts';
import { type RecordingRule, type Rule, type RuleGroup, ruleKey } from './rule.ts';
import { type YamlFault, YamlText, type YamlValue } from './yaml-text.ts';

/** A rule file that was read. */
export interface ParsedRuleFile {
  /** Only without faults are the groups whole. */
  readonly groups: readonly RuleGroup[];
  readonly faults: readonly YamlFault[];
  /** What is allowed and probably not meant. */
  readonly warnings: readonly string[];
}

/** How often a group is evaluated that does not say so: Prometheus users set 15 s most, its own default being a minute. */
const DEFAULT_INTERVAL_MS = 15_000;

/** A group that is evaluated more often than its samples come costs and gives nothing. */
const MIN_INTERVAL_MS = 1000;

/** What is wanted less than once a day is no rule; a timer of Node holds 24 days. */
const MAX_INTERVAL_MS = 86_400_000;

/** Kubernetes' large collections of rules come to a few hundred in a file. */
const MAX_RULES = 10_000;

const FILE_KEYS = ['groups'] as const;
const GROUP_KEYS = ['name', 'interval', 'query_offset', 'limit', 'labels', 'rules'] as const;
const RULE_KEYS = ['record', 'expr', 'labels'] as const;

/** Keys of alerting rules, which have a message of their own. */
const ALERT_KEYS = ['alert', 'for', 'keep_firing_for', 'annotations'] as const;

/** The names of Prometheus' data model. */
const METRIC_NAME_PATTERN = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME_PATTERN = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/**
 * Reads a rule file in Prometheus' format. Unknown keys, expressions that are no PromQL, names that are none and groups that
 * come twice are faults. Never throws.
 *
 * @param file The path that the groups carry.
 * @param intervalMs For groups that do not give their own.
 */
export function parseRuleFile(
  text: string,
  file: string,
  intervalMs: number = DEFAULT_INTERVAL_MS,
): ParsedRuleFile {
  const yaml = new YamlText(text);
  if (yaml.faults.length > 0 || yaml.isNothing(yaml.root)) {
    return { groups: [], faults: yaml.faults, warnings: [] };
  }
  const groups = new RuleFileReader(yaml, { file, intervalMs }).groups();
  return { groups, faults: yaml.faults, warnings: warningsOf(groups) };
}

class RuleFileReader {
  readonly #yaml: YamlText;
  readonly #file: string;
  readonly #intervalMs: number;
  #rules = 0;

  constructor(yaml: YamlText, { file, intervalMs }: { file: string; intervalMs: number }) {
    this.#yaml = yaml;
    this.#file = file;
    this.#intervalMs = intervalMs;
  }

  groups(): RuleGroup[] {
    const fields = this.#yaml.fieldsOf(this.#yaml.root, FILE_KEYS);
    const names = new Set<string>();
    return this.#yaml.itemsOf(fields?.get('groups')).flatMap((item) => {
      const group = this.#group(item);
      if (group === undefined) return [];
      if (names.has(group.name)) {
        this.#yaml.refuse(item, `a second group ${quote(group.name)}`, 'each name once in a file');
      }
      names.add(group.name);
      return [group];
    });
  }

  #group(item: YamlValue): RuleGroup | undefined {
    const yaml = this.#yaml;
    const fields = yaml.fieldsOf(item, GROUP_KEYS);
    if (fields === undefined) return undefined;
    const name = this.#text(fields.get('name'));
    if (name === '') yaml.refuse(item, 'a group without a name', 'name: …');
    const labels = this.#labels(fields.get('labels'));
    const limit = fields.get('limit');
    return {
      name,
      file: this.#file,
      intervalMs: this.#interval(fields.get('interval')),
      queryOffsetMs: this.#duration(fields.get('query_offset')) ?? 0,
      limit: limit === undefined || yaml.isNothing(limit) ? 0 : (yaml.countOf(limit) ?? 0),
      rules: yaml.itemsOf(fields.get('rules')).flatMap((rule) => this.#rule(rule, labels)),
    };
  }

  #rule(item: YamlValue, groupLabels: readonly Label[]): Rule[] {
    const yaml = this.#yaml;
    this.#rules++;
    if (this.#rules > MAX_RULES) {
      if (this.#rules === MAX_RULES + 1) {
        yaml.refuse(item, `more than ${MAX_RULES} rules`, 'fewer; make several files');
      }
      return [];
    }
    const fields = yaml.fieldsOf(item, [...RULE_KEYS, ...ALERT_KEYS], RULE_KEYS);
    if (fields === undefined || this.#refuseAlert(fields)) return [];
    const name = this.#recordName(item, fields.get('record'));
    const expr = this.#expr(item, fields.get('expr'));
    const labels = mergeLabels(groupLabels, this.#labels(fields.get('labels')));
    if (name === undefined || expr === undefined) return [];
    return [
      { kind: 'record', name, expr, query: formatLine(expr), labels } satisfies RecordingRule,
    ];
  }

  /** Whether the rule has what only alerts have. */
  #refuseAlert(fields: ReadonlyMap<string, YamlValue>): boolean {
    const key = ALERT_KEYS.find((name) => fields.has(name));
    const value = key === undefined ? undefined : fields.get(key);
    if (value === undefined) return false;
    const want = 'recording rules (record, expr, labels): alerting rules are not evaluated yet';
    this.#yaml.refuse(value, `the key ${quote(key)} of an alerting rule`, want);
    return true;
  }

  #recordName(item: YamlValue, value: YamlValue | undefined): string | undefined {
    const name = this.#text(value);
    if (METRIC_NAME_PATTERN.test(name)) return name;
    const want = 'a metric name: letters, digits, _ and :, no digit first';
    return this.#yaml.refuse(
      value ?? item,
      value === undefined ? 'a rule without record' : quote(name),
      want,
    );
  }

  #expr(item: YamlValue, value: YamlValue | undefined): Expr | undefined {
    const text = this.#text(value);
    if (value === undefined || text.trim() === '') {
      return this.#yaml.refuse(value ?? item, 'a rule without expr', 'expr: a PromQL expression');
    }
    try {
      const expr = parse(text);
      const type = typeOf(expr);
      if (type === 'vector' || type === 'scalar') return expr;
      const got = type === 'matrix' ? 'range vector' : type;
      return this.#yaml.refuse(value, `a ${got}`, 'an instant vector or a scalar');
    } catch (error) {
      if (!(error instanceof PromqlError)) throw error;
      return this.#yaml.refuse(value, `${quote(text.trim())} (${error.message})`, 'PromQL');
    }
  }

  #labels(value: YamlValue | undefined): Label[] {
    if (value === undefined || this.#yaml.isNothing(value)) return [];
    return [...(this.#yaml.fieldsOf(value) ?? [])].flatMap(([name, field]) => {
      const text = this.#yaml.textOf(field);
      if (!LABEL_NAME_PATTERN.test(name) || name === '__name__') {
        const want = 'a label name: letters, digits and _, no digit first, not __name__';
        this.#yaml.refuse(field, quote(name), want);
        return [];
      }
      return text === undefined ? [] : [[name, text] as const];
    });
  }

  #interval(value: YamlValue | undefined): number {
    const intervalMs = this.#duration(value) ?? 0;
    if (value === undefined || intervalMs === 0) return this.#intervalMs;
    if (intervalMs < MIN_INTERVAL_MS || intervalMs > MAX_INTERVAL_MS) {
      this.#yaml.refuse(value, this.#yaml.describe(value), 'an interval from 1s to 1d');
    }
    return intervalMs;
  }

  /** Milliseconds; `undefined` where nothing is written or what is written is none. */
  #duration(value: YamlValue | undefined): number | undefined {
    const text = this.#text(value);
    if (value === undefined || text === '') return undefined;
    const durationMs = text === '0' ? 0 : parseDuration(text);
    if (durationMs !== undefined && durationMs <= MAX_INTERVAL_MS) return durationMs;
    const want = 'a duration such as 30s or 1m30s, at most 1d';
    return this.#yaml.refuse(value, this.#yaml.describe(value), want);
  }

  #text(value: YamlValue | undefined): string {
    return value === undefined ? '' : (this.#yaml.textOf(value) ?? '');
  }
}

/** Labels of a rule win over those of its group. */
function mergeLabels(group: readonly Label[], rule: readonly Label[]): Label[] {
  return [...new Map([...group, ...rule])];
}

/** Two rules that record the same name and labels may write the same series: allowed as in Prometheus, seldom meant. */
function warningsOf(groups: readonly RuleGroup[]): string[] {
  const seen = new Set<string>();
  return groups.flatMap(({ name, rules }) =>
    rules.flatMap((rule) => {
      const key = ruleKey(rule);
      const isSecond = seen.has(key);
      seen.add(key);
      return isSecond
        ? [`group ${quote(name)}: ${rule.name} is recorded twice with the same labels`]
        : [];
    }),
  );
}

/** A fault on one line: `rules.yaml:3:5: groups[0].name: got …; want …`. */
export function formatFault(file: string, { line, column, path, message }: YamlFault): string {
  return `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`;
}
