import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { testResultsFile } from './project.mjs';

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 */

/**
 * @typedef {object} TestResults
 * @property {Record<string, Counts>} projects By name.
 * @property {number} errors Errors outside of any test; each fails the run.
 */

/**
 * A vitest reporter (vitest wants the default export) that writes how many tests of each project passed, failed and were skipped.
 */
export default class CountsReporter {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly unknown[]} errors
   */
  onTestRunEnd(modules, errors) {
    /** @type {TestResults} */
    const results = { projects: {}, errors: errors.length };
    for (const module of modules) {
      const counts = (results.projects[module.project.name] ??= {
        passed: 0,
        failed: 0,
        skipped: 0,
      });
      addModule(counts, module);
    }
    mkdirSync(dirname(testResultsFile), { recursive: true });
    writeFileSync(testResultsFile, `${JSON.stringify(results, undefined, 2)}\n`);
  }
}

/**
 * Adds a module's tests; a module that failed without a failed test (it did not load, a hook threw) counts as one
 * failure.
 *
 * @param {Counts} counts
 * @param {import('vitest/node').TestModule} module
 */
function addModule(counts, module) {
  const failedBefore = counts.failed;
  for (const test of module.children.allTests()) {
    const { state } = test.result();
    counts[state === 'pending' ? 'failed' : state] += 1;
  }
  if (module.state() === 'failed' && counts.failed === failedBefore) counts.failed += 1;
}
