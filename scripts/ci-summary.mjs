import { describeCounts, totalOf } from './counts.mjs';
import { checkResultsFile, readJson, testResultsFile } from './project.mjs';

/**
 * The last line of `.ci/run`: the tests and the steps of the check, added up. The arguments are the exit codes of
 * `npm ci`, `npm test` and `npm run check`; one that is not 0 without a counted failure counts as a failure itself.
 */
const [ci, test, check] = process.argv.slice(2).map(Number);

const tests = totalOf(readJson(testResultsFile));
const steps = Object.values(readJson(checkResultsFile) ?? { check: false });
const failedSteps = steps.filter((passed) => !passed).length;

const total = {
  passed: tests.passed + steps.length - failedSteps,
  failed:
    (ci === 0 ? 0 : 1) +
    Math.max(tests.failed, test === 0 ? 0 : 1) +
    Math.max(failedSteps, check === 0 ? 0 : 1),
  skipped: tests.skipped,
};
console.log(describeCounts(total));
process.exitCode = total.failed === 0 ? 0 : 1;
