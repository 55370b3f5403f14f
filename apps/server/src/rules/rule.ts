import type { Label } from '@hubpulse/model';
import type { Expr } from '@hubpulse/promql';

/** A rule that records what its expression gives as series of a name of their own. */
export interface RecordingRule {
  readonly kind: 'record';
  /** The metric's name of the results. */
  readonly name: string;
  readonly expr: Expr;
  /** The expression as text on one line. */
  readonly query: string;
  /** What the results carry besides, those of the group included. */
  readonly labels: readonly Label[];
}

/** What a group evaluates. Kinds are told apart by `kind`. */
export type Rule = RecordingRule;

/** Rules that are evaluated together and one after another, so that a later one sees what an earlier one gave. */
export interface RuleGroup {
  /** Unique within its file. */
  readonly name: string;
  /** The path of the file; what is built in has a name in parentheses. */
  readonly file: string;
  /** Milliseconds between two evaluations. */
  readonly intervalMs: number;
  /** How far before the time of an evaluation its expressions look, and its results stand, in milliseconds. */
  readonly queryOffsetMs: number;
  /** The most series that one rule may give; 0 is no limit. */
  readonly limit: number;
  readonly rules: readonly Rule[];
}

/** The name of a group among all files. */
export function groupKey({ file, name }: Pick<RuleGroup, 'file' | 'name'>): string {
  return `${file};${name}`;
}

/** Equal for rules that record the same series in the same way, whatever their expressions. */
export function ruleKey({ kind, name, labels }: Rule): string {
  return JSON.stringify([kind, name, labels]);
}

/** Equal for groups that do the same. */
export function groupFingerprint(group: RuleGroup): string {
  return JSON.stringify({
    ...group,
    rules: group.rules.map((rule) => [ruleKey(rule), rule.query]),
  });
}
