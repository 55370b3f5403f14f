import { createHash } from 'node:crypto';
import { compileGroups, expandReplacement, type GroupPattern } from '@hubpulse/model';
import type { RelabelAction, RelabelRule } from './scrape-job.ts';

/** Labels while rules change them; a name that is not there has the empty value. */
export type MutableLabels = Map<string, string>;

/** Applies rules in order. `false` says that the labels are dropped, and the rest of the rules was not applied. */
export type Relabel = (labels: MutableLabels) => boolean;

/** @throws PatternError when the pattern of a rule is none */
export function createRelabel(rules: readonly RelabelRule[]): Relabel {
  const steps = rules.map((rule) => {
    const pattern = compileGroups(rule.regex);
    const apply = ACTIONS[rule.action];
    return (labels: MutableLabels): boolean => apply({ rule, pattern, labels });
  });
  return (labels) => steps.every((step) => step(labels));
}

interface Step {
  readonly rule: RelabelRule;
  readonly pattern: GroupPattern;
  readonly labels: MutableLabels;
}

/** What each action does; `false` drops. */
const ACTIONS: Readonly<Record<RelabelAction, (step: Step) => boolean>> = {
  replace,
  keep: (step) => step.pattern.match(sourceValue(step)) !== undefined,
  drop: (step) => step.pattern.match(sourceValue(step)) === undefined,
  keepequal: (step) => targetValue(step) === sourceValue(step),
  dropequal: (step) => targetValue(step) !== sourceValue(step),
  hashmod: (step) => setTarget(step, hashModulo(sourceValue(step), step.rule.modulus)),
  lowercase: (step) => setTarget(step, sourceValue(step).toLowerCase()),
  uppercase: (step) => setTarget(step, sourceValue(step).toUpperCase()),
  labelmap: mapNames,
  labeldrop: ({ pattern, labels }) => {
    for (const name of [...labels.keys()]) if (pattern.match(name)) labels.delete(name);
    return true;
  },
  labelkeep: ({ pattern, labels }) => {
    for (const name of [...labels.keys()]) if (!pattern.match(name)) labels.delete(name);
    return true;
  },
};

function sourceValue({ rule, labels }: Step): string {
  return rule.sourceLabels.map((name) => labels.get(name) ?? '').join(rule.separator);
}

function targetValue({ rule, labels }: Step): string {
  return labels.get(rule.targetLabel) ?? '';
}

function setTarget({ rule, labels }: Step, value: string): true {
  return setLabel(labels, rule.targetLabel, value);
}

/** An empty value is no label. */
function setLabel(labels: MutableLabels, name: string, value: string): true {
  if (value === '') labels.delete(name);
  else labels.set(name, value);
  return true;
}

function replace(step: Step): true {
  const { rule, pattern, labels } = step;
  const groups = pattern.match(sourceValue(step));
  if (groups === undefined) return true;
  const target = expandReplacement(rule.targetLabel, groups, pattern.names);
  if (target === '') return true;
  return setLabel(labels, target, expandReplacement(rule.replacement, groups, pattern.names));
}

function mapNames({ rule, pattern, labels }: Step): true {
  for (const [name, value] of [...labels]) {
    const groups = pattern.match(name);
    if (groups === undefined) continue;
    const target = expandReplacement(rule.replacement, groups, pattern.names);
    if (target !== '') setLabel(labels, target, value);
  }
  return true;
}

/** The last eight bytes of the MD5 sum modulo a number, as Prometheus does it, so that shares of targets agree. */
function hashModulo(value: string, modulus: number): string {
  const sum = createHash('md5').update(value).digest();
  return String(sum.readBigUInt64BE(8) % BigInt(modulus));
}
