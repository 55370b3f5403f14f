/**
 * Runs scripts in the language of Prometheus' own PromQL tests: `npm run promqltest -- FILE…`. Prints what passed, failed
 * and was skipped, with the reasons; ends with 1 when something failed.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Outcome, runScript } from './promqltest/runner.ts';

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('got no file; want: npm run promqltest -- FILE…');
  process.exitCode = 2;
}

for (const file of files) {
  const outcomes = await runScript(await readFile(file, 'utf8'));
  report(basename(file), outcomes);
  if (outcomes.some(({ result }) => result === 'failed')) process.exitCode = 1;
}

function report(name: string, outcomes: readonly Outcome[]): void {
  const count = (result: Outcome['result']): number =>
    outcomes.filter((outcome) => outcome.result === result).length;
  console.log(
    `${name}: ${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`,
  );
  for (const { line, query, result, reason } of outcomes) {
    if (result === 'failed') console.log(`  failed, line ${line}: ${query}\n    ${reason}`);
  }
  const reasons = Map.groupBy(
    outcomes.filter(({ result }) => result === 'skipped'),
    ({ reason }) => reason,
  );
  for (const [reason, skipped] of reasons) console.log(`  skipped ${skipped.length}: ${reason}`);
}
