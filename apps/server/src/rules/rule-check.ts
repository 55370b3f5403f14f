import { resolve } from 'node:path';
import { printable } from '../startup-error.ts';
import { formatFault, parseRuleFile } from './rule-file.ts';
import { readRuleFile } from './rule-file-list.ts';

/** What a check of rule files found. */
export interface RuleCheck {
  readonly isValid: boolean;
  /** A line for each fault and each warning, and one for each file that is valid. */
  readonly report: string;
}

/**
 * Checks rule files as a server would read them. Never rejects.
 *
 * @param files Paths as the user gave them; relative ones start at `cwd`.
 */
export async function checkRuleFiles(files: readonly string[], cwd: string): Promise<RuleCheck> {
  const checks = await Promise.all(files.map((file) => checkRuleFile(file, cwd)));
  return {
    isValid: checks.every(({ isValid }) => isValid),
    report: checks.map(({ report }) => report).join(''),
  };
}

async function checkRuleFile(file: string, cwd: string): Promise<RuleCheck> {
  let text: string;
  try {
    text = await readRuleFile(resolve(cwd, file));
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'an unknown failure';
    return { isValid: false, report: linesOf([`${file}: ${reason}`]) };
  }
  const { groups, faults, warnings } = parseRuleFile(text, file);
  if (faults.length > 0) {
    return { isValid: false, report: linesOf(faults.map((fault) => formatFault(file, fault))) };
  }
  const rules = groups.reduce((sum, group) => sum + group.rules.length, 0);
  const found = `${file}: valid; ${rules} rules in ${groups.length} groups`;
  const warned = warnings.map((warning) => `${file}: warning: ${warning}`);
  return { isValid: true, report: linesOf([...warned, found]) };
}

function linesOf(lines: readonly string[]): string {
  return lines.map((line) => `${printable(line)}\n`).join('');
}
