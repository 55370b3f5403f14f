import { PromqlError } from '@hubpulse/promql';
import type { GroupStatus, RuleStatus } from '../../rules/group-run.ts';

const MS_PER_SECOND = 1000;

/** Go's zero time, which Prometheus gives for what has not happened. */
const NEVER = '0001-01-01T00:00:00Z';

/** What `type` may be. */
const TYPES: ReadonlySet<string> = new Set(['', 'alert', 'record']);

/**
 * The `data` of `/api/v1/rules`: groups with their rules, filtered by `type`, `rule_name[]`, `rule_group[]` and `file[]`. A
 * group that has no rule left is left out.
 *
 * @throws PromqlError `bad_data` for an unknown type.
 */
export function rulesJson(groups: readonly GroupStatus[], parameters: URLSearchParams): string {
  const type = (parameters.get('type') ?? '').toLowerCase();
  if (!TYPES.has(type)) {
    throw new PromqlError(
      'bad_data',
      `invalid parameter "type": not supported value ${JSON.stringify(type.slice(0, 80))}`,
    );
  }
  const isNamed = filterOf(parameters, 'rule_name[]');
  const isOfGroup = filterOf(parameters, 'rule_group[]');
  const isOfFile = filterOf(parameters, 'file[]');
  const listed = groups
    .filter(({ group }) => isOfGroup(group.name) && isOfFile(group.file))
    .map((status) => ({
      status,
      rules: status.rules.filter(({ rule }) => type !== 'alert' && isNamed(rule.name)),
    }))
    .filter(({ rules }) => rules.length > 0)
    .map(({ status, rules }) => groupOf(status, rules));
  return JSON.stringify({ groups: listed });
}

/** Whether a value is among those that a parameter lists; all are when it lists none. */
function filterOf(parameters: URLSearchParams, name: string): (value: string) => boolean {
  const wanted = new Set(parameters.getAll(name));
  return (value) => wanted.size === 0 || wanted.has(value);
}

function groupOf({ group, ...status }: GroupStatus, rules: readonly RuleStatus[]): object {
  return {
    name: group.name,
    file: group.file,
    rules: rules.map((rule) => ruleOf(rule)),
    interval: group.intervalMs / MS_PER_SECOND,
    limit: group.limit,
    evaluationTime: status.durationSeconds,
    lastEvaluation: timeOf(status.lastEvaluationMs),
  };
}

function ruleOf({ rule, ...status }: RuleStatus): object {
  return {
    name: rule.name,
    query: rule.query,
    ...(rule.labels.length === 0 ? {} : { labels: Object.fromEntries(rule.labels) }),
    health: status.health,
    ...(status.lastError === '' ? {} : { lastError: status.lastError }),
    evaluationTime: status.durationSeconds,
    lastEvaluation: timeOf(status.lastEvaluationMs),
    type: 'recording',
  };
}

function timeOf(tMs: number | undefined): string {
  return tMs === undefined ? NEVER : new Date(tMs).toISOString();
}
