import { childrenOf, type Expr, formatLine, rewrite } from '@hubpulse/promql';
import type { Rule } from './rule.ts';

/** An expression that several rules of a group have in common, or one has twice. */
export interface SharedPart {
  /** Its text. */
  readonly key: string;
  readonly expr: Expr;
}

/** A rule as it is evaluated. */
export interface PlannedRule {
  readonly rule: Rule;
  /** The rule's expression, with a selector of `SHARED_LABEL` in the place of each shared part. */
  readonly expr: Expr;
  /** The shared parts that the expression selects. */
  readonly parts: readonly SharedPart[];
}

/** The label by which a planned expression selects a shared part. No sender can use it: it is asked for, never stored. */
export const SHARED_LABEL = '__shared_part__';

/**
 * Plans the rules of a group so that an aggregation that stands in several places is evaluated once: what goes in is usually
 * large, and what comes out small.
 *
 * A part is shared only where it means the same everywhere: it selects by name alone, and no name that the group records,
 * since a later rule sees what an earlier one gave.
 */
export function planRules(rules: readonly Rule[]): PlannedRule[] {
  const recorded = new Set(rules.map(({ name }) => name));
  const counts = new Map<string, number>();
  for (const { expr } of rules) {
    rewrite(expr, (part) => {
      if (part.kind === 'aggregation' && isSteady(part, recorded)) {
        const key = formatLine(part);
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      return undefined;
    });
  }
  return rules.map((rule) => planRule(rule, (key) => (counts.get(key) ?? 0) > 1));
}

function planRule(rule: Rule, isShared: (key: string) => boolean): PlannedRule {
  const parts = new Map<string, SharedPart>();
  const expr = rewrite(rule.expr, (part) => {
    if (part.kind !== 'aggregation') return undefined;
    const key = formatLine(part);
    if (!isShared(key)) return undefined;
    parts.set(key, { key, expr: part });
    return selectorOf(key, part);
  });
  return { rule, expr, parts: [...parts.values()] };
}

function selectorOf(key: string, { position }: Expr): Expr {
  return {
    kind: 'selector',
    name: undefined,
    matchers: [{ name: SHARED_LABEL, op: '=', value: key }],
    offsetMs: 0,
    at: undefined,
    position,
  };
}

/** Whether the expression gives the same all through an evaluation of the group. */
function isSteady(expr: Expr, recorded: ReadonlySet<string>): boolean {
  if (expr.kind === 'selector') return expr.name !== undefined && !recorded.has(expr.name);
  return childrenOf(expr).every((child) => isSteady(child, recorded));
}
